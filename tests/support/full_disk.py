"""A disk without room: a small one that is mounted, or a limit on files."""

import resource
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

ROOM = 4096  # bytes


class FullDisk:
    """A folder in which no more than :data:`ROOM` bytes of a file find room.

    Attributes:
        folder (Path): The folder; nothing is in it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def make_room(self) -> None:
        raise NotImplementedError


class SmallDisk(FullDisk):
    """A mounted disk of 4 MiB, all but ``ROOM`` of which is taken."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder / 'free')
        self.folder.mkdir()
        self._taken = folder / 'taken'
        self._taken.write_bytes(b'0' * (2**22 - ROOM))

    def fill(self) -> None:
        """Take the rest, too."""
        with open(self._taken, 'ab', buffering=0) as file, suppress(OSError):
            while file.write(b'0' * ROOM):
                pass

    def make_room(self) -> None:
        self._taken.unlink(missing_ok=True)


class LimitedFiles(FullDisk):
    """Where nothing can be mounted: no file of this process grows beyond ``ROOM``."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (ROOM, self._limits[1]))

    def make_room(self) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, self._limits)


@contextmanager
def full_disk(folder: Path, kind: str) -> Iterator[FullDisk]:
    """A full disk for a block.

    Args:
        folder (Path): An empty folder.
        kind (str): ``'disk'`` or ``'limit'``.
    """
    if kind == 'limit':
        disk = LimitedFiles(folder)
        try:
            yield disk
        finally:
            disk.make_room()
        return
    mount = ('mount', '-t', 'tmpfs', '-o', 'size=4m', 'none', str(folder))
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip('only an administrator can mount a disk')
    try:
        yield SmallDisk(folder)
    finally:
        subprocess.run(('umount', '-l', str(folder)), check=True)
