"""Pictures one after the other in one file: a video, or an animated picture."""

import errno
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image

from .files import whole_file

#: Suffixes of pictures that move, which browsers and README files show.
ANIMATION_SUFFIXES = ('.gif', '.webp')
_WEBP_QUALITY = 80
# MPEG-4 counts time in at most so many parts of a second.
_MOST_TICKS = 65535


class VideoFile:
    """A video, which takes its name when it is complete; all pictures take the size
    of the first.

    Args:
        path (Path): Its suffix says the container.
        fps (float): Pictures a second.

    Raises:
        OSError: If OpenCV writes no videos of this suffix.
    """

    def __init__(self, path: Path, fps: float):
        self._path, self._fps = path, _codec_rate(fps)
        _try_container(path.suffix, self._fps)
        self._unfinished = ExitStack()
        self._writer: cv2.VideoWriter | None = None
        self._count = 0

    def write(self, picture: np.ndarray) -> None:
        """Add an RGB picture.

        Raises:
            OSError: If the file cannot be written.
        """
        if self._writer is None:
            self._writer = self._open(picture.shape[1], picture.shape[0])
        bgr = np.ascontiguousarray(picture[..., ::-1])
        self._writer.write(fit_picture(bgr, *self._size))
        self._count += 1

    def close(self) -> None:
        """Give the video its name.

        Raises:
            DiskFullError: If pictures are missing in the file.
        """
        if self._writer is None:
            return
        with self._unfinished:
            self._writer.release()
            written = _count_pictures(self._part, self._count)
            if written != self._count:
                # OpenCV does not say why
                raise OSError(
                    errno.ENOSPC, f'it would have {written} of {self._count} pictures'
                )

    def __enter__(self) -> 'VideoFile':
        return self

    def __exit__(self, *error: Any) -> None:
        """Close it; after an error, remove it."""
        if error[0] is None:
            self.close()
        else:
            self._unfinished.__exit__(*error)

    def _open(self, width: int, height: int) -> cv2.VideoWriter:
        if self._path.is_dir():
            raise OSError(f'{self._path} cannot be written as a video: it is a folder')
        self._path.parent.mkdir(parents=True, exist_ok=True)
        # codecs want even sizes
        self._size = (width + width % 2, height + height % 2)
        with ExitStack() as unfinished:
            # OpenCV goes by the suffix
            whole = whole_file(self._path, self._path.suffix)
            self._part = unfinished.enter_context(whole)
            self._part.write_bytes(b'0')  # fails with a reason, unlike OpenCV
            writer = _open_writer(self._part, self._fps, self._size)
            if not writer.isOpened():
                raise OSError(f'{self._path} cannot be written as a video')
            self._unfinished = unfinished.pop_all()
        return writer


def _codec_rate(fps: float) -> float:
    """The nearest rate that the codec can state: OpenCV takes as many decimals as
    there are, up to three, and fails where that makes too many ticks."""
    decimals = next((d for d in (3, 2, 1) if fps * 10**d <= _MOST_TICKS), 0)
    return round(fps, decimals)


def _open_writer(path: Path, fps: float, size: tuple[int, int]) -> cv2.VideoWriter:
    return cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*'mp4v'), fps, size)


def _try_container(suffix: str, fps: float) -> None:
    """Begin a video in a folder of its own, before the work that makes one: some
    containers do not take the codec."""
    with tempfile.TemporaryDirectory() as folder:
        writer = _open_writer(Path(folder) / f'trial{suffix}', fps, (32, 32))
        if not writer.isOpened():
            raise OSError(
                f'a video with the suffix {suffix} cannot be written by this OpenCV at '
                f'{fps:g} pictures a second: .mp4 can'
            )
        writer.release()


def _count_pictures(path: Path, expected: int) -> int:
    """Pictures of a video, by its header if that says what is expected: a container
    cannot say it unless it is complete. Some only say how long they last, which makes
    another number."""
    video = cv2.VideoCapture(str(path))
    count = int(video.get(cv2.CAP_PROP_FRAME_COUNT))
    if count != expected:
        count = 0
        while video.grab():
            count += 1
    video.release()
    return count


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
            with whole_file(self._path, self._path.suffix) as part:
                first.save(
                    part,
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
