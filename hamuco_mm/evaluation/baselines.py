"""Baselines without learning: the mean hand and triangulated labels."""

import logging
from collections import defaultdict
from collections.abc import Iterable
from itertools import islice

import numpy as np
import torch
from mmengine.logging import print_log
from torch import Tensor

from ..datasets.label_triangulation import (
    RANSAC_THRESHOLD,
    camera_of,
    triangulate_labels,
)
from ..geometry import axis_angle_to_matrix, umeyama
from ..hand_model import NUM_BETAS, HandMesh, MANOLayer
from .hand_metrics import MM_PER_M, joint_metrics, mesh_metrics

# Time steps held in memory at a time.
_CHUNK = 256


def evaluate_baselines(
    time_steps: Iterable[list[dict]],
    hand_model: dict | None = None,
    ransac_threshold: float = RANSAC_THRESHOLD,
) -> dict[str, dict[str, float]]:
    """Errors of the baselines, averaged over all views with ground truth.

    - ``mean_hand``: the hand model in its mean pose and shape, turned in each
      view so that it fits the true joints best. That rotation is not known
      when predicting, so a real mean hand is worse than this.
    - ``dlt_triangulation``, ``weighted_dlt_triangulation``,
      ``ransac_triangulation``, ``pictorial_triangulation``: the 2D labels
      triangulated with the known cameras, see
      :func:`~hamuco_mm.datasets.label_triangulation.triangulate_labels`,
      and seen from each camera. Missing where no view is calibrated, which the
      log says.

    Args:
        time_steps (Iterable[list[dict]]): Of each time step the data infos
            of its views, with ``keypoints`` (1, 21, 2),
            ``keypoints_visible`` (1, 21) and, where known, ``camera_param``,
            ``image_size`` (width and height; a view without it is taken as
            not calibrated), ``keypoints_cam`` and ``vertices``.
        hand_model (dict, optional): Arguments of
            :class:`~hamuco_mm.hand_model.MANOLayer`.
        ransac_threshold (float): Largest reprojection error of an inlier, in
            pixels of an image 256 pixels wide. Defaults to 20.

    Returns:
        dict: Of each baseline the measures of :func:`joint_metrics`, for the
        mean hand also those of :func:`mesh_metrics`, for the others
        ``ABS-MPJPE``, the mean distance in mm without any alignment;
        ``views``, how many were averaged; ``views_left_out``, how many had
        no result because some joint is labelled in fewer than two calibrated
        views.

    Raises:
        ValueError: If no view has ground truth.
    """
    hand = mean_hand(hand_model)
    truths, meshes = [], []
    predictions = defaultdict(list)
    time_steps = iter(time_steps)
    while chunk := list(islice(time_steps, _CHUNK)):
        views = [v for step in chunk for v in step if 'keypoints_cam' in v]
        if not views:
            continue
        truth = _stack(views, 'keypoints_cam')
        truths.append(truth)
        predictions['mean_hand'].append(_turn(hand, truth).joints)
        meshes.append(_mean_hand_mesh_metrics(hand, views))
        triangulated = triangulate_labels(chunk, hand.joints, ransac_threshold)
        for name, points in triangulated.items():
            predictions[f'{name}_triangulation'].append(_in_cameras(chunk, points))
    if not truths:
        raise ValueError(
            'no view of the data set has keypoints_cam: without 3D ground '
            "truth (HanCo's xyz folder) there is nothing to compare with"
        )

    truth = torch.cat(truths)
    rows: dict[str, dict[str, float]] = {}
    left_out = []
    for name, parts in predictions.items():
        joints = torch.cat(parts)
        found = joints.isfinite().all(-1).all(-1)
        if not found.any():
            left_out.append(name)
        else:
            rows[name] = joint_metrics(joints[found], truth[found])
            if name != 'mean_hand':
                distances = (joints[found] - truth[found]).norm(dim=-1)
                rows[name]['ABS-MPJPE'] = MM_PER_M * float(distances.mean())
            rows[name].update(
                views=int(found.sum()), views_left_out=int((~found).sum())
            )
    if left_out:
        print_log(
            f'no {", ".join(left_out)}: no time step has labels of each joint in two '
            'views with camera_param and image_size (width and height)',
            'current',
            logging.WARNING,
        )
    for measure in dict.fromkeys(name for mesh in meshes for name in mesh):
        values = [mesh[measure] for mesh in meshes if measure in mesh]
        rows['mean_hand'][measure] = float(torch.cat(values).mean())
    return rows


def mean_hand(hand_model: dict | None = None) -> HandMesh:
    """The hand model in its mean pose and shape, double, metres."""
    layer = MANOLayer(**(hand_model or {})).double()
    eye = torch.eye(3).double()[None]
    fingers = axis_angle_to_matrix(layer.mean_pose)
    return layer(torch.cat([eye, fingers]), eye.new_zeros(NUM_BETAS))


def _turn(hand: HandMesh, joints: Tensor) -> HandMesh:
    """The hand moved and turned onto each of N hands' joints (N, 21, 3)."""
    motion = umeyama(hand.joints.expand_as(joints), joints, with_scale=False)
    return hand.map(motion.apply)


def _mean_hand_mesh_metrics(hand: HandMesh, views: list[dict]) -> dict[str, Tensor]:
    views = [view for view in views if 'vertices' in view]
    if not views:
        return {}
    truth = _stack(views, 'keypoints_cam')
    turned = _turn(hand, truth)
    return mesh_metrics(
        turned.vertices, turned.joints, _stack(views, 'vertices'), truth
    )


def _in_cameras(time_steps: list[list[dict]], points: Tensor) -> Tensor:
    """World points (B, 21, 3) in each view that has a true hand.

    Returns:
        Tensor: (N, 21, 3) metres, in the order of the views; NaN where the
        view is not calibrated.
    """
    joints = []
    for step, points_world in zip(time_steps, points):
        for view in step:
            if 'keypoints_cam' in view:
                camera = camera_of(view)
                joints.append(
                    torch.full_like(points_world, torch.nan)
                    if camera is None
                    else camera.batched().to_camera(points_world)
                )
    return torch.stack(joints)


def _stack(views: list[dict], field: str) -> Tensor:
    """One field of the one hand in each of N views, (N, P, 3) double."""
    return torch.as_tensor(np.stack([view[field][0] for view in views])).double()
