"""Whether a pipeline can load the images of a data set."""

import os.path as osp
from collections.abc import Iterator

from mmcv.transforms import LoadImageFromFile
from mmengine.dataset import Compose

from ..storage.file_backend import BACKEND
from ..storage.image_folder import is_packed_only
from ..transforms import RandomImageFolder


def check_image_access(img_dir: str, pipeline: Compose) -> None:
    """Refuse a pipeline that looks for files where there is an LMDB alone.

    Args:
        img_dir (str): The data set's folder of images.
        pipeline (Compose): May be empty.

    Raises:
        ValueError: Naming the database, and what to write.
    """
    transforms = list(_image_transforms(pipeline))
    folders = {osp.abspath(img_dir)}
    for transform in transforms:
        if isinstance(transform, RandomImageFolder):
            folders.update(
                osp.join(osp.dirname(osp.abspath(img_dir)), name)
                for name in transform.folders
            )
    packed = sorted(filter(is_packed_only, folders))
    for transform in transforms if packed else ():
        if (transform.backend_args or {}).get('backend') != BACKEND:
            name = type(transform).__name__
            raise ValueError(
                f'{packed[0]}.lmdb has the images and there is no folder '
                f'{packed[0]}, where {name} would look for them. Write '
                f"dict(type='{name}', backend_args=dict(backend='{BACKEND}'), "
                '...) in the pipeline'
            )


def _image_transforms(pipeline: object) -> Iterator:
    """Transforms that look for images, also within other transforms."""
    for transform in getattr(pipeline, 'transforms', ()):
        if isinstance(transform, (LoadImageFromFile, RandomImageFolder)):
            yield transform
        yield from _image_transforms(transform)
