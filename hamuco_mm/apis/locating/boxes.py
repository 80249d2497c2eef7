"""Boxes x1, y1, x2, y2 in pixels: around joints, larger and smaller, over an image."""

from collections.abc import Sequence

import numpy as np

# A window of a search overlaps the next one by half.
_OVERLAP = 0.5


def joint_boxes(keypoints: np.ndarray) -> np.ndarray:
    """The tight boxes (..., 4) around joints (..., J, 2)."""
    return np.concatenate([keypoints.min(-2), keypoints.max(-2)], -1)


def scale_boxes(boxes: np.ndarray, factor: float) -> np.ndarray:
    """Boxes (..., 4) with ``factor`` times the sides, about their middles."""
    low, high = boxes[..., :2], boxes[..., 2:]
    middle, half = (low + high) / 2, (high - low) / 2 * factor
    return np.concatenate([middle - half, middle + half], -1)


def shift_boxes(boxes: np.ndarray, shift: Sequence[float]) -> np.ndarray:
    """Boxes (..., 4) moved by parts of their longer sides in x and in y."""
    side = (boxes[..., 2:] - boxes[..., :2]).max(-1, keepdims=True)
    return boxes + np.tile(side * np.asarray(shift), 2)


def move_boxes(boxes: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Boxes (..., 4) with their sizes, about the middles of others (..., 4)."""
    shift = (places[..., :2] + places[..., 2:] - boxes[..., :2] - boxes[..., 2:]) / 2
    return boxes + np.concatenate([shift, shift], -1)


def diagonals(boxes: np.ndarray) -> np.ndarray:
    """Lengths of the diagonals (...,) of boxes (..., 4)."""
    return np.linalg.norm(boxes[..., 2:] - boxes[..., :2], axis=-1)


def image_box(image_size: tuple[int, int]) -> np.ndarray:
    """The box (4, ) of all pixels of an image of this width and height, with their
    halves beyond the middles of the outer ones: mirrored, it is the same."""
    width, height = image_size
    return np.array([0, 0, width, height]) - 0.5


def search_windows(image_size: tuple[int, int], scales: Sequence[float]) -> np.ndarray:
    """Squares all over an image, each of which overlaps the next by half.

    They lie mirror-symmetrically about the middle of the image's pixels.

    Args:
        image_size (tuple[int, int]): Width and height.
        scales (Sequence[float]): Sides, as parts of the longer side of the image.

    Returns:
        np.ndarray: (N, 4), first those of the first scale.
    """
    windows = []
    for scale in scales:
        side = scale * max(image_size)
        columns, rows = (_middles(length, side) for length in image_size)
        for x in columns:
            for y in rows:
                windows.append((x - side / 2, y - side / 2, x + side / 2, y + side / 2))
    return np.array(windows)


def _middles(length: int, side: float) -> np.ndarray:
    """Of windows that cover pixels 0 to ``length - 1``."""
    room = length - side
    if room <= 0:
        return np.array([(length - 1) / 2])
    count = int(np.ceil(room / (side * (1 - _OVERLAP)) - 1e-6)) + 1
    return np.linspace(side / 2, length - side / 2, count) - 0.5
