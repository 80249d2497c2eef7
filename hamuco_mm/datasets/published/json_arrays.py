"""JSON label files as arrays, checked."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..hanco.parsing import MalformedFileError, read_json


def read_array(path, shape: tuple[int, ...]) -> np.ndarray:
    """A JSON file of one array, float32 ``(N, *shape)``.

    Raises:
        FileNotFoundError: If there is no such file.
        MalformedFileError: If it holds something else.
    """
    return as_array(read_json(path), (-1, *shape), path, 'the list')


def as_array(value: Any, shape: Sequence[int], path, key: str) -> np.ndarray:
    """A part of a JSON file as float32; ``shape`` may have -1 for any number.

    Raises:
        MalformedFileError: If it has another shape, or is not numeric.
    """
    try:
        array = np.array(value, np.float32)
    except (TypeError, ValueError):
        raise MalformedFileError(path, f'{key} is not an array of numbers') from None
    if array.ndim != len(shape) or any(
        wanted not in (-1, found) for wanted, found in zip(shape, array.shape)
    ):
        raise MalformedFileError(
            path, f'{key} should have shape {tuple(shape)}, got {array.shape}'
        )
    return array


def take(content: Any, keys: Sequence, path) -> Any:
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
