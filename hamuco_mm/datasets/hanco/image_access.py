"""Whether a pipeline loads the images of a data set, and those that are meant."""

import os.path as osp
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from mmcv.transforms import LoadImageFromFile
from mmengine.dataset import Compose

from ...utils.near_paths import near_path
from ..storage import open_folder
from ..storage.file_backend import BACKEND, FolderLmdbBackend
from ..storage.image_folder import is_packed, is_packed_only
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
    packed = sorted(filter(is_packed_only, _folders(img_dir, transforms)))
    for transform in transforms if packed else ():
        if not _looks_in_databases(transform):
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


def outdated_databases(
    img_dir: str, pipeline: Compose, images: Sequence[str]
) -> Iterator[str]:
    """A line for each database that is read, and has other images than the folder
    that it was packed from.

    Args:
        img_dir (str), pipeline (Compose): See :func:`check_image_access`.
        images (Sequence[str]): Paths of images to look at, below ``img_dir``.

    Raises:
        ValueError: If a database is damaged.
    """
    transforms = list(_image_transforms(pipeline))
    if not any(
        isinstance(t, LoadImageFromFile) and _looks_in_databases(t) for t in transforms
    ):
        return
    for folder in sorted(filter(is_packed, _folders(img_dir, transforms))):
        paths = (osp.join(folder, osp.relpath(image, img_dir)) for image in images)
        other = next(filter(_is_other, paths), None)
        if other is not None:
            yield (
                f'{folder}.lmdb, which is read, has not {other} as it is on disk: the '
                'folder has changed since it was packed. Pack it again (tools/'
                'dataset_converters/hanco2lmdb.py --overwrite), or remove what is wrong'
            )


def _is_other(path: str) -> bool:
    """Whether a file on disk is not the one in the database; a file that is not on
    disk is no other."""
    try:
        on_disk = Path(path).read_bytes()
    except OSError:
        return False
    try:
        return FolderLmdbBackend().get(path) != on_disk
    except FileNotFoundError:
        return True


def _looks_in_databases(transform: LoadImageFromFile | RandomImageFolder) -> bool:
    return (transform.backend_args or {}).get('backend') == BACKEND


def _folders(img_dir: str, transforms: Iterable) -> set[str]:
    """The folder of a data set's images, and those that are drawn."""
    folders = {osp.abspath(img_dir)}
    for transform in transforms:
        if isinstance(transform, RandomImageFolder):
            folders.update(_drawn_folders(img_dir, transform))
    return folders


def _drawn_folders(img_dir: str, transform: RandomImageFolder) -> list[str]:
    parent = osp.dirname(osp.abspath(img_dir))
    return [osp.join(parent, name) for name in transform.folders]


def _image_transforms(pipeline: object) -> Iterator:
    """Transforms that look for images, also within other transforms."""
    for transform in getattr(pipeline, 'transforms', ()):
        if isinstance(transform, (LoadImageFromFile, RandomImageFolder)):
            yield transform
        yield from _image_transforms(transform)
