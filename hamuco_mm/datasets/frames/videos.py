"""Frames from video files and webcams."""

import itertools
import logging
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
from mmengine.logging import print_log

from ...utils.image_headers import check_size
from ...utils.near_paths import near_path
from .images import Frame

# of a video or a webcam that does not state it
_DEFAULT_FPS = 30.0
# Streams that do not say how many images they have; OpenCV makes up a number.
_UNCOUNTED = ('.mpg', '.mpeg', '.mjpeg')


class UnreadableVideoError(OSError, ValueError):
    """A video or a webcam from which OpenCV gets no image."""


class VideoFile:
    """A video file, which is read from its beginning each time it is asked.

    A rotation that the file states, as telephones do, is applied.

    Args:
        path (str | Path): The file.
        name (str, optional): Of the camera. Defaults to that of the file.

    Attributes:
        fps (float): Frames per second that the file states; the mean, where
            the rate is variable.
        image_size (tuple[int, int]): Width and height in pixels.
        files (list[str]): The file.

    Raises:
        FileNotFoundError: If there is no such file.
        ImageTooLargeError: If its images have too many pixels.
        UnreadableVideoError: If it has no first image.
    """

    def __init__(self, path: str | Path, name: str | None = None):
        self.path, self.name = str(path), name or Path(path).stem
        self.files = [self.path]
        if not os.path.isfile(self.path):
            raise FileNotFoundError(
                f'there is no video {self.path}{near_path(self.path)}'
            )
        if not os.path.getsize(self.path):
            raise UnreadableVideoError(
                f'video {self.path} is empty: it has no bytes. Copy or record it again'
            )
        with _opened(self.path) as capture:
            width = capture.get(cv2.CAP_PROP_FRAME_WIDTH)
            check_size(width, capture.get(cv2.CAP_PROP_FRAME_HEIGHT), self.path)
            found, image = capture.read()
            turn = capture.get(cv2.CAP_PROP_ORIENTATION_META) % 360
            if turn in (90, 180, 270) and not capture.get(
                cv2.CAP_PROP_ORIENTATION_AUTO
            ):
                raise UnreadableVideoError(
                    f'video {self.path} says that its images are to be turned by '
                    f'{turn:g} degrees, which this OpenCV does not do. Convert it '
                    '(ffmpeg -i VIDEO NEW.mp4), which turns them'
                )
            if not found:
                raise UnreadableVideoError(
                    f'video {self.path} cannot be read: it is damaged, or '
                    'OpenCV cannot read this video format. Convert it (ffmpeg '
                    '-i VIDEO -c:v libx264 NEW.mp4), or extract images (ffmpeg '
                    '-i VIDEO FOLDER/%08d.jpg) and give their folder'
                )
            self.fps = capture.get(cv2.CAP_PROP_FPS) or _DEFAULT_FPS
            self._length = int(capture.get(cv2.CAP_PROP_FRAME_COUNT))
            if self.path.lower().endswith(_UNCOUNTED):
                self._length = 0
        self.image_size = (image.shape[1], image.shape[0])

    def __len__(self) -> int:
        """Number of frames that the file states; TypeError if it states none."""
        if self._length <= 0:
            raise TypeError(f'{self.name} has no known length')
        return self._length

    def __iter__(self) -> Iterator[Frame]:
        """All frames; warns if there are fewer than the file states."""
        count = 0
        for number, time, image in self._decoded(itertools.count()):
            frame = _frame(self.name, number, image, time)
            yield frame._replace(video=self.path)
            count = number + 1
        self._warn_if_short(count)

    def images(self, places: Iterable[int]) -> Iterator[tuple[int, np.ndarray]]:
        """Some of the images.

        Args:
            places (Iterable[int]): Which ones, counted from 0, ascending.

        Yields:
            tuple: Place and image, uint8 BGR (H, W, 3). Ends early
            where the video has fewer images.
        """
        for place, _, image in self._decoded(places):
            yield place, image

    def times(self) -> list[float]:
        """When each image was taken, in seconds after the first.

        The video is decoded for it, as its header may state another number of
        images than there are.
        """
        with _opened(self.path) as capture:
            times = [time for _, time in self._grabbed(capture)]
        self._warn_if_short(len(times))
        return times

    def _warn_if_short(self, count: int) -> None:
        if count < self._length:
            print_log(
                f'video {self.path} ends after {count} of {self._length} '
                'images: damaged or cut off',
                logger='current',
                level=logging.WARNING,
            )

    def _decoded(
        self, places: Iterable[int]
    ) -> Iterator[tuple[int, float, np.ndarray]]:
        with _opened(self.path) as capture:
            grabbed = self._grabbed(capture)
            for wanted in places:
                # decoding is the cost: images in between are not converted
                time = next((t for place, t in grabbed if place == wanted), None)
                if time is None:
                    return
                found, image = capture.retrieve()
                if not found:
                    return
                yield wanted, time, image

    def _grabbed(self, capture: cv2.VideoCapture) -> Iterator[tuple[int, float]]:
        """Place and time of each image, which is then the capture's current one.
        Where the file does not say the time, an image comes one frame after the
        one before."""
        start = last = 0.0
        for place in itertools.count():
            if not capture.grab():
                return
            time = _seconds(capture) - start
            if place == 0:
                start, time = time, 0.0
            elif time <= last:
                time = last + 1 / self.fps
            yield place, time
            last = time


class Webcam:
    """A camera at this machine.

    Args:
        number (int): Which one, as OpenCV counts them.
        name (str): Of the camera.

    Attributes:
        fps (float): Images per second that it states.
        image_size (tuple[int, int]): Width and height in pixels.

    Raises:
        UnreadableVideoError: If it gives no image.
    """

    files: Sequence[str] = ()

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
        self.image_size = (self._first.shape[1], self._first.shape[0])

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
    capture.set(cv2.CAP_PROP_ORIENTATION_AUTO, 1)
    try:
        yield capture
    finally:
        capture.release()


def _seconds(capture: cv2.VideoCapture) -> float:
    return capture.get(cv2.CAP_PROP_POS_MSEC) / 1000


def _frame(
    name: str, number: int, image: np.ndarray, time: float | None = None
) -> Frame:
    return Frame(image, f'{number:08d}', f'{name}_{number:08d}.jpg', time=time)
