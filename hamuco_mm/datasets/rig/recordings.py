"""What each camera of a rig recorded: a video, or a folder of images."""

import operator
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TypeAlias

import cv2
import numpy as np

from ...utils.natural_order import natural_key
from ..frames import IMAGE_SUFFIXES, VideoFile, image_files
from ..frames.file_types import camera_paths
from ..storage import read_image


class RecordedVideo:
    """A video, as encoded images.

    Args:
        path (Path): The file.

    Attributes:
        suffix (str): Of the encoded images.
        fps (float): Frames per second.
        image_size (tuple[int, int]): Width and height in pixels.

    Raises:
        ValueError: If OpenCV cannot read it, or it does not say how many
            frames it has.
    """

    suffix = '.jpg'

    def __init__(self, path: Path):
        self.path = path
        self._video = VideoFile(path)
        self.fps, self.image_size = self._video.fps, self._video.image_size
        if operator.length_hint(self._video, 0) < 1:
            raise ValueError(
                f'{path}: has no frames, or does not say how '
                'many. Extract images (ffmpeg -i VIDEO '
                'FOLDER/%08d.jpg) and give the folder'
            )

    def __len__(self) -> int:
        return len(self._video)

    def frame_name(self, number: int) -> str:
        """What labels of this frame are called: its number."""
        return str(number)

    def read(
        self, numbers: Sequence[int], quality: int = 95
    ) -> Iterator[tuple[int, bytes]]:
        """Encoded images by frame number.

        Args:
            numbers (Sequence[int]): Frame numbers, ascending. Ends early where
                the video has fewer frames than it says.
            quality (int): Of JPEG.
        """
        for number, image in self._video.images(numbers):
            yield number, _encode(self.path, image, quality)


class RecordedImages:
    """A folder of images, in the natural order of their names.

    Args:
        path (Path): The folder.

    Attributes: See :class:`RecordedVideo`; ``fps`` is not known.

    Raises:
        ValueError: If it has no images, or the first is not readable.
    """

    fps = 0.0

    def __init__(self, path: Path):
        self.path = path
        self._files = image_files(path)
        if not self._files:
            raise ValueError(f'{path}: has no images ({IMAGE_SUFFIXES})')
        self.suffix = self._files[0].suffix.lower()
        first = _read(self._files[0])
        self.image_size = (first.shape[1], first.shape[0])

    def __len__(self) -> int:
        return len(self._files)

    def frame_name(self, number: int) -> str:
        """What labels of this frame are called: as the image."""
        return self._files[number].stem

    def read(
        self, numbers: Sequence[int], quality: int = 95
    ) -> Iterator[tuple[int, bytes]]:
        """The files as they are; those with another suffix than the first one
        are encoded again. See :meth:`RecordedVideo.read`."""
        for number in numbers:
            file = self._files[number]
            if file.suffix.lower() == self.suffix:
                yield number, file.read_bytes()
            else:
                yield number, _encode(file, _read(file), quality, self.suffix)


Recording: TypeAlias = RecordedVideo | RecordedImages


def open_recording(path: Path) -> Recording:
    """A video or a folder of images.

    Raises:
        FileNotFoundError: If there is neither.
        ValueError: If it cannot be read.
    """
    if path.is_dir():
        return RecordedImages(path)
    if not path.is_file():
        raise FileNotFoundError(f'there is no video or image folder {path}')
    return RecordedVideo(path)


def find_recordings(arguments: Iterable[str]) -> dict[str, Path]:
    """Cameras, and where their recordings are.

    Args:
        arguments (Iterable[str]): Each NAME=PATH, or a path: a directory of
            videos and image folders gives all of these, named by their file
            names; a video or an image folder gives itself.

    Raises:
        FileNotFoundError: If a directory has neither.
        ValueError: If two cameras have the same name.
    """
    found: list[tuple[str, Path]] = []
    for argument in arguments:
        name, separator, rest = argument.partition('=')
        path = Path(rest if separator else argument)
        if separator:
            found.append((name, path))
        elif path.is_dir() and not image_files(path):
            inside = camera_paths(path)
            if not inside:
                raise FileNotFoundError(f'{path} has neither videos nor image folders')
            found += [(entry.stem, entry) for entry in inside]
        else:
            found.append((path.stem, path))
    names = [name for name, _ in found]
    for name in names:
        if names.count(name) > 1:
            paths = [str(path) for other, path in found if other == name]
            raise ValueError(
                f'two sources are called {name!r}: {paths}. Name them: NAME=PATH'
            )
        if not name or '/' in name:
            raise ValueError(f'{name!r} is no name for a camera')
    return dict(sorted(found, key=lambda item: natural_key(item[0])))


def _read(file: Path) -> np.ndarray:
    image = read_image(file)
    if image is None:
        raise ValueError(f'{file}: not readable')
    return image


def _encode(path: Path, image: np.ndarray, quality: int, suffix: str = '.jpg') -> bytes:
    done, content = cv2.imencode(suffix, image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise ValueError(f'{path}: a frame cannot be encoded as {suffix}')
    return content.tobytes()
