"""The list of what a run did not use, and why."""

import os
from collections.abc import Iterable
from pathlib import Path

from .files import write_atomically

FILE_NAME = 'left_out.tsv'


class LeftOutFile:
    """Lines of a place and a reason, which several processes may add to.

    Args:
        path (Path): The file, tab-separated. It is made with the first line.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._known: set[str] = set()
        self._reasons: set[str] = set()

    def add(self, entries: Iterable[tuple[str, str]]) -> bool:
        """Add places with reasons.

        Returns:
            bool: Whether any was new to this process.
        """
        lines = {f'{_one_line(place)}\t{_one_line(why)}\n' for place, why in entries}
        new = sorted(lines - self._known)
        if not new:
            return False
        self._known.update(new)
        # one write, which the system does not mix with another process's
        descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
        try:
            os.write(descriptor, ''.join(new).encode(errors='surrogateescape'))
        finally:
            os.close(descriptor)
        return True

    def add_first_of_kind(self, place: str, reason: str) -> bool:
        """Add a place.

        The file is read for a reason that is new to this process alone: there may
        be many places.

        Returns:
            bool: Whether no process had one with this reason before.
        """
        why = _one_line(reason)
        is_first = False
        if why not in self._reasons:
            before = self.read()
            self._known.update(f'{place}\t{why}\n' for place, why in before)
            self._reasons.update(why for _, why in before)
            is_first = why not in self._reasons
            self._reasons.add(why)
        self.add([(place, reason)])
        return is_first

    def read(self) -> list[tuple[str, str]]:
        """The places and reasons; none where there is no file."""
        if not self.path.is_file():
            return []
        lines = self.path.read_text(errors='surrogateescape').splitlines()
        pairs = (line.partition('\t') for line in lines)
        return [(place, reason) for place, _, reason in pairs]

    def tidy(self) -> int:
        """Sort the file and leave each line once; the number of lines."""
        if not self.path.is_file():
            return 0
        text = self.path.read_text(errors='surrogateescape')
        lines = sorted(set(text.splitlines()))
        content = ''.join(f'{line}\n' for line in lines)
        write_atomically(self.path, content.encode(errors='surrogateescape'))
        return len(lines)

    def summary(self) -> str:
        """Tidy the file, and say where it is; nothing where there is none."""
        number = self.tidy()
        said = f'{number} files or parts of files were left out: {self.path}'
        return said if number else ''


def _one_line(text: str) -> str:
    return ' '.join(str(text).split())
