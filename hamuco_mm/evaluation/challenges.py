"""Measures of the FreiHAND and HO-3D challenges, as their servers take them.

Written from the published evaluation code, github.com/lmb-freiburg/freihand
and github.com/shreyashampali/ho3d (``eval.py``).
"""

import torch
from torch import Tensor

from ..hand_model import ROOT_JOINT, WRIST_JOINT
from .functional import f_score, pck_auc

F_THRESHOLDS = (0.005, 0.015)
CM_PER_M = 100
_TINY = 1e-8


def align_as_challenge(points: Tensor, target: Tensor) -> Tensor:
    """Procrustes alignment as the challenges have it.

    Unlike :func:`~hamuco_mm.geometry.umeyama` it allows reflections, which
    makes a difference only for predictions that are far off.

    Args:
        points (Tensor): Predicted points, (..., P, 3).
        target (Tensor): True points, (..., P, 3).

    Returns:
        Tensor: ``points`` moved, turned (or mirrored) and scaled onto
        ``target``, (..., P, 3).
    """
    center = target.mean(-2, keepdim=True)
    target = target - center
    points = points - points.mean(-2, keepdim=True)
    size = target.flatten(-2).norm(dim=-1)[..., None, None] + _TINY
    target = target / size
    points = points / (points.flatten(-2).norm(dim=-1)[..., None, None] + _TINY)
    U, S, Vh = torch.linalg.svd(points.transpose(-1, -2) @ target)
    turned = points @ (U @ Vh) * S.sum(-1)[..., None, None]
    return turned * size + center


def align_scale_translation(joints: Tensor, target: Tensor) -> Tensor:
    """HO-3D's alignment: the wrists together, and the same length from the
    wrist to the middle finger's MCP.

    Args:
        joints (Tensor): Predicted joints, (..., 21, 3).
        target (Tensor): True joints, (..., 21, 3).
    """

    def length(hand):
        palm = hand[..., ROOT_JOINT, :] - hand[..., WRIST_JOINT, :]
        return palm.norm(dim=-1)[..., None, None]

    wrist = slice(WRIST_JOINT, WRIST_JOINT + 1)
    joints = joints - joints[..., wrist, :]
    scale = length(target) / length(joints).clamp(min=_TINY)
    return scale * joints + target[..., wrist, :]


def point_measures(points: Tensor, target: Tensor, name: str) -> dict[str, float]:
    """Mean distance in cm and AUC of PCK up to 5 cm, of (N, P, 3) metres."""
    errors = (points - target).norm(dim=-1)
    return {
        f'{name}_mean3d': CM_PER_M * float(errors.mean()),
        f'{name}_auc3d': pck_auc(errors),
    }


def f_measures(points: Tensor, target: Tensor, name: str) -> dict[str, float]:
    """F-scores at 5 and 15 mm, of meshes (N, P, 3) in metres."""
    scores = f_score(points, target, F_THRESHOLDS).mean(0)
    return {
        f'{name}_{round(1000 * threshold)}': float(score)
        for threshold, score in zip(F_THRESHOLDS, scores)
    }
