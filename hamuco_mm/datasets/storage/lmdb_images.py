"""Read an LMDB database that holds the files of one folder."""

import os
import os.path as osp
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ...utils.extras import import_extra

SUFFIX = '.lmdb'
DATA_FILE = 'data.mdb'

_opened: dict[str, 'LmdbImages'] = {}
_opening = threading.Lock()


def _renew_lock() -> None:
    global _opening
    _opening = threading.Lock()


# A thread of the parent may hold it, which the child does not have.
os.register_at_fork(after_in_child=_renew_lock)


def lmdb_path(folder: str | Path) -> Path:
    """Where the database of a folder is: ``<folder>.lmdb``, a directory."""
    return Path(f'{folder}{SUFFIX}')


class LmdbImages:
    """The files of a folder by their path below it, '0000/cam0/00000000.jpg'.

    Use :func:`open_images`, since a process may open a database only once.

    Args:
        path (str | Path): Directory of the database.
        readahead (bool, optional): Let the system read ahead of what is asked
            for. Defaults to None, which does not.

    Attributes:
        pid (int): Number of the process that opened it.
        readahead (bool | None): As given.

    Raises:
        FileNotFoundError: If there is none.
        ImportError: If lmdb is not installed.
        ValueError: If it is damaged, or was not copied to its end.
    """

    def __init__(self, path: str | Path, readahead: bool | None = None):
        lmdb = import_extra('lmdb', 'lmdb')
        self._error = lmdb.Error
        self.path = str(path)
        self.readahead = readahead
        self.pid = os.getpid()
        size = os.stat(osp.join(self.path, DATA_FILE)).st_size
        try:
            # Nobody writes: no locks, so no limit on readers, and read-only
            # file systems will do.
            self._env = lmdb.open(
                self.path,
                readonly=True,
                create=False,
                lock=False,
                readahead=bool(readahead),
            )
        except lmdb.Error as error:
            raise ValueError(f'{self.path} is no readable LMDB: {error}') from error
        # Reading beyond the end of the file would kill the process.
        needed = (self._env.info()['last_pgno'] + 1) * self._env.stat()['psize']
        if size < needed:
            self._env.close()
            raise ValueError(
                f'{self.path}/{DATA_FILE} has {size} bytes of '
                f'{needed}: copy it again, or pack it again with '
                'tools/dataset_converters/hanco2lmdb.py'
            )

    def __len__(self) -> int:
        return self._env.stat()['entries']

    def __contains__(self, key: str) -> bool:
        with self._reading() as transaction:
            return transaction.cursor().set_key(os.fsencode(key))

    def get(self, key: str) -> bytes:
        """The content of a file.

        Raises:
            FileNotFoundError: If it is not in the database.
            ValueError: If LMDB finds a damaged page.
        """
        with self._reading() as transaction:
            content = transaction.get(os.fsencode(key))
        if content is None:
            raise FileNotFoundError(f'{self.path} has no {key}')
        return content

    def names(self, folder: str = '') -> list[str]:
        """What ``os.listdir`` would give of a folder below this one.

        Jumps over what is in its subfolders, so listing a thousand of them
        costs a thousand look-ups, however many files they have.
        """
        prefix = os.fsencode(f'{folder}/' if folder else '')
        found = []
        with self._reading() as transaction:
            cursor = transaction.cursor()
            more = cursor.set_range(prefix)
            while more:
                key = cursor.key()
                if not key.startswith(prefix):
                    break
                name, slash, _ = key[len(prefix) :].partition(b'/')
                found.append(os.fsdecode(name))
                # '0' is the character after '/'
                more = (
                    cursor.set_range(prefix + name + b'0') if slash else cursor.next()
                )
        return found

    @contextmanager
    def _reading(self) -> Iterator[Any]:
        try:
            with self._env.begin() as transaction:
                yield transaction
        except self._error as error:
            raise ValueError(
                f'{self.path} is damaged ({error}): copy it again, or pack it again '
                'with tools/dataset_converters/hanco2lmdb.py'
            ) from error

    def close(self) -> None:
        self._env.close()


def open_images(path: str, readahead: bool | None = None) -> LmdbImages:
    """The database at a path, which this process opens at its first use.

    A forked process opens it again: LMDB forbids to use what the parent opened.
    A database that another process replaces meanwhile is seen by processes that
    start after that.

    Args:
        path (str): As :func:`os.path.realpath` gives it, so that no database
            is opened under two names. It is not called here, as that would be
            once for each image.
        readahead (bool, optional): See :class:`LmdbImages`. Defaults to
            None: as the database is open already.

    Raises:
        FileNotFoundError: If there is none.
        ImportError: If lmdb is not installed.
        ValueError: If it is damaged, or open with another ``readahead``.
    """
    with _opening:
        images = _opened.get(path)
        if images is not None and images.pid == os.getpid():
            if readahead is None or readahead == images.readahead:
                return images
            if images.readahead is not None:
                raise ValueError(
                    f'{path} is read with readahead={images.readahead} already, not '
                    f'{readahead}: give the same to the backend_args of all transforms'
                )
        if images is not None:
            images.close()  # this process's copy; the parent has its own
            del _opened[path]
        images = _opened[path] = LmdbImages(path, readahead)
    return images


def forget_images(path: str | Path | None = None) -> None:
    """Close a database if it is open, since another will be in its place.

    Args:
        path (str | Path, optional): The database. Defaults to all.
    """
    with _opening:
        for known in list(_opened) if path is None else [osp.realpath(path)]:
            images = _opened.pop(known, None)
            if images is not None:
                images.close()
