"""Frames from image files and from arrays in memory."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import cv2
import mmcv
import numpy as np
from mmengine.fileio import get

from ...utils.near_paths import near_path
from .file_types import image_files, warn_of_other_images


class Frame(NamedTuple):
    """One image of one camera.

    Attributes:
        image (np.ndarray | None): uint8 BGR (H, W, 3); None if it cannot be read.
        name (str): Stem of the file, or the frame number.
        path (str): Of the file; the name where there is no file.
        problem (str | None): Why there is no image.
        time (float | None): Seconds after the first image, where known.
        video (str | None): Path of the video that it is from; its place there is
            the name.
    """

    image: np.ndarray | None
    name: str
    path: str
    problem: str | None = None
    time: float | None = None
    video: str | None = None


class ImageFiles:
    """Image files or URLs; one that cannot be read gives a frame with a
    ``problem``.

    Args:
        paths (Sequence[str | Path]): Files or URLs, in order.
        name (str): Of the camera.

    Attributes:
        files (list[str]): The same files or URLs.

    Raises:
        FileNotFoundError: If a local file does not exist.
    """

    fps = None

    def __init__(self, paths: Sequence[str | Path], name: str):
        self.paths = self.files = [str(path) for path in paths]
        self.name = name
        missing = [p for p in self.paths if '://' not in p and not os.path.isfile(p)]
        if missing:
            raise FileNotFoundError(
                f'there is no image {missing[0]}'
                + (f' (nor {len(missing) - 1} others)' if missing[1:] else '')
                + near_path(missing[0])
            )

    def __len__(self) -> int:
        return len(self.paths)

    def __iter__(self) -> Iterator[Frame]:
        for path in self.paths:
            image, problem = None, None
            try:
                content = get(path)
                if content:  # of nothing, OpenCV says where in its source it failed
                    image = mmcv.imfrombytes(content, flag='color')
            except Exception as error:  # each backend raises its own
                problem = f'{path} cannot be read ({error})'
            if image is None and problem is None:
                why = '' if content else ': it has no bytes'
                problem = f'{path} cannot be read as an image{why}'
            yield Frame(image, Path(path).stem, path, problem)


class ImageFolder(ImageFiles):
    """The images of a folder, in the natural order of their names. Those of other kinds
    than are read are named in a warning.

    Args:
        folder (Path): The folder.
        name (str): Of the camera.

    Attributes:
        stems (list[str]): Names of the images without suffixes.

    Raises:
        FileNotFoundError: If it has no images.
    """

    def __init__(self, folder: Path, name: str):
        warn_of_other_images(folder)
        files = image_files(folder)
        if not files:
            raise FileNotFoundError(f'the folder {folder} has no images')
        super().__init__(files, name)
        self.stems = [file.stem for file in files]


class ImageArrays:
    """Images in memory.

    Args:
        images (Sequence[np.ndarray]): uint8 BGR (H, W, 3) or grey (H, W).
        name (str): Of the camera.

    Raises:
        ValueError: If an array is not such an image.
    """

    fps = None
    files: Sequence[str] = ()

    def __init__(self, images: Sequence[np.ndarray], name: str):
        self.images = [_as_bgr(image) for image in images]
        self.name = name

    def __len__(self) -> int:
        return len(self.images)

    def __iter__(self) -> Iterator[Frame]:
        for number, image in enumerate(self.images):
            yield Frame(image, f'{number:08d}', f'{number:08d}.jpg')


def _as_bgr(image: np.ndarray) -> np.ndarray:
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
