"""What a process and those that it started hold."""

from pathlib import Path
from typing import NamedTuple


class Held(NamedTuple):
    """Memory, MB, and open files of several processes."""

    memory: float
    files: int


def held_by(process: int) -> Held:
    """Resident memory and open files of a process and all below it."""
    memory = files = 0
    waiting = [process]
    while waiting:
        folder = Path(f'/proc/{waiting.pop()}')
        try:
            status = (folder / 'status').read_text()
            files += len(list((folder / 'fd').iterdir()))
            waiting += map(
                int, (folder / f'task/{folder.name}/children').read_text().split()
            )
        except OSError:  # it has ended
            continue
        lines = (line.split() for line in status.splitlines())
        memory += sum(int(line[1]) for line in lines if line[0] == 'VmRSS:')
    return Held(memory / 1024, files)
