"""One process at a time writes an output."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

# What this process holds: a second run in the same process, as in a notebook after
# an error, is not in its own way.
_held: dict[Path, FileLock] = {}


class BusyError(OSError):
    """Raised when another process writes the same output."""


def claim(path: Path, beside: bool = False) -> FileLock:
    """Keep other processes from writing an output until this one ends.

    The system gives up the claim of a process that ends in any way.

    Args:
        path (Path): The output, a file or a folder; it need not be there. A
            folder gets a hidden file for this, a file one beside it.
        beside (bool): Put the file beside a folder, too, if that can be written:
            for one that is made or replaced meanwhile. Defaults to False.

    Returns:
        FileLock: To release it earlier.

    Raises:
        BusyError: If another process has claimed it.
        OSError: If nothing can be written there.
    """
    if path.is_dir() and not (beside and os.access(path.parent, os.W_OK)):
        mark = path / '.writer.lock'
    else:
        path.parent.mkdir(parents=True, exist_ok=True)
        mark = path.with_name(f'.{path.name}.lock')
    mark = mark.absolute()
    if mark in _held and _held[mark].is_locked:
        return _held[mark]
    lock = FileLock(mark, timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise BusyError(
            f'another process is writing {path}: wait until it is done, end it, or '
            'choose another output'
        ) from error
    _held[mark] = lock
    return lock


@contextmanager
def only_writer(path: Path, beside: bool = False) -> Iterator[None]:
    """:func:`claim` an output for a block of code."""
    lock = claim(path, beside)
    try:
        yield
    finally:
        release(lock)


def release(lock: FileLock) -> None:
    """Give up a :func:`claim`."""
    Path(lock.lock_file).unlink(missing_ok=True)
    lock.release()
