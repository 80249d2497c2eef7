"""The frames of one camera, by whatever names them."""

from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

import numpy as np

from ...utils.near_paths import near_path
from .file_types import (
    IMAGE_SUFFIXES,
    VIDEO_SUFFIXES,
    camera_name,
    is_image,
    is_video,
)
from .images import ImageArrays, ImageFiles, ImageFolder
from .videos import VideoFile, Webcam

Source: TypeAlias = ImageFiles | ImageArrays | VideoFile | Webcam
# Schemes of live cameras and streams.
_STREAM_SCHEMES = ('rtsp', 'rtsps', 'rtmp', 'rtp', 'udp', 'tcp', 'srt')
# What :func:`open_source` takes.
SourceInput: TypeAlias = str | Path | np.ndarray | Sequence[str | Path | np.ndarray]


def open_source(item: SourceInput, name: str | None = None) -> Source:
    """Open the images of one camera.

    Args:
        item (SourceInput): Path or URL of an image, path of a folder of images
            or of a video, ``'webcam'`` or ``'webcam:<id>'``, an array, or a
            list of image paths or of arrays.
        name (str, optional): Defaults to that of the file or folder.

    Raises:
        FileNotFoundError, OSError, ValueError: If it cannot be opened.
    """
    if isinstance(item, np.ndarray):
        return ImageArrays([item], name or 'image')
    if isinstance(item, (list, tuple)):
        return _open_list(item, name)
    if not isinstance(item, (str, Path)):
        raise ValueError(
            f'expected a path, an array, or a list of them, got {type(item).__name__}'
        )
    path = Path(item)
    if is_webcam(item):
        return Webcam(_webcam_number(str(item)), name or 'webcam')
    if path.is_dir():
        return ImageFolder(path, name or camera_name(path))
    if _is_address_of_video(str(item)):
        raise ValueError(
            f'{item} is the address of a video or stream, which are not read over a '
            'network: download or record it (ffmpeg -i ADDRESS -c copy cam.mp4), and '
            'name the file'
        )
    if is_video(path):
        return VideoFile(item, name or path.stem)
    if is_image(path) or '://' in str(item):
        return ImageFiles([item], name or path.stem)
    if not path.exists():
        raise FileNotFoundError(f'there is no file or folder {path}{near_path(path)}')
    raise ValueError(
        f'{path} is neither an image ({" ".join(IMAGE_SUFFIXES)})'
        f' nor a video ({" ".join(VIDEO_SUFFIXES)})'
    )


def is_webcam(item: object) -> bool:
    """Whether an input is a camera at this machine."""
    return isinstance(item, str) and item.split(':')[0].lower() == 'webcam'


def _is_address_of_video(item: str) -> bool:
    scheme, separator, _ = item.partition('://')
    return bool(separator) and (scheme.lower() in _STREAM_SCHEMES or is_video(item))


def _open_list(items: Sequence, name: str | None) -> ImageFiles | ImageArrays:
    if not items:
        raise ValueError(f'{name or "the input"} is an empty list')
    if all(isinstance(image, np.ndarray) for image in items):
        return ImageArrays(items, name or 'images')
    if all(isinstance(path, (str, Path)) for path in items):
        return ImageFiles(items, name or 'images')
    raise ValueError('a list of images should be all paths or all arrays')


def _webcam_number(item: str) -> int:
    _, _, number = item.partition(':')
    if number and not number.isdecimal():
        raise ValueError(f"a webcam is 'webcam' or 'webcam:<number>', got {item!r}")
    return int(number or 0)
