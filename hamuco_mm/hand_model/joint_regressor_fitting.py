"""Where in a mesh the points are that a detector calls joints."""

import numpy as np

from .joint_regressors import FARTHEST_DEFINITION
from .topology import HAND_JOINT_NAMES, NUM_JOINTS

# Metres: vertices farther from a joint say nothing of it, and those at the second
# distance count 0.6 of the nearest.
_FARTHEST, _NEAR = 0.04, 0.02
# Metres; beyond it, points count less the farther they are from the fit.
_AGREES = 0.004
# Metres that a fit may be worse by in exchange for weights smaller by 1.
_SHRINKAGE = 0.003
_ROUNDS = 3


def fit_joint_regressor(
    vertices: np.ndarray, points: np.ndarray, start: np.ndarray
) -> np.ndarray:
    """The nearest linear map from meshes to points that were measured.

    For each joint a ridge regression: the points that the map ``start`` gives
    are shifted by combinations of the vertices near them, which cost more the
    farther away they are, with the sum 0, so that the points move with the hand.
    Points that are off count less (Huber), those that are far off do not.

    Args:
        vertices (np.ndarray): Meshes of B hands, metres (B, 778, 3).
        points (np.ndarray): What is called the joints of these hands, in the
            same frames, metres (B, 21, 3); NaN where it is not known.
        start (np.ndarray): The joints of the hand model, (21, 778).

    Returns:
        np.ndarray: (21, 778); each row has the sum of that of ``start``.

    Raises:
        ValueError: If a joint has no point within 3 cm of that of ``start``.
    """
    regressor = np.array(start, np.float64)
    for joint in range(NUM_JOINTS):
        origin = (start[joint] @ vertices)[:, None]
        offset = points[:, joint] - origin[:, 0]
        # NaN is not nearer
        known = np.linalg.norm(offset, axis=-1) < FARTHEST_DEFINITION
        if not known.any():
            raise ValueError(
                f'{HAND_JOINT_NAMES[joint]} is in no hand within '
                f'{1000 * FARTHEST_DEFINITION:.0f} mm of that of the hand model'
            )
        around = vertices[known] - origin[known]
        distance = np.median(np.linalg.norm(around, axis=-1), axis=0)
        near = distance < _FARTHEST
        cheapness = np.exp(-((distance[near] / _NEAR) ** 2) / 2)
        regressor[joint, near] += cheapness * _ridge(
            around[:, near] * cheapness[:, None], offset[known], cheapness
        )
    return regressor


def _ridge(around: np.ndarray, offset: np.ndarray, cheapness: np.ndarray) -> np.ndarray:
    """Weights (V,) with the least ``offset - weights @ around`` over B hands, and
    ``weights @ cheapness`` 0."""
    trust = np.ones(len(offset))
    system = np.zeros((len(cheapness) + 1,) * 2)
    system[-1, :-1] = system[:-1, -1] = cheapness
    for _ in range(_ROUNDS):
        system[:-1, :-1] = np.einsum(
            'b,bvc,bwc->vw', trust, around, around, optimize=True
        )
        system[:-1, :-1] += _SHRINKAGE**2 * len(offset) * np.eye(len(cheapness))
        right = np.einsum('b,bvc,bc->v', trust, around, offset, optimize=True)
        weights = np.linalg.solve(system, np.append(right, 0))[:-1]
        error = np.linalg.norm(weights @ around - offset, axis=-1)
        trust = 1 / np.maximum(1, error / _AGREES)
    return weights
