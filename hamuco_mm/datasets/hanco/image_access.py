"""Whether a pipeline can load the images of a data set."""

import os.path as osp
from collections.abc import Iterator
from pathlib import Path

from mmcv.transforms import LoadImageFromFile
from mmengine.dataset import Compose

from ...utils.near_paths import near_path
from ..storage import open_folder
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
            folders.update(_drawn_folders(img_dir, transform))
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


def absent_folders(img_dir: str, pipeline: Compose) -> Iterator[str]:
    """A line for each folder that is drawn in vain: the images of the data set's own
    folder would be taken in its place.

    Args:
        img_dir (str), pipeline (Compose): See :func:`check_image_access`.
    """
    for transform in _image_transforms(pipeline):
        if isinstance(transform, RandomImageFolder):
            for folder in _drawn_folders(img_dir, transform):
                if not open_folder(Path(folder)).is_there():
                    yield (
                        f'there is no folder {folder}, nor {folder}.lmdb, that '
                        'RandomImageFolder draws: its turns show the images of '
                        f'{osp.basename(img_dir)}{near_path(folder)}'
                    )


def _drawn_folders(img_dir: str, transform: RandomImageFolder) -> list[str]:
    parent = osp.dirname(osp.abspath(img_dir))
    return [osp.join(parent, name) for name in transform.folders]


def _image_transforms(pipeline: object) -> Iterator:
    """Transforms that look for images, also within other transforms."""
    for transform in getattr(pipeline, 'transforms', ()):
        if isinstance(transform, (LoadImageFromFile, RandomImageFolder)):
            yield transform
        yield from _image_transforms(transform)
