"""2D labels that lack some joints."""

import numpy as np


def at_origin(keypoints: np.ndarray, confidence: np.ndarray) -> np.ndarray:
    """Which joints are at (0, 0) exactly, but claim to be there.

    That is where programs put a joint that they have not found.

    Args:
        keypoints (np.ndarray): Pixels, (..., 2).
        confidence (np.ndarray): (...).

    Returns:
        np.ndarray: bool, (...).
    """
    return (np.asarray(keypoints) == 0).all(-1) & (np.asarray(confidence) > 0)


def zero_missing(
    keypoints: np.ndarray, confidence: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Give joints that are not known the place and the confidence 0.

    Args:
        keypoints (np.ndarray): Pixels, (..., 2).
        confidence (np.ndarray): (...). A joint is missing if a coordinate or
            the confidence is NaN or infinite, or if it is at (0, 0).

    Returns:
        tuple: Finite keypoints, and confidences in [0, 1].
    """
    known = np.isfinite(keypoints).all(-1) & np.isfinite(confidence)
    known &= ~at_origin(keypoints, confidence)
    return (
        np.where(known[..., None], keypoints, 0),
        np.where(known, confidence, 0).clip(0, 1),
    )
