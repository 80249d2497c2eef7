"""MMEngine's file backend for files that are packed into LMDBs."""

import os.path as osp
from pathlib import Path

import cv2
import numpy as np
from mmengine.fileio import BaseStorageBackend, register_backend

from ...utils.image_headers import check_pixels
from ...utils.low_bits import warn_of_low_bits
from .image_folder import is_packed
from .lmdb_images import LmdbImages, lmdb_path, open_images

BACKEND = 'folder_lmdb'


@register_backend(BACKEND)
class FolderLmdbBackend(BaseStorageBackend):
    """Reads files by their usual paths from the LMDB of a folder above them.

    ``/data/hanco/rgb/0000/cam0/00000000.jpg`` is the entry
    ``0000/cam0/00000000.jpg`` of ``/data/hanco/rgb.lmdb``; where several
    folders above the file have a database, the nearest counts. A file that
    has none is read from disk. For transforms:
    ``dict(type='LoadImage', backend_args=dict(backend='folder_lmdb'))``.

    Args:
        readahead (bool, optional): Let the system read ahead of what is asked
            for. The images of a time step stand next to each other, so this
            gains where they come from a disk and all views are used. Where all
            fit into memory, it changes nothing. All transforms that read a
            database give the same. Defaults to None: the system does not,
            unless another transform asks for it.
    """

    def __init__(self, readahead: bool | None = None) -> None:
        self.readahead = readahead
        # Directory -> database and the directory below it. Those without a
        # database are not kept: one may be made while this process runs.
        self._places: dict[str, tuple[str, str]] = {}

    def get(self, filepath: str | Path) -> bytes:
        """Content of a file.

        Raises:
            FileNotFoundError: If neither a database nor the disk has it.
            ImportError: If lmdb is needed and not installed.
            ValueError: If the database is damaged, or another transform reads
                it with another ``readahead``.
        """
        images, key = self._find(filepath)
        if images is not None:
            return images.get(key)
        with open(filepath, 'rb') as file:
            return file.read()

    def get_text(self, filepath: str | Path, encoding: str = 'utf-8') -> str:
        """See :meth:`get`."""
        return self.get(filepath).decode(encoding)

    def isfile(self, filepath: str | Path) -> bool:
        """Whether :meth:`get` would find the file."""
        images, key = self._find(filepath)
        return osp.isfile(filepath) if images is None else key in images

    def exists(self, filepath: str | Path) -> bool:
        """Whether the path is a file or a directory on disk."""
        return self.isfile(filepath) or osp.isdir(filepath)

    def _find(self, filepath: str | Path) -> tuple[LmdbImages | None, str]:
        """The database of a file, or None, and its key there."""
        directory, name = osp.split(osp.abspath(filepath))
        if directory not in self._places:
            place = _search(directory)
            if place is None:
                return None, ''
            self._places[directory] = place
        path, below = self._places[directory]
        return open_images(path, self.readahead), below + name


def _search(directory: str) -> tuple[str, str] | None:
    folder, below = directory, ''
    while osp.basename(folder):
        if is_packed(folder):
            return osp.realpath(lmdb_path(folder)), below
        folder, name = osp.split(folder)
        below = f'{name}/{below}'
    return None


def read_file(path: str | Path) -> bytes:
    """Content of a file that is on disk or, if not, in an LMDB.

    For looking at images, however they are stored. The transforms of a training
    name their backend instead.

    Raises: See :meth:`FolderLmdbBackend.get`.
    """
    try:
        return Path(path).read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return FolderLmdbBackend().get(path)


def read_image(path: str | Path) -> np.ndarray | None:
    """Decode an image that is on disk or, if not, in an LMDB.

    From memory, as MMPose's loaders do it: ``cv2.imread`` is more lenient
    with JPEGs that are cut short. As there, images whose 16 bits are not used to
    the top are warned of.

    Returns:
        np.ndarray | None: BGR (H, W, 3) uint8, or None where there is no
        such file, or it is no image, or one that is too large to decode.

    Raises:
        ImportError: If lmdb is needed and not installed.
        ValueError: If the database is damaged.
    """
    try:
        content = read_file(path)
        check_pixels(content, path)
        image = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
    except (OSError, cv2.error):
        return None
    warn_of_low_bits(content, image)
    return image
