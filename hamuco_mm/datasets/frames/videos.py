"""Frames from video files and webcams."""

import itertools
import logging
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
from mmengine.logging import print_log

from .images import Frame

# of a video or a webcam that does not state it
_DEFAULT_FPS = 30.0


class UnreadableVideoError(OSError, ValueError):
    """A video or a webcam from which OpenCV gets no image."""


class VideoFile:
    """A video file, which is read from its beginning each time it is asked.

    Args:
        path (str | Path): The file.
        name (str, optional): Of the camera. Defaults to that of the file.

    Attributes:
        fps (float): Frames per second.
        image_size (tuple[int, int]): Width and height in pixels.

    Raises:
        FileNotFoundError: If there is no such file.
        UnreadableVideoError: If it has no first image.
    """

    def __init__(self, path: str | Path, name: str | None = None):
        self.path, self.name = str(path), name or Path(path).stem
        if not os.path.isfile(self.path):
            raise FileNotFoundError(f'there is no video {self.path}')
        with _opened(self.path) as capture:
            found, image = capture.read()
            if not found:
                raise UnreadableVideoError(
                    f'video {self.path} cannot be read: it is damaged, or '
                    'OpenCV cannot read this video format. Convert it (ffmpeg '
                    '-i VIDEO -c:v libx264 NEW.mp4), or extract images (ffmpeg '
                    '-i VIDEO FOLDER/%08d.jpg) and give their folder'
                )
            self.fps = capture.get(cv2.CAP_PROP_FPS) or _DEFAULT_FPS
            self._length = int(capture.get(cv2.CAP_PROP_FRAME_COUNT))
        self.image_size = (image.shape[1], image.shape[0])

    def __len__(self) -> int:
        """Number of frames that the file states; TypeError if it states none."""
        if self._length <= 0:
            raise TypeError(f'{self.name} has no known length')
        return self._length

    def __iter__(self) -> Iterator[Frame]:
        """All frames; warns if there are fewer than the file states."""
        count = 0
        for number, image in self.images(itertools.count()):
            yield _frame(self.name, number, image)
            count = number + 1
        if count < self._length:
            print_log(
                f'video {self.path} ends after {count} of {self._length} '
                'images: damaged or cut off',
                logger='current',
                level=logging.WARNING,
            )

    def images(self, numbers: Iterable[int]) -> Iterator[tuple[int, np.ndarray]]:
        """Some of the images, with their frame numbers.

        Args:
            numbers (Iterable[int]): Frame numbers, ascending.

        Yields:
            tuple: Frame number and image, uint8 BGR (H, W, 3). Ends early
            where the video has fewer frames than it states.
        """
        with _opened(self.path) as capture:
            position = -1
            for number in numbers:
                # decoding is the cost: frames in between are not converted
                while position < number:
                    if not capture.grab():
                        return
                    position += 1
                found, image = capture.retrieve()
                if not found:
                    return
                yield number, image


class Webcam:
    """A camera at this machine.

    Args:
        number (int): Which one, as OpenCV counts them.
        name (str): Of the camera.

    Raises:
        UnreadableVideoError: If it gives no image.
    """

    def __init__(self, number: int, name: str = 'webcam'):
        self.name = name
        self._capture = cv2.VideoCapture(number)
        found, self._first = self._capture.read()
        if not found:
            raise UnreadableVideoError(
                f'webcam {number} cannot be read: not there, in use, or of a '
                'kind that this OpenCV was built without'
            )
        self.fps = self._capture.get(cv2.CAP_PROP_FPS) or _DEFAULT_FPS

    def __iter__(self) -> Iterator[Frame]:
        """Images as they come, until the camera gives no more."""
        image = self._first
        for number in itertools.count():
            yield _frame(self.name, number, image)
            found, image = self._capture.read()
            if not found:
                break
        self._capture.release()


@contextmanager
def _opened(path: str) -> Iterator[cv2.VideoCapture]:
    capture = cv2.VideoCapture(path)
    try:
        yield capture
    finally:
        capture.release()


def _frame(name: str, number: int, image: np.ndarray) -> Frame:
    return Frame(image, f'{number:08d}', f'{name}_{number:08d}.jpg')
