from typing import Any

import numpy as np
from mmpose.datasets.transforms import LoadImage
from mmpose.registry import TRANSFORMS


@TRANSFORMS.register_module()
class LoadImageCached(LoadImage):
    """:class:`LoadImage` that keeps the decoded images in memory.

    For small data sets and slow disks. Each process has a cache of its own,
    so use ``persistent_workers=True``. When the cache is full, further images
    are read from disk each time: an epoch visits all images, so dropping old
    ones for new ones would only lose them before their next use.

    Args:
        max_cache_mb (float): Largest cache of a process. Defaults to 1024.
        **kwargs: Arguments of :class:`LoadImage`.
    """

    def __init__(self, max_cache_mb: float = 1024, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.max_cache_mb = max_cache_mb
        self._images: dict[str, np.ndarray] = {}
        self._bytes_left = int(max_cache_mb * 2**20)

    def transform(self, results: dict) -> dict | None:
        if 'img' in results:
            return super().transform(results)
        path = results['img_path']
        if path in self._images:
            # A copy, since other transforms may write into the image.
            results['img'] = self._images[path].copy()
            return super().transform(results)
        results = super().transform(results)
        if results is not None and results['img'].nbytes <= self._bytes_left:
            self._images[path] = results['img'].copy()
            self._bytes_left -= results['img'].nbytes
        return results

    def __repr__(self) -> str:
        return f'{super().__repr__()[:-1]}, max_cache_mb={self.max_cache_mb})'
