"""JSON files, read and checked: errors name the file, the key and the reason."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike


class MalformedFileError(ValueError):
    """A file whose content is not in the expected format."""

    def __init__(self, path: str | Path, reason: str):
        super().__init__(f'{path}: {reason}')


def read_json(path: str | Path) -> Any:
    """Parse a JSON file.

    Raises:
        FileNotFoundError: If there is no such file.
        MalformedFileError: If it cannot be read or is not JSON.
    """
    try:
        return json.loads(Path(path).read_bytes())
    except FileNotFoundError:
        raise
    except (OSError, ValueError, RecursionError) as error:
        raise MalformedFileError(path, f'not readable as JSON ({error})') from error


def read_array(path: str | Path, shape: tuple[int, ...]) -> np.ndarray:
    """A JSON file of one array, float32 ``(N, *shape)``.

    Raises:
        FileNotFoundError: If there is no such file.
        MalformedFileError: If it holds something else.
    """
    return as_array(read_json(path), (-1, *shape), path, 'the list')


def as_array(
    value: Any,
    shape: Sequence[int] | None,
    path: str | Path,
    key: str,
    dtype: DTypeLike = np.float32,
) -> np.ndarray:
    """A part of a JSON file as an array.

    Args:
        value (Any): The part.
        shape (Sequence[int], optional): The shape it should have, -1 for any
            number. None for any shape.
        path (str | Path), key (str): The file and the part, for messages.
        dtype (DTypeLike): Defaults to float32.

    Raises:
        MalformedFileError: If it has another shape, or is not numeric.
    """
    try:
        array = np.array(value, dtype)
    except (TypeError, ValueError):
        raise MalformedFileError(path, f'{key} is not an array of numbers') from None
    if shape is not None and (
        array.ndim != len(shape)
        or any(wanted not in (-1, found) for wanted, found in zip(shape, array.shape))
    ):
        raise MalformedFileError(
            path, f'{key} should have shape {tuple(shape)}, got {array.shape}'
        )
    return array


def take(content: Any, keys: Sequence[str], path: str | Path) -> Any:
    """``content[keys[0]][keys[1]]...`` of a JSON file.

    Raises:
        MalformedFileError: If a key is missing; it says which.
    """
    for depth, key in enumerate(keys):
        if not isinstance(content, dict) or key not in content:
            where = ' > '.join(map(str, keys[:depth])) or 'the file'
            raise MalformedFileError(path, f'{where} has no key {key!r}')
        content = content[key]
    return content
