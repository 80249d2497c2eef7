"""A file that grows, and is whole after each piece."""

import os
from io import FileIO
from pathlib import Path

from .files import named_full_disk, write_atomically
from .outputs import check_output_file


class GrowingFile:
    """A new file, to which pieces are added.

    What was there stays until the first piece: who fails before that has nothing to
    put in its place.

    Args:
        path (Path): Replaced; its folder is made.
        start (bytes): What it holds before the first piece.

    Raises:
        OSError: If it cannot be written.
    """

    def __init__(self, path: Path, start: bytes) -> None:
        check_output_file(path)
        self.path, self._start = path, start
        self._file: FileIO | None = None

    def add(self, piece: bytes, end: bytes = b'') -> None:
        """Add a piece.

        Args:
            piece (bytes): The piece.
            end (bytes): What the file ends with now, which the piece replaces.

        Raises:
            OSError: If the disk is full; the file is as it was before.
        """
        file = self._file or self._begin()
        start = file.seek(-len(end), os.SEEK_END)
        with named_full_disk(self.path):
            try:
                _write(file, piece)
            except OSError:
                file.truncate(start)
                file.seek(start)
                _write(file, end)
                raise

    def close(self, complete: bool = True) -> None:
        """End the file.

        Args:
            complete (bool): Whether all pieces have come; a file without any is then
                written, too. Defaults to True.

        Raises:
            OSError: If it cannot be written.
        """
        if self._file is None and complete:
            self._begin()
        if self._file is not None:
            self._file.close()

    def _begin(self) -> FileIO:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(self.path, self._start)
        self._file = FileIO(self.path, 'r+')
        return self._file


def _write(file: FileIO, content: bytes) -> None:
    while content:
        content = content[file.write(content) :]
