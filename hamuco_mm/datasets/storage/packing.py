"""Pack the files of a folder into an LMDB."""

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from ...utils.extras import import_extra
from ...utils.files import named_full_disk, replaced_directory
from ..frames.file_types import is_image
from .image_folder import DiskFolder, numbered
from .lmdb_images import LmdbImages, forget_images, lmdb_path

# how much is kept in memory and written together
CHUNK_BYTES = 32 * 2**20
# at the start; it grows
MAP_BYTES = 64 * 2**20

Chunk = list[tuple[bytes, bytes]]


def find_image_folders(root: str | Path) -> list[str]:
    """Names of the folders of images in a data set of HanCo's layout: those
    called rgb... with images in <sequence>/cam<number>."""
    found = []
    for path in sorted(Path(root).glob('rgb*')):
        folder = DiskFolder(path)
        first = next(
            (
                file
                for sequence in sorted(numbered(folder.names()))
                for camera in sorted(numbered(folder.names(sequence), 'cam'))
                for file in folder.names(f'{sequence}/cam{camera}')
            ),
            '',
        )
        if is_image(first):
            found.append(path.name)
    return found


def count_files(folder: str | Path) -> int:
    """Number of the files below a folder."""
    return sum(1 for _ in _walk(os.fspath(folder)))


def pack_folder(
    folder: str | Path,
    overwrite: bool = False,
    advance: Callable[[int], None] = lambda count: None,
) -> int:
    """Write all files below a folder, byte by byte, to ``<folder>.lmdb``.

    The database is written as ``<folder>.lmdb.part`` and renamed when it is
    complete. One process may pack a folder at a time. Files of the same name
    in neighbouring folders, as the views of a time step are, stand next to
    each other in the database, so that they are read at once. Memory does not
    depend on the number of files, but for the names of one sequence.

    Args:
        folder (str | Path): The folder.
        overwrite (bool): Replace an existing database. Defaults to False.
        advance (callable): Called with the number of files just written.

    Returns:
        int: Number of files in the database.

    Raises:
        FileNotFoundError: If there is no such folder.
        FileExistsError: If there is a database, without ``overwrite``.
        ImportError: If lmdb is not installed.
        OSError: If it cannot be written, for example if the disk is full.
        ValueError: If the folder has no files, or they changed meanwhile.
    """
    folder, target = Path(folder), lmdb_path(folder)
    check_packable(folder, overwrite)
    lmdb = import_extra('lmdb', 'lmdb')
    with _named_errors(lmdb, target), replaced_directory(target) as part:
        written = _write(lmdb, folder, part, advance)
        with closing(LmdbImages(part)) as images:
            entries, there = len(images), count_files(folder)
        if not entries == written == there:
            raise ValueError(
                f'{target} would have {entries} files and {folder} has '
                f'{there}: do not change it while it is packed'
            )
        forget_images(target)
    return written


def append_folder(folder: Path, target: Path, below: str) -> None:
    """Add all files below a folder to a database, in one transaction.

    A file that is there already is replaced. A power cut leaves the database as it
    was before or with all of the files.

    Args:
        folder (Path): The folder.
        target (Path): Directory of the database; made where there is none.
        below (str): What the names begin with in the database: its subfolder.

    Raises:
        ImportError: If lmdb is not installed.
        OSError: If it cannot be written, for example if the disk is full.
    """
    lmdb = import_extra('lmdb', 'lmdb')
    chunk = [
        (os.fsencode(f'{below}/{key}'), (folder / key).read_bytes())
        for key in _walk(str(folder))
    ]
    forget_images(target)  # a process may open it only once
    with (
        _named_errors(lmdb, target),
        closing(lmdb.open(str(target), map_size=MAP_BYTES, lock=False)) as database,
    ):
        _put(lmdb, database, chunk)


@contextmanager
def _named_errors(lmdb: ModuleType, target: Path) -> Iterator[None]:
    """LMDB's errors as the system's, with the database that they concern."""
    with named_full_disk(target):
        try:
            yield
        except lmdb.DiskError as error:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)) from error
        except lmdb.Error as error:
            raise OSError(f'{target} cannot be written: {error}') from error


def check_packable(folder: Path, overwrite: bool = False) -> None:
    """Raise what :func:`pack_folder` would raise at once."""
    if not folder.is_dir():
        raise FileNotFoundError(f'there is no folder {folder}')
    target = lmdb_path(folder)
    if os.path.lexists(target) and not overwrite:
        raise FileExistsError(
            f'{target} is there already. --overwrite (overwrite=True) replaces it'
        )
    if next(_walk(str(folder)), None) is None:
        raise ValueError(f'{folder} has no files')


def _write(
    lmdb: ModuleType, folder: Path, part: Path, advance: Callable[[int], None]
) -> int:
    count = 0
    # Only the last write has to reach the disk before the renaming; nobody
    # else has the name, so there is nothing to lock.
    with closing(
        lmdb.open(str(part), map_size=MAP_BYTES, sync=False, lock=False)
    ) as database:
        for chunk in _chunks(str(folder), database.max_key_size()):
            _put(lmdb, database, chunk)
            advance(len(chunk))
            count += len(chunk)
        database.sync(True)
    return count


def _put(lmdb: ModuleType, database: Any, chunk: Chunk) -> None:
    while True:
        try:
            with database.begin(write=True) as transaction:
                for key, content in chunk:
                    transaction.put(key, content)
            return
        except lmdb.MapFullError:
            database.set_mapsize(2 * database.info()['map_size'])


def _chunks(folder: str, max_key_size: int) -> Iterator[Chunk]:
    chunk, size = [], 0
    for key in _walk(folder):
        if len(os.fsencode(key)) > max_key_size:
            raise ValueError(
                f'{folder}/{key}: LMDB allows paths of '
                f'{max_key_size} bytes below the folder'
            )
        content = Path(folder, key).read_bytes()
        chunk.append((os.fsencode(key), content))
        size += len(content)
        if size >= CHUNK_BYTES:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def _walk(folder: str) -> Iterator[str]:
    """Paths of the files below a folder: those of neighbouring folders by name,
    then by folder."""
    files, _ = _listed(folder)
    yield from files
    yield from _walk_subfolders(folder, '')


def _walk_subfolders(folder: str, below: str) -> Iterator[str]:
    _, subfolders = _listed(f'{folder}/{below}')
    deeper = []
    named = []
    for subfolder in subfolders:
        files, folders = _listed(f'{folder}/{below}{subfolder}')
        named += [(name, subfolder) for name in files]
        if folders:
            deeper.append(subfolder)
    for name, subfolder in sorted(named):
        yield f'{below}{subfolder}/{name}'
    for subfolder in deeper:
        yield from _walk_subfolders(folder, f'{below}{subfolder}/')


def _listed(folder: str) -> tuple[list[str], list[str]]:
    """Sorted names of the files and of the folders in a folder."""
    with os.scandir(folder) as entries:
        names = sorted((entry.name, entry.is_dir()) for entry in entries)
    return (
        [name for name, is_folder in names if not is_folder],
        [name for name, is_folder in names if is_folder],
    )
