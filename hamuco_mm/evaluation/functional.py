"""Errors between predicted and true hands: alignments, PCK, F-score, spread.

Everything is batched over the leading dimension and takes numpy arrays or
tensors; lengths stay in the unit that comes in (metres here). Published
numbers are in millimetres; only the metric classes convert.
"""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from ..geometry.similarity import umeyama
from ..hand_model.topology import NUM_JOINTS, ROOT_JOINT, WRIST_JOINT
from .nearest import share_near

Points = np.ndarray | Tensor

ALIGNMENTS = ('root', 'scale', 'procrustes')

# Below this length (metres) a bone or a whole hand has no size to scale by.
_MIN_LENGTH = 1e-9


def align_points(
    points: Points,
    joints: Points,
    target_points: Points,
    target_joints: Points,
    alignment: str = 'root',
) -> tuple[Tensor, Tensor]:
    """Bring predicted points to their target before they are compared.

    Args:
        points (..., P, 3): Predicted points: joints, or vertices.
        joints (..., 21, 3): Joints of the same prediction.
        target_points (..., P, 3): True points.
        target_joints (..., 21, 3): True joints.
        alignment (str): What is forgiven.

            - ``'root'``: translation. Both are centred at joint 9, the middle
              finger's MCP (MPJPE, MPVPE).
            - ``'scale'``: also the size, as in the released HaMuCo code:
              after the centring the prediction is multiplied by the ratio of
              the true and the predicted length from the wrist to joint 9, per
              sample; vertices by the ratio from the joints (N-MPJPE).
            - ``'procrustes'``: also the rotation: the similarity transform
              with the least squared error over ``points`` themselves, so
              joints and vertices are each aligned on their own, as in
              FreiHAND's evaluation. Reflections are not forgiven (PA-MPJPE).

    Returns:
        tuple: Aligned points and target, both (..., P, 3), in one frame.

    Raises:
        ValueError: If the alignment is none of these, or a shape is another one.
    """
    moved, hand, target, target_hand = _tensors(
        points, joints, target_points, target_joints
    )
    _check_hands(hand, target_hand)
    for name, batch in dict(points=moved, target_points=target).items():
        if batch.shape[:-2] != hand.shape[:-2]:
            raise ValueError(
                f'{name} of shape {tuple(batch.shape)} and joints of shape '
                f'{tuple(hand.shape)} should be of as many hands'
            )
    if alignment == 'procrustes':
        _check_pairs(moved, target)
        return umeyama(moved, target).apply(moved), target
    if alignment not in ALIGNMENTS:
        raise ValueError(f'alignment must be one of {ALIGNMENTS}, got {alignment!r}')

    moved = moved - hand[..., ROOT_JOINT, None, :]
    target = target - target_hand[..., ROOT_JOINT, None, :]
    if alignment == 'scale':
        length, target_length = (
            (x[..., ROOT_JOINT, :] - x[..., WRIST_JOINT, :]).norm(dim=-1)
            for x in (hand, target_hand)
        )
        ratio = target_length / length.clamp(min=_MIN_LENGTH)
        moved = moved * ratio[..., None, None]
    return moved, target


def joint_errors(
    joints: Points, target_joints: Points, alignment: str = 'root'
) -> Tensor:
    """Euclidean distances (..., 21) of joints, see :func:`align_points`.

    They are float64, in which predictions that are far off have finite errors.

    Raises:
        ValueError: If the shapes differ, or hands have not 21 joints.
    """
    joints, target_joints = (
        points.double() for points in _tensors(joints, target_joints)
    )
    aligned, target = align_points(
        joints, joints, target_joints, target_joints, alignment
    )
    return point_distances(aligned, target)


def point_distances(points: Tensor, target_points: Tensor) -> Tensor:
    """Euclidean distances (..., P) of points (..., P, 3), one by one.

    Raises:
        ValueError: If the shapes differ.
    """
    _check_pairs(points, target_points)
    # norm(dim=-1) takes 20 times as long where coordinates lie in rows, as
    # an alignment leaves them
    return (points - target_points).square().sum(-1).sqrt()


def f_score(
    points: Points, target_points: Points, thresholds: Sequence[float] = (0.005, 0.015)
) -> Tensor:
    """F-score of two point sets (Knapitsch et al., Tanks and Temples, 2017).

    Precision is the share of predicted points nearer than the threshold to
    any true point, recall the share of true points nearer to any predicted
    one; the score is their harmonic mean, 0 where both are 0. FreiHAND aligns
    the meshes by Procrustes first (:func:`align_points`).

    Args:
        points (N, P, 3): Predicted points.
        target_points (N, Q, 3): True points.
        thresholds (Sequence[float]): T distances, same unit as the points.

    Returns:
        Tensor: Scores (N, T) in [0, 1].

    Raises:
        ValueError: If there are not as many sets of both.
    """
    points, target_points = _tensors(points, target_points)
    if len(points) != len(target_points):
        raise ValueError(
            f'f_score got {len(points)} sets of points, but {len(target_points)} '
            'of target_points'
        )
    precision, recall = share_near(
        points, target_points, points.new_tensor(tuple(thresholds))
    )
    total = precision + recall
    return 2 * precision * recall / total.clamp(min=_MIN_LENGTH)


