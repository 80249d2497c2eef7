"""What the header of an image says, before memory is taken for its pixels."""

import io
import re
import warnings
from pathlib import Path
from typing import Any, BinaryIO

from PIL import Image

# A quarter of a GiB in three bytes each, as Pillow has it: 12,000 x 7,400. A file
# of some kilobytes can say that it has a hundred times as many.
MAX_PIXELS = 2**28 // 3


class ImageTooLargeError(OSError, ValueError):
    """An image says that it has more than :data:`MAX_PIXELS`."""


def open_image(source: str | Path | BinaryIO) -> Image.Image:
    """Open an image with Pillow, which reads its header.

    Args:
        source (str | Path | BinaryIO): A file, by name or open.

    Raises:
        ImageTooLargeError: If it has too many pixels.
        OSError: If it cannot be read or is no image.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter('ignore', Image.DecompressionBombWarning)
            image = Image.open(source)
    except OSError as error:
        if error.filename is not None or str(source) in str(error):
            raise
        raise OSError(f'{_name(source)}is no image ({error})') from error
    except Image.DecompressionBombError as error:
        pixels = re.search(r'\d+ pixels', str(error))
        what = pixels[0] if pixels else 'more pixels than Pillow opens'
        raise ImageTooLargeError(_too_large(source, what)) from error
    except Exception as error:  # damaged headers raise almost anything
        raise OSError(f'{_name(source)}is no image ({error!r})') from error
    if image.width * image.height > MAX_PIXELS:
        size = f'{image.width}x{image.height} pixels'
        image.close()
        raise ImageTooLargeError(_too_large(source, size))
    return image


def check_pixels(content: Any, name: str | Path = '') -> None:
    """See that an image is not too large to decode.

    Args:
        content (Any): Bytes of the file, or what shares their memory.
        name (str | Path): Of the file, for the message.

    Raises:
        ImageTooLargeError: If its header says that it has too many pixels.
    """
    try:
        open_image(io.BytesIO(content)).close()
    except ImageTooLargeError as error:
        raise ImageTooLargeError(f'{name}{": " * bool(name)}{error}') from None
    except OSError:
        pass  # no image, or of a kind that its decoder has to know


def check_size(width: float, height: float, name: str | Path) -> None:
    """See that the images of a file are not too large to decode.

    Raises:
        ImageTooLargeError: If they are; names the file.
    """
    if width * height > MAX_PIXELS:
        raise ImageTooLargeError(_too_large(name, f'{width:g}x{height:g} pixels'))


def _too_large(source: Any, what: str) -> str:
    return (
        f'{_name(source)}the header says {what}, more than the '
        f'{MAX_PIXELS / 1e6:.0f} million that are decoded. If it is right, make the '
        'image smaller'
    )


def _name(source: Any) -> str:
    return f'{source}: ' if isinstance(source, str | Path) else ''
