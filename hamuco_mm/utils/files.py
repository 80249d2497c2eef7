"""Writing files so that an interruption leaves no partial ones; their content."""

import codecs
import errno
import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from .one_writer import only_writer

PART_SUFFIX = '.part'


def write_atomically(
    path: str | Path, content: str | bytes, durable: bool = False
) -> None:
    """Write a file so that it is there completely or not at all.

    What was there stays until the new content is written. See
    :func:`whole_file`.

    Args:
        path (str | Path): File in a directory that exists.
        content (str | bytes): Text is written as UTF-8.
        durable (bool): Wait until the disk has it, so that a power cut cannot
            leave an empty file under this name.

    Raises:
        OSError: If it cannot be written.
    """
    with whole_file(path) as part, open(part, 'wb') as file:
        file.write(content.encode() if isinstance(content, str) else content)
        if durable:
            file.flush()
            os.fsync(file.fileno())
    if durable:
        _flush_directory(Path(path).parent)


@contextmanager
def whole_file(path: str | Path, suffix: str = '') -> Iterator[Path]:
    """A file that takes its name when it is complete.

    What was there stays until then. If the block raises, nothing of the new content
    stays.

    Args:
        path (str | Path): File in a directory that exists. A link stays one; a
            device or a pipe is written directly.
        suffix (str): How the name of the unfinished file ends, for who writes by
            suffix.

    Yields:
        Path: What to write, ``<path>.<process>.part<suffix>``.

    Raises:
        DiskFullError: If there is no room for it.
        IsADirectoryError: If a folder has its name.
    """
    path = Path(path)
    if path.is_dir():
        raise IsADirectoryError(
            errno.EISDIR, f'{path} cannot be written, a folder has this name'
        )
    if path.parent == Path('/dev') or (path.exists() and not path.is_file()):
        with named_full_disk(path):
            yield path  # such as /dev/stdout, which nothing may replace
        return
    if path.is_symlink():
        path = path.resolve()
    part = path.with_name(f'{path.name}.{os.getpid()}{PART_SUFFIX}{suffix}')
    try:
        with named_full_disk(path):
            yield part
            os.replace(part, path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


class DiskFullError(OSError):
    """Raised when there is no room for a file; names it."""


# No space, no quota; the last is a limit on the size of a file.
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@contextmanager
def named_full_disk(path: str | Path) -> Iterator[None]:
    """Name what the block writes if there is no room for it.

    Raises:
        DiskFullError: In the place of the system's error.
    """
    try:
        yield
    except DiskFullError:
        raise
    except OSError as error:
        if error.errno not in _NO_ROOM:
            raise
        raise DiskFullError(
            error.errno,
            f'{path} cannot be written, the disk is full ({error.strerror}); no half '
            'of it is left there. Make room, and run it again',
        ) from error


def _flush_directory(path: Path) -> None:
    """Make a new name in a directory last, where the system can."""
    if not hasattr(os, 'O_DIRECTORY'):
        return
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def replaced_directory(path: Path) -> Iterator[Path]:
    """A directory that takes the place of another when it is complete.

    Args:
        path (Path): Its place; what is there goes at the end of the block,
            and stays if the block raises.

    Yields:
        Path: An empty directory to fill, ``<path>.part``.

    Raises:
        BusyError: If another process is replacing it.
    """
    with only_writer(path, beside=True):
        yield from _replaced_directory(path)


def _replaced_directory(path: Path) -> Iterator[Path]:
    part, old = (path.with_name(path.name + end) for end in (PART_SUFFIX, '.old'))
    _remove(part)  # of a run that was interrupted
    if os.path.lexists(old) and not os.path.lexists(path):
        os.replace(old, path)
    part.mkdir(parents=True)
    try:
        with named_full_disk(path):
            yield part
    except BaseException:
        _remove(part)
        raise
    _remove(old)
    if os.path.lexists(path):
        os.replace(path, old)
    os.replace(part, path)
    _remove(old)


# Of a file that is larger, this much is read, evenly spread.
_DIGESTED_BLOCKS, _BLOCK = 16, 2**16


def content_digest(paths: Iterable[Path]) -> str:
    """A digest of the names and the content of files.

    Other content has another digest, whatever the time of the file says. Of a
    file above 1 MiB, its size and 16 blocks from the first to the last count,
    so that long videos do not have to be read.

    Args:
        paths (Iterable[Path]): Files, in order.
    """
    digest = hashlib.blake2b(digest_size=16)
    for path in paths:
        with open(path, 'rb') as file:
            size = os.fstat(file.fileno()).st_size
            digest.update(f'{path.name}\0{size}\0'.encode(errors='surrogateescape'))
            if size <= _DIGESTED_BLOCKS * _BLOCK:
                digest.update(file.read())
                continue
            for block in range(_DIGESTED_BLOCKS):
                file.seek((size - _BLOCK) * block // (_DIGESTED_BLOCKS - 1))
                digest.update(file.read(_BLOCK))
    return digest.hexdigest()


def file_digest(path: Path) -> str:
    """SHA-256 of the content of a file, in hexadecimal digits."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    elif os.path.lexists(path):
        path.unlink()


def decode_text(content: bytes) -> str:
    """Text in UTF-8, or in UTF-16 if a byte order mark says so.

    Raises:
        UnicodeDecodeError: If it is neither.
    """
    wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return content.decode('utf-16' if wide else 'utf-8-sig')
