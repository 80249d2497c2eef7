"""Images and videos of known content."""

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
