"""Ten shape directions of unit-variance coefficients, and the joints."""

import numpy as np
from scipy.optimize import nnls

# Standard deviations of the relative differences between adult hands. That of
# the size spans both sexes; the others leave hands of one size some variety.
_SIZE = 0.06
_PALM = (0.03, 0.05, 0.035)  # length, thickness, breadth
_FINGER_LENGTH, _ONE_FINGER_LENGTH, _PHALANX_LENGTH = 0.03, 0.025, 0.02
_FINGER_GIRTH, _ONE_FINGER_GIRTH = 0.05, 0.02
_NUM_CANDIDATES = 80


def random_stretches(directions: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Linear maps (16, 3, 3) of the bones: other lengths and girths."""
    length = 1 + rng.normal(0, _FINGER_LENGTH)
    girth = 1 + rng.normal(0, _FINGER_GIRTH)
    maps = np.empty((16, 3, 3))
    maps[0] = np.diag(1 + rng.normal(0, _PALM))
    for first in range(1, 16, 3):
        finger_length = length + rng.normal(0, _ONE_FINGER_LENGTH)
        finger_girth = girth + rng.normal(0, _ONE_FINGER_GIRTH)
        for j in range(first, first + 3):
            along = np.outer(directions[j], directions[j])
            bone_length = finger_length + rng.normal(0, _PHALANX_LENGTH)
            maps[j] = bone_length * along + finger_girth * (np.eye(3) - along)
    return maps * (1 + rng.normal(0, _SIZE))


def principal_directions(
    shapes: np.ndarray, num: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean (V, 3) and directions (V, 3, num) of one standard deviation.

    Signs are chosen so that positive coefficients make larger hands.
    """
    flat = shapes.reshape(len(shapes), -1)
    mean = flat.mean(axis=0)
    _, deviations, components = np.linalg.svd(flat - mean, full_matrices=False)
    components = components[:num]
    growth = (
        components @ (mean.reshape(-1, 3) - mean.reshape(-1, 3).mean(axis=0)).ravel()
    )
    components = components * np.where(growth < 0, -1, 1)[:, None]
    scaled = components * deviations[:num, None] / np.sqrt(len(shapes) - 1)
    return (
        mean.reshape(-1, 3),
        scaled.reshape(num, -1, 3).transpose(1, 2, 0),
        deviations**2 / (deviations**2).sum(),
    )


def fit_joint_regressor(vertices: np.ndarray, joints: np.ndarray) -> np.ndarray:
    """Non-negative weights (16, V), rows of sum 1, from vertices to joints.

    Args:
        vertices (np.ndarray): Hands of several shapes and poses, (N, V, 3).
            The posed ones keep a joint inside the bent finger.
        joints (np.ndarray): Their joints, (N, 16, 3).
    """
    regressor = np.zeros((joints.shape[1], vertices.shape[1]))
    for j in range(joints.shape[1]):
        distance = np.linalg.norm(vertices - joints[:, j, None], axis=2)
        near = np.argsort(distance.mean(axis=0))[:_NUM_CANDIDATES]
        # In millimetres; the last row asks for a sum of 1.
        matrix = 1e3 * vertices[:, near].transpose(0, 2, 1).reshape(-1, len(near))
        target = 1e3 * joints[:, j].ravel()
        ones = np.full((1, len(near)), 1e4)
        weights, _ = nnls(
            np.vstack((matrix, ones)), np.append(target, 1e4), maxiter=10000
        )
        regressor[j, near] = weights / weights.sum()
    return regressor
