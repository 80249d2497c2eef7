"""Where root-relative predictions appear in an image."""

import numpy as np


def fit_weak_perspective(
    points: np.ndarray, pixels: np.ndarray
) -> tuple[float, np.ndarray]:
    """Least-squares weak-perspective camera: ``pixels = s * xy + t``.

    Args:
        points (np.ndarray): (P, 2+) camera frame, metres; x and y are used.
        pixels (np.ndarray): (P, 2) where they appear.

    Returns:
        tuple: Scale s (pixels per metre) and translation t (2,) in pixels.

    Raises:
        ValueError: If the points coincide, so that no scale can be found.
    """
    xy = points[:, :2]
    centre, target = xy.mean(axis=0), pixels.mean(axis=0)
    spread = np.square(xy - centre).sum()
    if spread < 1e-12:
        raise ValueError('the points coincide: no scale can be fitted')
    scale = ((xy - centre) * (pixels - target)).sum() / spread
    return float(scale), target - scale * centre


def place_on_image(
    points: np.ndarray, joints: np.ndarray, keypoints: np.ndarray
) -> np.ndarray:
    """Project a hand so that its joints lie on their 2D keypoints.

    Args:
        points (np.ndarray): (P, 3) root-relative, e.g. vertices.
        joints (np.ndarray): (21, 3) joints of the same hand.
        keypoints (np.ndarray): (21, 2) pixels of the joints.

    Returns:
        np.ndarray: (P, 2) pixels.
    """
    scale, translation = fit_weak_perspective(joints, keypoints)
    return scale * points[:, :2] + translation
