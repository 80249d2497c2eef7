"""Images whose 16 bits are not used to the top."""

import warnings
from typing import Any

import cv2
import numpy as np

# Of 255: the lower 12 of 16 bits end here, rounded up.
_NEARLY_BLACK = 16
_JPEG = b'\xff\xd8\xff'


def warn_of_low_bits(content: Any, image: np.ndarray | None) -> None:
    """Say that an image is nearly black as its values are the lower of 16 bits.

    Cameras give 10 or 12 bits, which some programs store as they are; decoders take
    the upper 8.

    Args:
        content (Any): Bytes of the file, or what shares their memory.
        image (np.ndarray, optional): What was decoded from it, uint8.
    """
    if image is None or bytes(content[:3]) == _JPEG or image.max() > _NEARLY_BLACK:
        return
    stored = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED)
    if stored is not None and stored.dtype == np.uint16 and stored.any():
        warnings.warn(
            'an image of 16 bits per channel uses no more than the lowest 12, so that '
            'it is nearly black in 8 bits: multiply its values by 16 (of 12 bits) or '
            '64 (of 10), or save it with 8 bits',
            stacklevel=1,
        )
