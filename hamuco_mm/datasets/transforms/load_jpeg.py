from typing import Any

import numpy as np
from mmengine import fileio
from mmpose.datasets.transforms import LoadImage
from mmpose.registry import TRANSFORMS

from ...utils.image_headers import MAX_PIXELS

try:
    import simplejpeg
except ImportError:
    simplejpeg = None

# Markers of JPEG segments (ITU-T T.81, table B.1): the start of the image's
# data, and metadata such as the camera's orientation (EXIF).
_START_OF_SCAN, _APP1 = 0xDA, 0xE1


@TRANSFORMS.register_module()
class LoadJPEG(LoadImage):
    """:class:`LoadImage` that decodes JPEGs with simplejpeg (extra ``speed``).

    The pixels are the same as from OpenCV, in about a fifth less time.
    Without simplejpeg, and for files that it cannot decode (other formats,
    images to be turned by their EXIF orientation, damaged files), this is
    :class:`LoadImage`.

    Args:
        **kwargs: Arguments of :class:`LoadImage`.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._enabled = (
            simplejpeg is not None
            and self.color_type == 'color'
            and self.imdecode_backend == 'cv2'
            and self.file_client_args is None
        )

    def transform(self, results: dict) -> dict | None:
        if self._enabled and 'img' not in results:
            image = self._decode(results['img_path'])
            if image is not None:
                results['img'] = image
        return super().transform(results)

    def _decode(self, path: str) -> np.ndarray | None:
        """The image, (H, W, 3) uint8 BGR; None for the parent to try."""
        try:
            content = self._read(path)
            if _may_be_turned(content):
                return None
            height, width, _, _ = simplejpeg.decode_jpeg_header(content)
            if height * width > MAX_PIXELS:
                return None  # the parent says so
            return simplejpeg.decode_jpeg(
                content, 'BGR', buffer=_cached_memory(3 * height * width)
            )
        except (OSError, ValueError, IndexError):
            return None

    def _read(self, path: str) -> bytes:
        if self.backend_args is not None:
            return fileio.get(path, backend_args=self.backend_args)
        with open(path, 'rb', buffering=0) as file:
            return file.read()


def _may_be_turned(content: bytes) -> bool:
    """Whether a JPEG has metadata that may turn it, or unexpected segments."""
    start = 2
    while content[start : start + 1] == b'\xff':
        marker = content[start + 1]
        if marker in (_START_OF_SCAN, _APP1):
            return marker == _APP1
        start += 2 + int.from_bytes(content[start + 2 : start + 4], 'big')
    return True


def _cached_memory(size: int) -> np.ndarray:
    """Memory that starts at an odd address.

    If a row of pixels starts at a multiple of 16 or 32, libjpeg-turbo writes
    it to main memory instead of the processor's caches (non-temporal stores of
    its SSE2 and AVX2 colour conversion). The crop then has to fetch it again,
    which takes a seventh of the time of decoding and warping. From an odd
    start, all rows of an image of even width start at odd addresses.
    """
    memory = np.empty(size + 32, np.uint8)
    offset = (1 - memory.ctypes.data) % 32
    return memory[offset : offset + size]
