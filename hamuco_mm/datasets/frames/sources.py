"""Where images come from: files, folders, arrays, videos, webcams."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import cv2
import mmcv
import numpy as np
from mmengine.fileio import get
from mmengine.logging import print_log

IMAGE_SUFFIXES = ('.jpg', '.jpeg', '.png', '.bmp', '.webp', '.tif', '.tiff', '.ppm')
VIDEO_SUFFIXES = ('.mp4', '.avi', '.mov', '.mkv', '.webm', '.m4v', '.mjpeg')


class Frame(NamedTuple):
    """One image of one camera.

    Attributes:
        image (np.ndarray | None): uint8 BGR (H, W, 3); None if unreadable.
        name (str): Stem of the file, or the number of the frame.
        path (str): Of the file; the name where there is none.
        problem (str | None): Why there is no image.
    """

    image: np.ndarray | None
    name: str
    path: str
    problem: str | None = None


class ImageFiles:
    """Image files or URLs, one after another; an unreadable one gives a
    frame with a ``problem``.

    Raises:
        FileNotFoundError: If a local file does not exist.
    """

    fps = None

    def __init__(self, paths: Sequence[str], name: str):
        self.paths = [str(path) for path in paths]
        self.name = name
        missing = [p for p in self.paths if '://' not in p and not os.path.isfile(p)]
        if missing:
            raise FileNotFoundError(
                f'there is no image {missing[0]}'
                + (f' (nor {len(missing) - 1} others)' if missing[1:] else '')
            )

    def __len__(self) -> int:
        return len(self.paths)

    def __iter__(self) -> Iterator[Frame]:
        for path in self.paths:
            image, problem = None, None
            try:
                image = mmcv.imfrombytes(get(path), flag='color')
            except Exception as error:  # each backend raises its own
                problem = f'{path} cannot be read ({error})'
            if image is None and problem is None:
                problem = f'{path} cannot be read as an image'
            yield Frame(image, Path(path).stem, path, problem)


class Arrays:
    """Images in memory, uint8 BGR (H, W, 3) or grey (H, W).

    Raises:
        ValueError: If an array is none.
    """

    fps = None

    def __init__(self, images: Sequence[np.ndarray], name: str):
        self.images = [_check_array(image) for image in images]
        self.name = name

    def __len__(self) -> int:
        return len(self.images)

    def __iter__(self) -> Iterator[Frame]:
        for index, image in enumerate(self.images):
            yield Frame(image, f'{index:08d}', f'{index:08d}.jpg')


class Video:
    """A video file or a webcam.

    Raises:
        OSError: If it cannot be opened or has no first image.
    """

    def __init__(self, source: str | int, name: str):
        self.source, self.name = source, name
        if isinstance(source, str) and not os.path.isfile(source):
            raise FileNotFoundError(f'there is no video {source}')
        self._capture = cv2.VideoCapture(source)
        self._first, image = self._capture.read()
        if not self._first:
            kind = 'webcam' if isinstance(source, int) else 'video'
            raise OSError(
                f'{kind} {source} cannot be read: not there, damaged, or of '
                'a format that this OpenCV was built without'
            )
        self._image = image
        self.fps = self._capture.get(cv2.CAP_PROP_FPS) or 30.0
        self._length = int(self._capture.get(cv2.CAP_PROP_FRAME_COUNT))

    def __len__(self) -> int:
        """What the file says; raises TypeError where it does not, as streams
        and webcams."""
        if isinstance(self.source, int) or self._length <= 0:
            raise TypeError(f'{self.name} has no known length')
        return self._length

    def __iter__(self) -> Iterator[Frame]:
        index, (found, image) = 0, (self._first, self._image)
        while found:
            yield Frame(image, f'{index:08d}', f'{self.name}_{index:08d}.jpg')
            found, image = self._capture.read()
            index += 1
        self._capture.release()
        if not isinstance(self.source, int) and index < self._length:
            print_log(
                f'video {self.source} ends after {index} of {self._length} '
                'images: damaged or cut off',
                logger='current',
                level='WARNING',
            )


Source = ImageFiles | Arrays | Video


def open_source(item, name: str | None = None) -> Source:
    """Open one camera's images.

    Args:
        item: Path or URL of an image, path of a folder of images or of a
            video, ``'webcam'`` or ``'webcam:<id>'``, an array, or a list of
            image paths or of arrays.
        name (str, optional): Defaults to that of the file or folder.

    Raises:
        FileNotFoundError, OSError, ValueError: If it cannot be opened.
    """
    if isinstance(item, np.ndarray):
        return Arrays([item], name or 'image')
    if isinstance(item, (list, tuple)):
        if not item:
            raise ValueError(f'{name or "the input"} is an empty list')
        if all(isinstance(image, np.ndarray) for image in item):
            return Arrays(item, name or 'images')
        if all(isinstance(path, (str, Path)) for path in item):
            return ImageFiles(item, name or 'images')
        raise ValueError('a list of images should be all paths or all arrays')
    if not isinstance(item, (str, Path)):
        raise ValueError(
            f'expected a path, an array, or a list of them, got {type(item).__name__}'
        )
    path = Path(item)
    if is_webcam(item):
        _, _, number = str(item).partition(':')
        if number and not number.isdigit():
            raise ValueError(
                f"a webcam is 'webcam' or 'webcam:<number>', got {str(item)!r}"
            )
        return Video(int(number or 0), name or 'webcam')
    if path.is_dir():
        images = sorted(
            str(file)
            for file in path.iterdir()
            if file.suffix.lower() in IMAGE_SUFFIXES
        )
        if not images:
            raise FileNotFoundError(f'the folder {path} has no images')
        return ImageFiles(images, name or path.resolve().name)
    if path.suffix.lower() in VIDEO_SUFFIXES:
        return Video(str(item), name or path.stem)
    if path.suffix.lower() in IMAGE_SUFFIXES or '://' in str(item):
        return ImageFiles([str(item)], name or path.stem)
    if not path.exists():
        raise FileNotFoundError(f'there is no file or folder {path}')
    raise ValueError(
        f'{path} is neither an image ({" ".join(IMAGE_SUFFIXES)})'
        f' nor a video ({" ".join(VIDEO_SUFFIXES)})'
    )


def is_webcam(item) -> bool:
    """Whether an input is a camera at this machine."""
    return isinstance(item, str) and item.split(':')[0].lower() == 'webcam'


def _check_array(image: np.ndarray) -> np.ndarray:
    if (
        image.dtype != np.uint8
        or image.ndim not in (2, 3)
        or (image.ndim == 3 and image.shape[2] != 3)
        or not image.size
    ):
        raise ValueError(
            'an image should be uint8 in BGR order and shape '
            f'(H, W, 3), got {image.dtype} {image.shape}'
        )
    return image if image.ndim == 3 else cv2.cvtColor(image, cv2.COLOR_GRAY2BGR)
