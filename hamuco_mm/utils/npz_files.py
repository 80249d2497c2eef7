"""``.npz`` files of plain arrays, read and checked: data, never code."""

from collections.abc import Collection
from pathlib import Path

import numpy as np

from .json_files import MalformedFileError


def read_npz(
    path: str | Path, keys: Collection[str] | None = None
) -> dict[str, np.ndarray]:
    """Read arrays of a file; objects, which would be unpickled, are refused.

    Args:
        path (str | Path): The file.
        keys (Collection[str], optional): Arrays to read. Defaults to all.

    Raises:
        FileNotFoundError: If there is no such file.
        MalformedFileError: If it is no such file, or lacks a key.
    """
    try:
        with np.load(path, allow_pickle=False) as content:
            return {key: content[key] for key in (content if keys is None else keys)}
    except FileNotFoundError:
        raise
    except Exception as error:  # numpy and zipfile raise half a dozen types
        wanted = '' if keys is None else f' with {", ".join(keys)}'
        raise MalformedFileError(
            path, f'not a .npz of plain arrays{wanted} ({error})'
        ) from error
