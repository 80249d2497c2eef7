"""JSON files, read and checked: errors name the file, the key and the reason;
and written whole."""

import json
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from .files import write_atomically


class MalformedFileError(ValueError):
    """A file whose content is not in the expected format."""

    def __init__(self, path: str | Path, reason: str):
        super().__init__(f'{path}: {reason}')


# Digits of a whole number; those of a serial number or a time are 20.
MOST_DIGITS = 40
_MANY_DIGITS = re.compile(rb'\d{%d}' % (MOST_DIGITS + 1))


def parse_json(
    text: str | bytes, unique_keys: bool = True, long_numbers: bool = False
) -> Any:
    """Parse JSON that others wrote.

    Args:
        text (str | bytes): In UTF-8, UTF-16 or UTF-32.
        unique_keys (bool): Refuse objects with a key twice, whose last value would
            count. Takes some more time. Defaults to True.
        long_numbers (bool): Take whole numbers beyond all that a file can mean as
            floats, for a caller that looks at each. Defaults to False.

    Raises:
        ValueError: If it is not JSON, has a key twice or a whole number beyond
            all that a file can mean, or is nested too deeply.
    """
    options: dict[str, Any] = {}
    if unique_keys:
        options['object_pairs_hook'] = _without_repetition
    content = text.encode(errors='replace') if isinstance(text, str) else text
    if _MANY_DIGITS.search(content.replace(b'\0', b'')):
        options['parse_int'] = _any_number if long_numbers else _whole_number
    try:
        return json.loads(text, **options)
    except RecursionError as error:
        raise ValueError('it is nested too deeply') from error


def write_json(path: str | Path, content: Any, indent: int | None = 2) -> None:
    """Write JSON, completely or not at all; the folder is made.

    Args:
        path (str | Path): The file.
        content (Any): What :func:`json.dumps` takes.
        indent (int, optional): Spaces a level; None for one line.

    Raises:
        OSError: If it cannot be written.
    """
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, json.dumps(content, indent=indent) + '\n')


def read_json(
    path: str | Path,
    unique_keys: bool = False,
    read: Callable[[Path], bytes] = Path.read_bytes,
    long_numbers: bool = False,
) -> Any:
    """Parse a JSON file.

    Args:
        path (str | Path): The file.
        unique_keys (bool): Refuse objects with a key twice, whose last value would
            count. Takes some more time. Defaults to False.
        read (callable): Gives the content of a file, which may be stored
            elsewhere. Defaults to that of the file itself.
        long_numbers (bool): See :func:`parse_json`. Defaults to False.

    Raises:
        FileNotFoundError: If there is no such file.
        MalformedFileError: If it cannot be read or is not JSON.
    """
    try:
        return parse_json(read(Path(path)), unique_keys, long_numbers)
    except FileNotFoundError:
        raise
    except (OSError, ValueError) as error:
        raise MalformedFileError(path, f'not readable as JSON ({error})') from error


def read_array(path: str | Path, shape: tuple[int, ...]) -> np.ndarray:
    """A JSON file of one array, float32 ``(N, *shape)``.

    A row that has another shape or is not numeric is NaN, if others are right.

    Raises:
        FileNotFoundError: If there is no such file.
        MalformedFileError: If it holds something else.
    """
    rows = read_json(path, long_numbers=True)
    try:
        return as_array(rows, (-1, *shape), path, 'the list')
    except MalformedFileError:
        if not isinstance(rows, list):
            raise
        table, right = np.full((len(rows), *shape), np.nan, np.float32), 0
        for number, row in enumerate(rows):
            with suppress(MalformedFileError):
                table[number] = as_array(row, shape, path, f'entry {number}')
                right += 1
        if not right:
            raise
        return table


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
        with np.errstate(over='ignore'):  # infinite, which the caller looks for
            array = np.array(value, dtype)
    except (TypeError, ValueError, OverflowError):
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


def whole_number(content: Any, key: str, path: str | Path) -> int:
    """``content[key]`` of a part of a JSON file, a number of 64 bits; text of
    digits is one, too.

    Raises:
        MalformedFileError: If it is missing or something else.
    """
    value = take(content, (key,), path)
    try:
        if isinstance(value, (int, str)) and abs(number := int(value)) < 2**63:
            return number
    except ValueError:
        pass
    raise MalformedFileError(path, f'{key} is no whole number: {repr(value)[:40]}')


def as_list(value: Any, path: str | Path, key: str) -> list:
    """A part of a JSON file that should be a list.

    Raises:
        MalformedFileError: If it is none.
    """
    if not isinstance(value, list):
        raise MalformedFileError(path, f'{key} is not a list: {repr(value)[:40]}')
    return value


def as_text(value: Any, path: str | Path, key: str) -> str:
    """A part of a JSON file that should be text.

    Raises:
        MalformedFileError: If it is none.
    """
    if not isinstance(value, str):
        raise MalformedFileError(path, f'{key} is not text: {repr(value)[:40]}')
    return value


def _any_number(digits: str) -> int | float:
    return int(digits) if len(digits) <= MOST_DIGITS else float(digits)


def _whole_number(digits: str) -> int:
    if len(digits) > MOST_DIGITS:
        raise ValueError(f'{digits[:10]}... is a number of {len(digits)} digits')
    return int(digits)


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f'{twice!r} is there twice')
    return content
