"""Sizes of images without decoding them."""

from pathlib import Path

import cv2
from mmengine.utils import digit_version
from PIL import ExifTags, Image

# Values of the orientation for which width and height change places.
_TURNED = (5, 6, 7, 8)
_WEBP_IS_TURNED = digit_version(cv2.__version__) >= digit_version('4.13.0')


def image_size(path: Path) -> tuple[int, int]:
    """Width and height in pixels, from the header of a file.

    They are those of the image that is read, which OpenCV turns as its EXIF
    orientation says; a WebP only since OpenCV 4.13.

    Raises:
        OSError: If the file is no image (also Pillow's
            ``UnidentifiedImageError``) or not there.
    """
    with Image.open(path) as image:
        width, height = image.size
        tags = image.getexif()
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
