"""Hand boxes from 2D labels: x1, y1, x2, y2 in pixels, float32 (4, )."""

from collections.abc import Sequence

import numpy as np

# Joints have neighbours: a joint whose distance from every other joint is this
# many times the median spread is a mistake of the detector. (A joint that is
# only far from the middle is not: think of the wrist of a fist.)
OUTLIER_FACTOR = 3.0
MIN_JOINTS = 3
MIN_SIDE = 8.0


def bbox_from_keypoints(
    keypoints: np.ndarray, confidence: np.ndarray, min_confidence: float = 0.3
) -> np.ndarray | None:
    """The box around the joints that can be trusted.

    Joints below ``min_confidence`` and outliers do not count. With fewer than
    three confident joints, all that have any confidence do.

    Args:
        keypoints (np.ndarray): Pixels, (21, 2).
        confidence (np.ndarray): In [0, 1], 0 for a missing joint, (21, ).
        min_confidence (float): Defaults to 0.3.

    Returns:
        np.ndarray: The tight box, at least 8 wide and high; None where no
        joint has any confidence.
    """
    trusted = confidence >= min_confidence
    if trusted.sum() < MIN_JOINTS:
        trusted = confidence > 0
    if not trusted.any():
        return None
    points = keypoints[trusted]
    spread = np.median(np.linalg.norm(points - np.median(points, axis=0), axis=-1))
    return tight_bbox(points[_nearest_distance(points) <= OUTLIER_FACTOR * spread])


def hand_or_image_bbox(
    keypoints: np.ndarray,
    confidence: np.ndarray,
    image_size: Sequence[int] | np.ndarray,
    min_confidence: float = 0.3,
) -> np.ndarray:
    """:func:`bbox_from_keypoints`; :func:`image_bbox` where no joint has any
    confidence."""
    bbox = bbox_from_keypoints(keypoints, confidence, min_confidence)
    return image_bbox(image_size) if bbox is None else bbox


def tight_bbox(points: np.ndarray) -> np.ndarray:
    """The box around points (N, 2), at least 8 wide and high."""
    low, high = points.min(0), points.max(0)
    center = (low + high) / 2
    half = np.maximum(high - low, MIN_SIDE) / 2
    return np.concatenate([center - half, center + half]).astype(np.float32)


def refuse_parts_of_image(what: str, corners: np.ndarray) -> None:
    """Refuse a box in parts of the image, which is less than a pixel as one in pixels.

    Args:
        what (str): The box, for the message.
        corners (np.ndarray): x1, y1, x2, y2.

    Raises:
        ValueError: If no coordinate is above 1.
    """
    if corners.max() <= 1:
        raise ValueError(
            f'{what} has no coordinate above 1: parts of the image, not pixels. '
            f'Multiply them by the width and the height, got {corners.tolist()}'
        )


def image_bbox(image_size: Sequence[int] | np.ndarray) -> np.ndarray:
    """The box around an image.

    Args:
        image_size (Sequence[int]): Width and height in pixels.
    """
    return np.array([0, 0, *image_size], np.float32)


def _nearest_distance(points: np.ndarray) -> np.ndarray:
    """Distance of each point from the nearest other one, (N, )."""
    distance = np.linalg.norm(points[:, None] - points[None], axis=-1)
    np.fill_diagonal(distance, np.inf if len(points) > 1 else 0)
    return distance.min(1)
