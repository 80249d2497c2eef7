"""How well two views fit each other under two cameras."""

import numpy as np

from ...cameras import Cameras
from .scoring import misfit


def fundamental(cameras: Cameras, a: int, b: int) -> np.ndarray:
    """Fundamental matrices, (T, 3, 3): ``x_b^T F x_a = 0``.

    Args:
        cameras (Cameras): (T, V), without lenses.
        a, b (int): Two of the V cameras.
    """
    arrays = cameras.as_arrays()
    K, R, t = arrays['K'], arrays['R'], arrays['t']
    R_a2b = R[:, b] @ np.swapaxes(R[:, a], -1, -2)
    x, y, z = (t[:, b] - (R_a2b @ t[:, a, :, None])[..., 0]).T
    zero = np.zeros_like(x)
    cross = np.stack([zero, -z, y, z, zero, -x, -y, x, zero], -1).reshape(-1, 3, 3)
    inverse_a, inverse_b = np.linalg.inv(K[:, a]), np.linalg.inv(K[:, b])
    return np.swapaxes(inverse_b, -1, -2) @ cross @ R_a2b @ inverse_a


def pair_cost(
    points_i: np.ndarray,
    weights_i: np.ndarray,
    size_i: float,
    points_j: np.ndarray,
    weights_j: np.ndarray,
    size_j: float,
    F: np.ndarray,
) -> float:
    """Mean misfit of the distances from the epipolar lines.

    Args:
        points_i, points_j (np.ndarray): Labels of two views, (T, J, 2).
        weights_i, weights_j (np.ndarray): (T, J).
        size_i, size_j (float): Of the hand in the views, pixels.
        F (np.ndarray): ``x_j^T F x_i = 0``, (T, 3, 3).

    Returns:
        float: In [0, 1]. NaN if no joint is labelled in both.
    """
    weights = weights_i * weights_j
    total = weights.sum()
    if total <= 0:
        return np.nan
    one = np.ones_like(points_i[..., :1])
    x_i = np.concatenate([points_i, one], -1)
    x_j = np.concatenate([points_j, one], -1)
    lines_j = x_i @ np.swapaxes(F, -1, -2)
    lines_i = x_j @ F
    residual = np.abs((x_j * lines_j).sum(-1))
    cost = np.zeros_like(weights)
    for lines, size in ((lines_j, size_j), (lines_i, size_i)):
        length = np.linalg.norm(lines[..., :2], axis=-1)
        # a camera with itself has no epipolar lines: it fits nothing
        relative = np.where(
            length > 1e-12 * (1 + np.abs(lines[..., 2])),
            residual / np.maximum(length, 1e-300) / size,
            np.inf,
        )
        cost = cost + misfit(relative) / 2
    return float((weights * cost).sum() / total)
