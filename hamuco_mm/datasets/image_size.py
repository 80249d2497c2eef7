"""Sizes of images without decoding them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
from mmengine.utils import digit_version
from PIL import ExifTags

from ..utils.image_headers import open_image

# Values of the orientation for which width and height change places.
_TURNED = (5, 6, 7, 8)
_WEBP_IS_TURNED = digit_version(cv2.__version__) >= digit_version('4.13.0')


def image_size(path: str | Path) -> tuple[int, int]:
    """Width and height in pixels, from the header of a file.

    They are those of the image that is read, which OpenCV turns as its EXIF
    orientation says; a WebP only since OpenCV 4.13.

    Raises:
        ImageTooLargeError: If it has too many pixels.
        OSError: If the file is no image (also Pillow's
            ``UnidentifiedImageError``) or not there.
    """
    with open_image(path) as image:
        width, height = image.size
        try:
            tags = image.getexif()
        except Exception as error:  # damaged ones raise almost anything
            raise OSError(f'{path} has damaged EXIF data ({error!r})') from error
        if image.format == 'TIFF':
            # as it is stored: some versions of Pillow give it turned
            width, height = (
                tags[ExifTags.Base.ImageWidth],
                tags[ExifTags.Base.ImageLength],
            )
        turned = tags.get(ExifTags.Base.Orientation) in _TURNED and (
            _WEBP_IS_TURNED or image.format != 'WEBP'
        )
    return (height, width) if turned else (width, height)


def size_of_record(record: Mapping[str, Any]) -> tuple[int, int] | None:
    """Width and height of the image of a data info that has no ``image_size``.

    Args:
        record (Mapping): With ``width`` and ``height``, ``ori_shape`` or
            ``img_shape`` (height and width), or ``img_path``, of a file whose header
            is read.

    Returns:
        tuple | None: None where none of these says it.
    """
    if record.get('width') and record.get('height'):
        return int(record['width']), int(record['height'])
    for name in ('ori_shape', 'img_shape'):
        if record.get(name) is not None:
            height, width = record[name][:2]
            return int(width), int(height)
    try:
        return image_size(record['img_path'])
    except (KeyError, OSError):  # in an archive, say, or not there
        return None


def check_one_size(paths: Sequence[str | Path]) -> None:
    """See that the images of a camera have one size; those that are no images
    are left to who reads them.

    Raises:
        ValueError: If one has another size than the first.
    """
    first: tuple[str | Path, tuple[int, int]] | None = None
    for path in paths:
        try:
            size = image_size(path)
        except OSError:
            continue
        first = first or (path, size)
        if size != first[1]:
            raise ValueError(
                f'{path} has {size[0]}x{size[1]} pixels, but {first[0]} '
                f'{first[1][0]}x{first[1][1]}: the images of a camera should have '
                'one size. Move it away, or resize it'
            )
