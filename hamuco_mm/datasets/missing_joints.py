"""2D labels that lack some joints."""

import numpy as np


def zero_missing(
    keypoints: np.ndarray, confidence: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Give joints that are not known the place and the confidence 0.

    Args:
        keypoints (np.ndarray): Pixels, (..., 2).
        confidence (np.ndarray): (...). A joint is missing if a coordinate or
            the confidence is NaN or infinite.

    Returns:
        tuple: Finite keypoints, and confidences in [0, 1].
    """
    known = np.isfinite(keypoints).all(-1) & np.isfinite(confidence)
    return (
        np.where(known[..., None], keypoints, 0),
        np.where(known, confidence, 0).clip(0, 1),
    )
