"""2D hand skeletons over images."""

import cv2
import numpy as np

from ..hand_model import HAND_BONES

# RGB of thumb, index, middle, ring and little finger.
FINGER_COLORS = (
    (235, 87, 87),
    (242, 176, 60),
    (96, 190, 96),
    (66, 165, 230),
    (160, 105, 220),
)
_WRIST_COLOR = (230, 230, 230)
# Positions have this many fractional bits in OpenCV's drawing.
_SHIFT = 4


def draw_skeleton(
    image: np.ndarray,
    keypoints: np.ndarray,
    scores: np.ndarray,
    min_score: float = 1e-6,
    thickness: int = 2,
) -> np.ndarray:
    """Draw 21 keypoints and the bones between them.

    Args:
        image (np.ndarray): uint8 RGB (H, W, 3), not changed.
        keypoints (np.ndarray): (21, 2) pixels.
        scores (np.ndarray): (21,) confidences; a joint below ``min_score``
            is left out, with its bones.
        min_score (float): Lowest confidence that is drawn.
        thickness (int): Of the bones, in pixels.

    Returns:
        np.ndarray: uint8 RGB (H, W, 3).
    """
    image = image.copy()
    shown = (scores >= min_score) & np.isfinite(keypoints).all(axis=1)
    points = np.round(np.where(shown[:, None], keypoints, 0) * 2**_SHIFT).astype(int)
    for parent, child in HAND_BONES:
        if shown[parent] and shown[child]:
            cv2.line(
                image,
                points[parent].tolist(),
                points[child].tolist(),
                _color(child),
                thickness,
                cv2.LINE_AA,
                _SHIFT,
            )
    radius = int(1.4 * thickness * 2**_SHIFT)
    for joint in np.flatnonzero(shown):
        cv2.circle(
            image,
            points[joint].tolist(),
            radius,
            _color(joint),
            -1,
            cv2.LINE_AA,
            _SHIFT,
        )
    return image


def _color(joint: int) -> tuple[int, int, int]:
    """Joints 1 to 4 are the thumb, 5 to 8 the index finger, ..."""
    return FINGER_COLORS[(joint - 1) // 4] if joint else _WRIST_COLOR
