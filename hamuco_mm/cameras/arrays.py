"""Ideal cameras as NumPy arrays of any precision.

:class:`Camera` and :class:`Cameras` are the usual way, lenses included. Data
sets make an item per view during training, and keep float32; generated
data has to stay the same to the last digit. For both, tensors in
double precision would cost time or change digits.
"""

import numpy as np


def intrinsic_matrix(fx: float, fy: float, cx: float, cy: float) -> np.ndarray:
    """K of focal lengths and principal point in pixels, (3, 3)."""
    return np.array([[fx, 0, cx], [0, fy, cy], [0, 0, 1]], float)


def points_in_camera(
    points_world: np.ndarray, R_world2cam: np.ndarray, t_world2cam: np.ndarray
) -> np.ndarray:
    """World points in a camera's frame.

    Args:
        points_world (np.ndarray): Metres, (..., P, 3).
        R_world2cam (np.ndarray): (..., 3, 3).
        t_world2cam (np.ndarray): Metres, (..., 3).

    Returns:
        np.ndarray: Metres, (..., P, 3).
    """
    return points_world @ R_world2cam.swapaxes(-1, -2) + t_world2cam[..., None, :]


def pinhole_pixels(points_cam: np.ndarray, K: np.ndarray) -> np.ndarray:
    """Pixels (..., P, 2) of points (..., P, 3) in front of ideal cameras.

    Args:
        points_cam (np.ndarray): In the cameras' frames, metres, (..., P, 3).
        K (np.ndarray): Intrinsics in pixels, (..., 3, 3).
    """
    homogeneous = points_cam @ K.swapaxes(-1, -2)
    return homogeneous[..., :2] / homogeneous[..., 2:]
