"""Whether 21 points are those of a hand, and of which."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch

from ...hand_model import (
    HAND_BONES,
    HAND_JOINT_NAMES,
    NUM_BETAS,
    NUM_ROTATIONS,
    MANOLayer,
)

_KNUCKLES = [
    HAND_JOINT_NAMES.index(f'{finger}_mcp')
    for finger in ('index', 'middle', 'ring', 'pinky')
]
# Pairs of joints whose distance no movement changes much: the bones, and the
# knuckles of the palm.
_PAIRS = np.array(
    [
        *HAND_BONES,
        *((a, b) for i, a in enumerate(_KNUCKLES) for b in _KNUCKLES[i + 1 :]),
    ]
)
# Mean sine of the angle at a joint, and share of joints that bend the same way.
_LEAST_BEND, _LEAST_SHARE = 0.1, 0.75
# Of the logarithm of a length: where it counts half. Hands differ by less.
_HALF_TRUST = 0.35


@dataclass(frozen=True)
class HandShape:
    """How much points look like a hand.

    Attributes:
        misfit (float): Mean loss of the bones' lengths, relative to each other,
            in [0, 1]. Hands are below 0.2.
        restlessness (float): How much lengths change from time step to time step,
            median of the logarithm: 0 for a rigid bone. Where it is large the points
            are too noisy to tell a shape.
    """

    misfit: float
    restlessness: float


def hand_shape(points: np.ndarray) -> HandShape | None:
    """Compare points with the hand model.

    Args:
        points (np.ndarray): Joints, (T, J, 3) in any unit, NaN where not known.

    Returns:
        HandShape | None: None if less than half of the lengths are known.
    """
    with np.errstate(divide='ignore'):
        logs = np.log(_lengths(points)) - np.log(_model_lengths())
    logs[~np.isfinite(logs)] = np.nan
    known = np.isfinite(logs).any(0)
    if known.sum() < len(_PAIRS) / 2:
        return None
    logs = logs[:, known]
    each = np.nanmedian(logs, axis=0)
    relative = (each - np.median(each)) / _HALF_TRUST
    return HandShape(
        float((relative**2 / (1 + relative**2)).mean()),
        float(np.nanmedian(np.abs(logs - each))),
    )


def bends_like(points: np.ndarray) -> str | None:
    """The side of a hand, by the palm that its fingers bend to.

    Args:
        points (np.ndarray): Joints, (T, J, 3), NaN where not known.

    Returns:
        str | None: 'left' or 'right'; None if the fingers do not tell.
    """
    across = _unit(points[:, _KNUCKLES[-1]] - points[:, _KNUCKLES[0]])
    says = []
    for knuckle in _KNUCKLES:
        bones = [
            _unit(points[:, knuckle + i + 1] - points[:, knuckle + i]) for i in range(3)
        ]
        for first, second in zip(bones[:-1], bones[1:], strict=True):
            says.append((np.cross(first, second) * across).sum(-1))
    values = np.array(says)[np.isfinite(says)]
    if not values.size:
        return None
    # most joints bend one way: more than noise, at which both are as many
    mean, share = values.mean(), (np.sign(values) == np.sign(values.mean())).mean()
    if abs(mean) < _LEAST_BEND or share < _LEAST_SHARE:
        return None
    return 'left' if mean > 0 else 'right'


def _lengths(points: np.ndarray) -> np.ndarray:
    """(..., N) of the pairs."""
    ends = points[..., _PAIRS, :]
    return np.linalg.norm(ends[..., 0, :] - ends[..., 1, :], axis=-1)


@lru_cache(maxsize=1)
def _model_lengths() -> np.ndarray:
    """Of the open hand, which comes with the package."""
    layer = MANOLayer().double()
    straight = torch.eye(3).double().expand(1, NUM_ROTATIONS, 3, 3)
    with torch.no_grad():
        hand = layer(straight, torch.zeros(1, NUM_BETAS).double())
    return _lengths(hand.joints[0].numpy())


def _unit(vectors: np.ndarray) -> np.ndarray:
    with np.errstate(invalid='ignore', divide='ignore'):
        return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)
