"""What each camera of a rig recorded: a video, or a folder of images."""

import copy
import itertools
import logging
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path

import cv2
import numpy as np
from mmengine.logging import print_log

from ...utils.file_names import check_file_name
from ...utils.files import content_digest
from ...utils.natural_order import natural_key
from ...utils.near_paths import near_path
from ..frames import VideoFile, image_files
from ..frames.clock import FrameTimes, frame_times
from ..frames.file_types import (
    IMAGE_SUFFIXES,
    camera_name,
    camera_paths,
    split_name,
    warn_of_other_images,
)
from ..image_size import check_one_size
from ..storage import read_image


class Recording(ABC):
    """What a camera recorded, as encoded images.

    Args:
        path (Path): The video, or the folder of images.

    Attributes:
        suffix (str): Of the encoded images.
        fps (float): Frames per second that a video states; 0 if not known.
        image_size (tuple[int, int]): Width and height in pixels.
        frames (Sequence[int]): Frame number of each image. Without
            :meth:`numbered`, the n-th image is frame n.
    """

    suffix: str = '.jpg'
    fps: float = 0.0
    image_size: tuple[int, int]

    def __init__(self, path: Path):
        self.path = path
        self._places: dict[int, int] | None = None

    @abstractmethod
    def __len__(self) -> int:
        """Number of images that can be read."""

    @abstractmethod
    def frame_name(self, number: int) -> str:
        """What a frame is called by who labels the recording."""

    @abstractmethod
    def read(
        self, numbers: Sequence[int], quality: int = 95
    ) -> Iterator[tuple[int, bytes]]:
        """Encoded images by frame number.

        Args:
            numbers (Sequence[int]): Frame numbers, ascending. One that cannot
                be read is left out.
            quality (int): Of JPEG.
        """

    @abstractmethod
    def digest(self) -> str:
        """A digest of the content of its files."""

    @property
    def frames(self) -> Sequence[int]:
        return range(len(self)) if self._places is None else list(self._places)

    def numbered(self, frames: Sequence[int]) -> 'Recording':
        """The same with other frame numbers, one for each image."""
        result = copy.copy(self)
        result._places = {frame: place for place, frame in enumerate(frames)}
        return result

    def _place(self, number: int) -> int:
        return number if self._places is None else self._places[number]


class RecordedVideo(Recording):
    """A video.

    Raises:
        ValueError: If OpenCV cannot read it.
    """

    def __init__(self, path: Path):
        super().__init__(path)
        self._video = VideoFile(path)
        self.fps, self.image_size = self._video.fps, self._video.image_size

    @cached_property
    def _seconds(self) -> list[float]:
        return self._video.times()

    @cached_property
    def times(self) -> FrameTimes:
        """Its frame numbers by the times of its images.

        Raises:
            UnevenTimesError: If the images do not come at equal times.
        """
        return frame_times(self._seconds, str(self.path))

    def __len__(self) -> int:
        return len(self._seconds)

    def frame_name(self, number: int) -> str:
        """The place of the image in the video, from 0."""
        return str(self._place(number))

    def read(
        self, numbers: Sequence[int], quality: int = 95
    ) -> Iterator[tuple[int, bytes]]:
        by_place = {self._place(number): number for number in numbers}
        for place, image in self._video.images(by_place):
            yield by_place[place], _encode(image, quality)

    def digest(self) -> str:
        return content_digest([self.path])


class RecordedImages(Recording):
    """A folder of images, in the natural order of their names. Those of other kinds
    than are read are named in a warning.

    Attributes:
        stems (list[str]): Names of the images without suffixes.

    Raises:
        ValueError: If it has no images, the first is not readable, or one has
            another size.
    """

    def __init__(self, path: Path):
        super().__init__(path)
        warn_of_other_images(path)
        self._files = image_files(path)
        if not self._files:
            raise ValueError(f'{path}: has no images ({IMAGE_SUFFIXES})')
        self.stems = [file.stem for file in self._files]
        self.suffix = self._files[0].suffix.lower()
        first = read_image(self._files[0])
        if first is None:
            raise ValueError(f'{self._files[0]}: not readable')
        self.image_size = (first.shape[1], first.shape[0])
        check_one_size(self._files)

    def __len__(self) -> int:
        return len(self._files)

    def frame_name(self, number: int) -> str:
        """The name of the image."""
        return self.stems[self._place(number)]

    def read(
        self, numbers: Sequence[int], quality: int = 95
    ) -> Iterator[tuple[int, bytes]]:
        """The files as they are; those with another suffix than the first one
        are encoded again. See :meth:`Recording.read`."""
        for number in numbers:
            file = self._files[self._place(number)]
            image = read_image(file)
            if image is None:
                print_log(
                    f'{file} is left out: not readable', 'current', logging.WARNING
                )
            elif file.suffix.lower() == self.suffix:
                yield number, file.read_bytes()
            else:
                yield number, _encode(image, quality, self.suffix)

    def digest(self) -> str:
        return content_digest(self._files)


def open_recording(path: Path) -> RecordedVideo | RecordedImages:
    """A video or a folder of images.

    Raises:
        FileNotFoundError: If there is neither.
        ValueError: If it cannot be read.
    """
    if path.is_dir():
        return RecordedImages(path)
    if not path.is_file():
        raise FileNotFoundError(
            f'there is no video or image folder {path}{near_path(path)}'
        )
    return RecordedVideo(path)


def find_recordings(arguments: Iterable[str]) -> dict[str, Path]:
    """Cameras, and where their recordings are.

    Args:
        arguments (Iterable[str]): Each NAME=PATH, or a path: a directory of
            videos and image folders gives all of these, named by their file
            names; a video or an image folder gives itself.

    Raises:
        FileNotFoundError: If a directory has neither.
        ValueError: If two cameras have the same name, or a directory has
            images beside cameras.
    """
    found = list(itertools.chain.from_iterable(map(_find, arguments)))
    names = [name for name, _ in found]
    for name in names:
        if names.count(name) > 1:
            paths = [str(path) for other, path in found if other == name]
            raise ValueError(
                f'two sources are called {name!r}: {paths}. Name them: NAME=PATH'
            )
        try:
            check_file_name(name, 'the camera')
        except ValueError as error:
            raise ValueError(
                f'{name!r} is no name for a camera: {error}. Name the source: NAME=PATH'
            ) from error
    return dict(sorted(found, key=lambda item: natural_key(item[0])))


def _find(argument: str) -> list[tuple[str, Path]]:
    name, text = split_name(argument)
    path = Path(text)
    if name is not None:
        return [(name, path)]
    if not path.is_dir():
        return [(camera_name(path), path)]
    inside, images = camera_paths(path), image_files(path)
    if inside and images:
        raise ValueError(
            f'{path} has images ({images[0].name}, ...) and cameras '
            f'({", ".join(inside)}): name the sources one by one, NAME=PATH'
        )
    if not inside and not images:
        raise FileNotFoundError(f'{path} has neither videos nor image folders')
    return list(inside.items()) or [(camera_name(path), path)]


def _encode(image: np.ndarray, quality: int, suffix: str = '.jpg') -> bytes:
    _, content = cv2.imencode(suffix, image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return content.tobytes()
