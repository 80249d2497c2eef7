"""Images and videos of known content."""

from collections.abc import Iterable
from pathlib import Path

import cv2
import numpy as np

SIZE = 128


def make_image(seed: int) -> np.ndarray:
    """Smooth colours, other ones for each seed; uint8 BGR."""
    coarse = np.random.default_rng(seed).integers(0, 255, (6, 6, 3), np.uint8)
    return cv2.resize(coarse, (SIZE, SIZE), interpolation=cv2.INTER_CUBIC)


def write_video(path, count: int, first: int = 0) -> str:
    writer = cv2.VideoWriter(
        str(path), cv2.VideoWriter_fourcc(*'MJPG'), 12, (SIZE, SIZE)
    )
    for seed in range(first, first + count):
        writer.write(make_image(seed))
    writer.release()
    return str(path)


def plain_image(number: int, size: tuple[int, int] = (64, 48)) -> np.ndarray:
    """Its brightness says its number, up to 12; width and height in pixels."""
    return np.full((size[1], size[0], 3), 10 + 20 * number, np.uint8)


def brightness_of(image: np.ndarray) -> int:
    """The number of a plain image."""
    return round((float(image.mean()) - 10) / 20)


def write_plain_video(path: Path, numbers: Iterable[int], rate: float = 30) -> Path:
    """A video of plain images, in the format of its suffix."""
    codec = 'mp4v' if path.suffix == '.mp4' else 'MJPG'
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*codec), rate, (64, 48))
    for number in numbers:
        writer.write(plain_image(number))
    writer.release()
    return path
