"""MMPose's loaders refuse images whose header says more than memory holds, and say
where images come out nearly black."""

from functools import wraps
from typing import Any

import mmcv
import numpy as np

from ..image_headers import check_pixels
from ..low_bits import warn_of_low_bits


def let_mmcv_check_images() -> None:
    """Have mmcv, which decodes for MMPose's loaders, look at headers first, and at
    what it decoded.

    OpenCV decodes up to a thousand million pixels, three GiB, which a file of some
    kilobytes can ask for. Can go when mmcv has a bound, and our loaders warn
    of low bits.
    """
    decode = mmcv.imfrombytes
    if hasattr(decode, 'checks_headers'):
        return

    @wraps(decode)
    def imfrombytes(content: bytes, *args: Any, **kwargs: Any) -> np.ndarray:
        check_pixels(content)
        image = decode(content, *args, **kwargs)
        warn_of_low_bits(content, image)
        return image

    imfrombytes.checks_headers = True  # type: ignore[attr-defined]
    for module in (mmcv, mmcv.image, mmcv.image.io):
        module.imfrombytes = imfrombytes
