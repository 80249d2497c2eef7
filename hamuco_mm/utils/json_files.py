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


def parse_json(text: str | bytes) -> Any:
    """Parse JSON in which no object may have a key twice.

    Raises:
        ValueError: If one has, or if it is not JSON.
    """
    return json.loads(text, object_pairs_hook=_without_repetition)


def read_json(path: str | Path, unique_keys: bool = False) -> Any:
    """Parse a JSON file.

    Args:
        path (str | Path): The file.
        unique_keys (bool): Refuse objects with a key twice, whose last value would
            count. Takes some more time. Defaults to False.

    Raises:
        FileNotFoundError: If there is no such file.
        MalformedFileError: If it cannot be read or is not JSON.
    """
    parse = parse_json if unique_keys else json.loads
    try:
        return parse(Path(path).read_bytes())
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


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f'{twice!r} is there twice')
    return content
