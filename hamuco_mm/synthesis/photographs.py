"""Photographs behind generated hands: those of scikit-image, or a folder of them."""

import hashlib
import os.path as osp
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import cv2
import numpy as np

from hamuco_mm.datasets.frames import image_files
from hamuco_mm.datasets.storage import read_image

from .randomness import STREAMS

# Of scikit-image. Disjoint, so that test backgrounds are in neither training.
_SKIMAGE = dict(
    train=('coffee.png', 'rocket.jpg', 'brick.png', 'coins.png'),
    val=('clock_motion.png', 'moon.png', 'text.png', 'color.png'),
    test=('chelsea.png', 'gravel.png', 'camera.png', 'ihc.png'),
    pretrain=(
        'astronaut.png',
        'grass.png',
        'hubble_deep_field.jpg',
        'retina.jpg',
        'motorcycle_left.png',
        'page.png',
    ),
)

# Of each ten photographs of a folder, the streams that get them.
_TURNS = ('pretrain', 'train') * 4 + ('test', 'val')

# Shorter side in memory, pixels: patches are shrunk to at most some 200 px.
_SIDE = 400
# Of which the smallest patch is a pixel.
_LEAST_SIDE = 4


@cache
def photographs(source: bool | str, stream: str) -> Sequence[np.ndarray]:
    """The photographs of a stream; no two streams share one.

    Args:
        source (bool | str): True for the photographs inside the installed
            scikit-image; otherwise a folder, whose images, also in its subfolders,
            are dealt to the streams in the order of their names.
        stream (str): Who asks.

    Returns:
        Sequence[np.ndarray]: (H, W, 3) uint8, BGR, the shorter side at most 400 px
        where they come from a folder.

    Raises:
        ImportError: If scikit-image is needed and not installed.
        ValueError: If the folder has no photograph for this stream, or a file in it
            cannot be read, is cut off, or has a side of less than 4 pixels.
    """
    if isinstance(source, bool):
        return _of_skimage(stream)
    paths = photograph_paths(source)
    turns = [_TURNS[i % len(_TURNS)] for i in range(len(paths))]
    images = [
        _read(path) for path, turn in zip(paths, turns, strict=True) if turn == stream
    ]
    if not images:
        raise ValueError(
            f'{source}: {len(paths)} photographs, of which none is left for the '
            f'stream {stream!r}: {len(_TURNS)} are enough for {", ".join(STREAMS)}'
        )
    return images


def photograph_paths(folder: str) -> list[Path]:
    """All images below a folder, in the order of their names.

    Raises:
        ValueError: If there is no such folder, or no image in it.
    """
    root = Path(folder)
    if not root.is_dir():
        raise ValueError(f'{folder}: photographs should be in a folder; there is none')
    folders = [root, *(path for path in root.rglob('*') if path.is_dir())]
    paths = [path for place in folders for path in image_files(place)]
    if not paths:
        raise ValueError(f'{folder}: has no images')
    return sorted(paths, key=lambda path: path.relative_to(root).as_posix())


def photographs_digest(folder: str) -> str:
    """Changes with the names and contents of the photographs, not with their
    place."""
    digest = hashlib.sha256()
    for path in photograph_paths(folder):
        digest.update(path.relative_to(folder).as_posix().encode() + b'\0')
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _read(path: Path) -> np.ndarray:
    image = read_image(path)
    if image is None:
        raise ValueError(f'{path}: is not an image that OpenCV reads; take it away')
    height, width = image.shape[:2]
    if min(height, width) < _LEAST_SIDE:
        raise ValueError(
            f'{path}: {width} x {height} pixels are no photograph; take it away'
        )
    scale = _SIDE / min(image.shape[:2])
    if scale >= 1:
        return image
    return cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)


def _of_skimage(stream: str) -> Sequence[np.ndarray]:
    try:
        import skimage.data
        from skimage.io import imread
    except ImportError as error:
        raise ImportError(
            'photographic backgrounds need it: pip install scikit-image, or give '
            'a folder of photographs, or leave out --photos'
        ) from error
    folder = osp.dirname(skimage.data.__file__)
    paths = [osp.join(folder, name) for name in _SKIMAGE[stream]]
    # OpenCV complains about the colour profiles of these files, once for each process
    images = [_bgr(imread(path)) for path in paths if osp.exists(path)]
    if not images:
        raise ImportError(
            f'the installed scikit-image has none of {_SKIMAGE[stream]}: '
            'leave out --photos'
        )
    return images


def _bgr(image: np.ndarray) -> np.ndarray:
    """Grey, RGB or RGBA as BGR."""
    if image.ndim == 2:
        return cv2.cvtColor(image, cv2.COLOR_GRAY2BGR)
    return np.ascontiguousarray(image[..., 2::-1])
