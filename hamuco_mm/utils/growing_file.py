"""A file that grows, and is whole after each piece."""

import os
from pathlib import Path

from .files import named_full_disk, write_atomically


class GrowingFile:
    """A new file, to which pieces are added.

    Args:
        path (Path): Replaced; its folder is made.
        start (bytes): What it holds before the first piece.

    Raises:
        OSError: If it cannot be written.
    """

    def __init__(self, path: Path, start: bytes) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        write_atomically(path, start)
        self._file = open(path, 'r+b', buffering=0)  # noqa: SIM115 closed by close()

    def add(self, piece: bytes, end: bytes = b'') -> None:
        """Add a piece.

        Args:
            piece (bytes): The piece.
            end (bytes): What the file ends with now, which the piece replaces.

        Raises:
            OSError: If the disk is full; the file is as it was before.
        """
        start = self._file.seek(-len(end), os.SEEK_END)
        with named_full_disk(self.path):
            try:
                self._write(piece)
            except OSError:
                self._file.truncate(start)
                self._file.seek(start)
                self._write(end)
                raise

    def close(self) -> None:
        self._file.close()

    def _write(self, content: bytes) -> None:
        while content:
            content = content[self._file.write(content) :]
