"""The published measures of hands, by their names and in millimetres."""

from collections.abc import Sequence

import torch
from torch import Tensor

from ..utils.transfer import to_device
from .functional import (
    Points,
    align_points,
    f_score,
    joint_errors,
    pck_auc,
    point_distances,
)

MM_PER_M = 1000
# Forgiven alignment -> what stands before MPJPE and MPVPE.
_NAME_PREFIXES = dict(root='', scale='N-', procrustes='PA-')


def joint_metrics(
    joints: Points, target_joints: Points, auc_alignment: str = 'procrustes'
) -> dict[str, float]:
    """Measures of the joints, averaged over samples and joints.

    Args:
        joints (N, 21, 3): Predicted joints, metres.
        target_joints (N, 21, 3): True joints, metres.
        auc_alignment (str): Alignment before the PCK curve of the AUC, see
            :func:`~hamuco_mm.evaluation.functional.align_points`.

    Returns:
        dict: ``MPJPE``, ``N-MPJPE``, ``PA-MPJPE`` in mm, ``AUC`` of PCK over
        0 to 50 mm. Joints that are not finite make the means NaN or infinite, and
        are not correct in the AUC; leave them out before if they are to be missing.

    Raises:
        ValueError: If the shapes differ, or hands have not 21 joints.
    """
    errors = {
        alignment: joint_errors(joints, target_joints, alignment)
        for alignment in dict.fromkeys((*_NAME_PREFIXES, auc_alignment))
    }
    metrics = {
        f'{_NAME_PREFIXES[alignment]}MPJPE': MM_PER_M * float(e.mean())
        for alignment, e in errors.items()
    }
    metrics['AUC'] = pck_auc(errors[auc_alignment])
    return metrics


def to_metric_device(points: Points) -> Tensor:
    """float32 on the GPU if there is one, without waiting for it."""
    device = 'cuda' if torch.cuda.is_available() else 'cpu'
    return to_device(points, device, torch.float32)


def mesh_metrics(
    vertices: Points,
    joints: Points,
    target_vertices: Points,
    target_joints: Points,
    f_thresholds: Sequence[float] = (5, 15),
    f_alignment: str = 'procrustes',
) -> dict[str, Tensor]:
    """Measures of the mesh, of each sample.

    Args:
        vertices (N, V, 3): Predicted vertices, metres.
        joints (N, 21, 3): Predicted joints, metres.
        target_vertices (N, V, 3): True vertices, metres.
        target_joints (N, 21, 3): True joints, metres.
        f_thresholds (Sequence[float]): Of the F-score, mm; may be empty.
        f_alignment (str): Alignment before the F-score.

    Returns:
        dict: ``MPVPE``, ``N-MPVPE``, ``PA-MPVPE`` in mm and ``F@5``, ... in
        [0, 1], each of shape (N,); on the GPU, if there is one, which is not
        waited for.

    Raises:
        ValueError: If the shapes of prediction and truth differ, or hands have not
            21 joints.
    """
    # coordinate by coordinate in memory, which is several times as fast
    points, joints, target, target_joints = (
        to_metric_device(x).mT.contiguous().mT
        for x in (vertices, joints, target_vertices, target_joints)
    )
    aligned = {
        alignment: align_points(points, joints, target, target_joints, alignment)
        for alignment in dict.fromkeys((*_NAME_PREFIXES, f_alignment))
    }
    metrics = {
        f'{_NAME_PREFIXES[alignment]}MPVPE': MM_PER_M * point_distances(*pair).mean(-1)
        for alignment, pair in aligned.items()
    }
    if f_thresholds:
        scores = f_score(*aligned[f_alignment], [t / MM_PER_M for t in f_thresholds])
        metrics.update(
            {
                f'F@{threshold:g}': score
                for threshold, score in zip(f_thresholds, scores.T)
            }
        )
    return metrics
