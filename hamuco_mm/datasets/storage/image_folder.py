"""A folder of images in HanCo's layout: on disk, or in an LMDB."""

import os
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from .lmdb_images import DATA_FILE, lmdb_path, open_images

# Of 64 bits, which count to 9.2e18.
_MOST_DIGITS = 18


class DiskFolder:
    """A folder that is a directory, or does not exist.

    Args:
        path (Path): The directory.
    """

    def __init__(self, path: Path):
        self.path = path

    def is_there(self) -> bool:
        return self.path.is_dir()

    def names(self, folder: str = '') -> list[str]:
        """Names of all that is in a folder below; none where it is not, or
        cannot be read."""
        return self.listed(folder)[0]

    def listed(self, folder: str = '') -> tuple[list[str], OSError | None]:
        """:meth:`names`, and why a folder that is there cannot be read."""
        try:
            return os.listdir(f'{self.path}/{folder}'), None
        except (FileNotFoundError, NotADirectoryError):
            return [], None
        except OSError as error:  # a loop of links, not permitted
            return [], error

    def open(self, name: str) -> BinaryIO:
        """Open a file for reading."""
        return open(f'{self.path}/{name}', 'rb')

    def stamps(self, name: str, leading: str | None = None) -> list[str]:
        """Lines that differ when files were added, removed or renamed.

        Args:
            name (str): What the first line begins with.
            leading (str, optional): What the names of the directories within
                a sequence begin with, before their number, if there are any.
        """
        stamps = [f'{name} {mtime_ns(self.path)}']
        for sequence in sorted(numbered(self.names())):
            stamps.append(f'{sequence} {mtime_ns(f"{self.path}/{sequence}")}')
            if leading is not None:
                stamps += [
                    f'{leading}{number} '
                    + str(mtime_ns(f'{self.path}/{sequence}/{leading}{number}'))
                    for number in sorted(numbered(self.names(sequence), leading))
                ]
        return stamps


class LmdbFolder:
    """A folder that is in the LMDB beside where it would be.

    Args:
        path (Path): The folder, without ``.lmdb``.
    """

    def __init__(self, path: Path):
        self.path = path
        self._database = os.path.realpath(lmdb_path(path))

    def is_there(self) -> bool:
        return is_packed(self.path)

    def names(self, folder: str = '') -> list[str]:
        """See :meth:`DiskFolder.names`."""
        return open_images(self._database).names(folder)

    def open(self, name: str) -> BinaryIO:
        """See :meth:`DiskFolder.open`."""
        return BytesIO(open_images(self._database).get(name))

    def listed(self, folder: str = '') -> tuple[list[str], OSError | None]:
        """See :meth:`DiskFolder.listed`; a database has all that it lists."""
        return self.names(folder), None

    def stamps(self, name: str, leading: str | None = None) -> list[str]:
        """See :meth:`DiskFolder.stamps`; one line, as it is one file."""
        status = os.stat(f'{self._database}/{DATA_FILE}')
        return [f'{name} lmdb {status.st_mtime_ns} {status.st_size}']


def is_packed(folder: str | Path) -> bool:
    """Whether there is a database of the folder."""
    return (lmdb_path(folder) / DATA_FILE).is_file()


def is_packed_only(folder: str | Path) -> bool:
    """Whether the folder is in its database and nowhere else."""
    return not os.path.isdir(folder) and is_packed(folder)


def open_folder(path: Path) -> DiskFolder | LmdbFolder:
    """The directory or, without it, the LMDB of a folder."""
    return LmdbFolder(path) if is_packed_only(path) else DiskFolder(path)


def numbered(names: list[str], leading: str = '') -> list[str]:
    """The digits in the names <leading><digits>, in the order of the names."""
    digits = [n[len(leading) :] for n in names if n.startswith(leading)]
    return [d for d in digits if is_number(d)]


def frame_names(names: list[str], suffix: str) -> set[str]:
    """The digits in the names <digits><suffix>."""
    stems = (name[: -len(suffix)] for name in names if name.endswith(suffix))
    return {stem for stem in stems if is_number(stem)}


def is_number(text: str) -> bool:
    """Whether this is a number of a sequence, camera or frame: plain digits that
    64 bits hold."""
    return text.isascii() and text.isdecimal() and len(text.lstrip('0')) <= _MOST_DIGITS


def mtime_ns(path: str | Path) -> int | None:
    """Time of the last modification, or None if there is no such file, or none
    that can be reached."""
    try:
        return os.stat(path).st_mtime_ns
    except OSError:
        return None
