"""Pictures one after the other in one file: a video, or an animated picture."""

from pathlib import Path

import cv2
import numpy as np
from PIL import Image

#: Suffixes of pictures that move, which browsers and README files show.
ANIMATION_SUFFIXES = ('.gif', '.webp')
_WEBP_QUALITY = 80


class VideoFile:
    """A video; all pictures take the size of the first.

    Args:
        path (Path): Its suffix says the container.
        fps (float): Pictures a second.
    """

    def __init__(self, path: Path, fps: float):
        self._path, self._fps = path, fps
        self._writer: cv2.VideoWriter | None = None

    def write(self, picture: np.ndarray) -> None:
        """Add an RGB picture.

        Raises:
            OSError: If the file cannot be written.
        """
        if self._writer is None:
            self._writer = self._open(picture.shape[1], picture.shape[0])
        bgr = np.ascontiguousarray(picture[..., ::-1])
        self._writer.write(fit_picture(bgr, *self._size))

    def close(self) -> None:
        if self._writer is not None:
            self._writer.release()

    def _open(self, width: int, height: int) -> cv2.VideoWriter:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        # codecs want even sizes
        self._size = (width + width % 2, height + height % 2)
        codec = cv2.VideoWriter.fourcc(*'mp4v')
        writer = cv2.VideoWriter(str(self._path), codec, self._fps, self._size)
        if not writer.isOpened():
            raise OSError(f'{self._path} cannot be written as a video')
        return writer


class AnimationFile:
    """An animated GIF or WebP that plays for ever. Its pictures are kept in memory,
    and written at the end.

    Args:
        path (Path): With one of :data:`ANIMATION_SUFFIXES`.
        fps (float): Pictures a second.
    """

    def __init__(self, path: Path, fps: float):
        self._path, self._fps = path, fps
        self._pictures: list[Image.Image] = []

    def write(self, picture: np.ndarray) -> None:
        """Add an RGB picture."""
        if self._pictures:
            picture = fit_picture(picture, *self._pictures[0].size)
        self._pictures.append(Image.fromarray(picture))

    def close(self) -> None:
        """Write the file.

        Raises:
            OSError: If it cannot be written.
        """
        if self._pictures:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            first, *others = self._pictures
            first.save(
                self._path,
                save_all=True,
                append_images=others,
                duration=round(1000 / self._fps),
                loop=0,
                quality=_WEBP_QUALITY,
            )


def fit_picture(picture: np.ndarray, width: int, height: int) -> np.ndarray:
    """Cut a picture (H, W, 3), or fill it up, at the right and at the bottom."""
    canvas = np.full((height, width, 3), 255, np.uint8)
    part = picture[:height, :width]
    canvas[: part.shape[0], : part.shape[1]] = part
    return canvas
