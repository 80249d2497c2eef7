"""``.npz`` files of plain arrays, written whole, read and checked: data, never code."""

import io
import math
import zipfile
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import IO

import numpy as np
from numpy.lib import format as npy

from .files import write_atomically
from .json_files import MalformedFileError

# Bytes that any file may unpack to, and how many times its size a larger one may:
# predictions take a half to a tenth of their size when they are packed.
_FREE_BYTES, _MOST_PACKED = 2**28, 50


def read_npz(
    path: str | Path, keys: Collection[str] | None = None
) -> dict[str, np.ndarray]:
    """Read arrays of a file; objects, which would be unpickled, are refused.

    Args:
        path (str | Path): The file.
        keys (Collection[str], optional): Arrays to read. Defaults to all.

    Raises:
        FileNotFoundError: If there is no such file.
        MalformedFileError: If it is no such file, lacks a key, or would unpack to
            much more than it has.
    """
    try:
        check_packing(path, keys)
        with np.load(path, allow_pickle=False) as content:
            return {key: content[key] for key in (content if keys is None else keys)}
    except FileNotFoundError:
        raise
    except Exception as error:  # numpy and zipfile raise half a dozen types
        wanted = '' if keys is None else f' with {", ".join(keys)}'
        raise MalformedFileError(
            path, f'not a .npz of plain arrays{wanted} ({error})'
        ) from error


def write_npz(path: str | Path, arrays: Mapping[str, np.ndarray]) -> None:
    """Write arrays, packed, completely or not at all; the folder is made.

    Args:
        path (str | Path): The file; ``.npz`` is added where it is missing.
        arrays (Mapping[str, np.ndarray]): By name.

    Raises:
        OSError: If it cannot be written.
        ValueError: If an array holds objects, which would be pickled.
    """
    path = Path(path)
    if path.suffix != '.npz':
        path = path.with_name(f'{path.name}.npz')
    # a ZipFile that cannot write prints what nobody can catch
    content = io.BytesIO()
    # NumPy before 2.1 takes its allow_pickle for the name of one more array
    objects = [name for name, x in arrays.items() if np.asarray(x).dtype.hasobject]
    if objects:
        raise ValueError(f'{path}: {", ".join(objects)} would be pickled objects')
    np.savez_compressed(content, **arrays)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, content.getvalue())


def check_packing(path: str | Path, keys: Collection[str] | None = None) -> None:
    """Compare what the headers of arrays say with what a file has, before it is
    unpacked.

    Args:
        path (str | Path): The file.
        keys (Collection[str], optional): Arrays that will be read. Defaults to all.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If an array has another number of bytes than its shape needs, or
            all take much more memory than the file has bytes.
        OSError, zipfile.BadZipFile, zlib.error: If it is damaged.
    """
    total = 0
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            name = member.filename.removesuffix('.npy')
            if keys is not None and name not in keys:
                continue
            total += member.file_size
            if total > max(_FREE_BYTES, _MOST_PACKED * Path(path).stat().st_size):
                raise ValueError(f'would unpack to more than {total >> 20} MiB')
            if name != member.filename:
                with archive.open(member) as file:
                    expected = _bytes_of_array(file)
                if expected != member.file_size:
                    raise ValueError(f'{name} should have {expected} bytes')


def _bytes_of_array(file: IO[bytes]) -> int:
    """Bytes of an ``.npy`` file by its header."""
    version = npy.read_magic(file)
    read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
    shape, _, dtype = read(file)
    if dtype.hasobject:
        raise ValueError('it holds objects')
    return file.tell() + math.prod(shape) * dtype.itemsize
