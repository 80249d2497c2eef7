from pathlib import Path

from PIL import ExifTags, Image

# Values of the orientation for which width and height change places.
_TURNED = (5, 6, 7, 8)


def image_size(path: Path) -> tuple[int, int]:
    """Width and height in pixels, from the header of a file.

    They are those of the image that is read, which OpenCV turns as its EXIF
    orientation says, unless it is a WebP.

    Raises:
        OSError: If the file is no image (also Pillow's
            ``UnidentifiedImageError``) or not there.
    """
    with Image.open(path) as image:
        width, height = image.size
        orientation = image.getexif().get(ExifTags.Base.Orientation)
        turned = orientation in _TURNED and image.format != 'WEBP'
    return (height, width) if turned else (width, height)