def pck_auc(errors: Points, max_error: float = 0.05, num_steps: int = 100) -> float:
    """Area under the curve of the percentage of correct keypoints.

    As in FreiHAND's evaluation: PCK (share of errors not above a threshold)
    at ``num_steps`` thresholds evenly spaced over [0, ``max_error``], both
    ends included, integrated by the trapezoid rule and divided by
    ``max_error``.

    Args:
        errors (...): Distances of any shape, at least one. One that is not finite
            is of a keypoint that is not correct at any threshold.
        max_error (float): Largest threshold, same unit as the errors.
        num_steps (int): Number of thresholds.

    Returns:
        float: AUC in [0, 1].
    """
    errors = _tensors(errors)[0].flatten()
    # a search among sorted errors takes NaN for a small one
    errors = errors.masked_fill(errors.isnan(), torch.inf).sort().values
    if not len(errors):
        raise ValueError('pck_auc needs at least one error, got none')
    thresholds = torch.linspace(
        0, max_error, num_steps, dtype=errors.dtype, device=errors.device
    )
    correct = torch.searchsorted(errors, thresholds, right=True)
    pck = correct.to(errors) / len(errors)
    return float(torch.trapezoid(pck, thresholds) / max_error)


def pose_spread(joints: Points, num_rounds: int = 3) -> float:
    r"""How much hands differ in pose: their deviation from their mean.

    Each hand is centred at its centroid and divided by its size (the root
    mean square distance of its joints from there), and rotated onto the mean
    of all (:func:`procrustes_mean`). The spread is

    .. math:: \sqrt{\frac{1}{21 N}\sum_{n,j} |x_{nj} - \bar x_j|^2}

    a number without unit: 0 when all hands are the same one seen from
    several sides. A network whose spread is near 0 while that of the ground
    truth is not has collapsed to a mean hand, which MPJPE alone hides well.

    Args:
        joints (N, J, 3): Joints of N hands, any unit, each in its own frame.
        num_rounds (int): Rounds of generalised Procrustes analysis.

    Returns:
        float: The spread.
    """
    joints = _tensors(joints)[0]
    shapes = joints - joints.mean(dim=-2, keepdim=True)
    size = shapes.square().sum(dim=-1).mean(dim=-1).sqrt()
    shapes = shapes / size.clamp(min=_MIN_LENGTH)[:, None, None]
    mean, aligned = procrustes_mean(shapes, num_rounds)
    return float((aligned - mean).square().sum(dim=-1).mean().sqrt())


def acceleration_error(joints: Points, target_joints: Points) -> Tensor:
    """How much the motion of a sequence jitters, beyond the true motion.

    The mean over the joints of the distance between the second differences
    of prediction and truth (Kanazawa et al., "Learning 3D Human Dynamics from
    Video", CVPR 2019). Errors that stay the same from frame to frame do not
    count.

    Args:
        joints (T, J, 3): Predicted joints of T consecutive frames.
        target_joints (T, J, 3): True joints.

    Returns:
        Tensor: (T - 2,), unit of the joints per frame squared; empty for
        fewer than three frames.

    Raises:
        ValueError: If the shapes differ.
    """
    joints, target_joints = _tensors(joints, target_joints)
    if joints.shape != target_joints.shape or joints.ndim != 3:
        raise ValueError(
            'joints and target_joints should both have shape '
            f'(T, J, 3), got {tuple(joints.shape)} and '
            f'{tuple(target_joints.shape)}'
        )
    deviation = joints - target_joints
    second = deviation[2:] - 2 * deviation[1:-1] + deviation[:-2]
    return second.norm(dim=-1).mean(dim=-1)


def procrustes_mean(
    points: Tensor, num_rounds: int, with_scale: bool = False
) -> tuple[Tensor, Tensor]:
    """Mean of point sets whose position and rotation are of no interest.

    Generalised Procrustes analysis (Gower, 1975) that starts at the first.

    Args:
        points (N, P, 3): Point sets.
        num_rounds (int): Rounds, at least one.
        with_scale (bool): Whether size is of no interest either.

    Returns:
        tuple: The mean (P, 3), and the point sets (N, P, 3) aligned to it.
    """
    mean = points[0]
    for _ in range(num_rounds):
        target = mean.expand_as(points)
        aligned = umeyama(points, target, with_scale=with_scale).apply(points)
        mean = aligned.mean(dim=0)
    return mean, aligned


def _check_hands(joints: Tensor, target_joints: Tensor) -> None:
    expected = (*joints.shape[:-2], NUM_JOINTS, 3)
    if joints.shape != expected or target_joints.shape != expected:
        raise ValueError(
            f'joints and target_joints should both have shape (..., {NUM_JOINTS}, 3), '
            f'got {tuple(joints.shape)} and {tuple(target_joints.shape)}'
        )


def _check_pairs(points: Tensor, target_points: Tensor) -> None:
    if points.shape != target_points.shape:
        raise ValueError(
            'points and target_points should have the same shape, got '
            f'{tuple(points.shape)} and {tuple(target_points.shape)}'
        )


def _tensors(*arrays: Points) -> tuple[Tensor, ...]:
    """Arrays as floating tensors of one type and device."""
    tensors = [torch.as_tensor(array) for array in arrays]
    dtype = tensors[0].dtype
    for tensor in tensors[1:]:
        dtype = torch.promote_types(dtype, tensor.dtype)
    if not dtype.is_floating_point:
        dtype = torch.get_default_dtype()
    return tuple(tensor.to(dtype) for tensor in tensors)
