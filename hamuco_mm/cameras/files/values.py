"""The named values of one camera, and which of them were used."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from .errors import CalibrationError

# Maps inside a camera's that only sort its values.
_GROUPS = (
    'intrinsics',
    'intrinsic',
    'intrinsic_parameters',
    'extrinsics',
    'extrinsic',
    'extrinsic_parameters',
    'pose',
    'distortion',
)
# How far two values of one thing may differ, relatively.
SAME = 1e-3
# A calibration's arrays are small.
_MOST_NUMBERS = 10_000


class CameraValues:
    """Values of one camera, by name.

    Args:
        path (Path), place (str): The file and the camera, for messages.
        values (Mapping): Numbers, text, lists, arrays and matrices as OpenCV and ROS
            write them, ``rows``, ``cols`` and ``data``. Groups such as
            ``intrinsics`` are opened.

    Raises:
        CalibrationError: If a name is there in two groups.
    """

    def __init__(self, path: Path, place: str, values: Mapping[str, Any]):
        self.path, self.place = path, place
        self._values = dict(values)
        self._used: set[str] = set()
        for group in _GROUPS:
            inner = values.get(group)
            if isinstance(inner, Mapping) and not _is_matrix(inner):
                del self._values[group]
                for key, value in inner.items():
                    if key in self._values:
                        raise self.error(f'{key!r} is there twice', group)
                    self._values[key] = value

    def has(self, *names: str) -> bool:
        """Whether all of these are there, and not null."""
        return all(self._values.get(name) is not None for name in names)

    def take(self, name: str) -> Any:
        """A value as it is, None if it is not there; it counts as used."""
        self._used.add(name)
        return self._values.get(name)

    def peek(self, names: Iterable[str]) -> dict[str, Any]:
        """Values as they are, of those names that are there; unused as before."""
        return {name: self._values[name] for name in names if name in self._values}

    def use(self, names: Iterable[str]) -> None:
        """Count names as used."""
        self._used.update(names)

    def array(self, name: str) -> np.ndarray:
        """A value as an array in double precision; it counts as used.

        Raises:
            CalibrationError: If it is none, or has a number that is not finite.
        """
        value = self.take(name)
        try:
            array = _as_array(value)
        except (TypeError, ValueError, KeyError, OverflowError):
            raise self.error('not an array of numbers', name) from None
        if not np.isfinite(array).all():
            raise self.error('has numbers that are not finite', name)
        return array

    def arrays(self, names: Iterable[str]) -> dict[str, np.ndarray]:
        """Arrays of those names that are there and are no text.

        Raises:
            CalibrationError: See :meth:`array`.
        """
        return {
            name: self.array(name)
            for name in names
            if self.has(name) and not isinstance(self._values[name], str)
        }

    def number(self, name: str) -> float:
        """A value as one number.

        Raises:
            CalibrationError: If it is none.
        """
        number = self.array(name)
        if number.size != 1:
            raise self.error('should be one number', name)
        return float(number.item())

    def only_one(self, found: Mapping[str, np.ndarray]) -> np.ndarray:
        """The value that all names give.

        Raises:
            CalibrationError: If two differ.
        """
        (first, value), *others = found.items()
        for name, other in others:
            scale = max(np.abs(value).max(initial=0), 1e-9)
            if value.shape != other.shape or np.abs(value - other).max() > SAME * scale:
                raise self.error(
                    f'{first!r} and {name!r} differ',
                    None,
                    'Leave the one that is right',
                )
        return value

    def unused(self) -> list[str]:
        """Names that nothing was read from; those that are null say nothing."""
        return [
            name
            for name, value in self._values.items()
            if name not in self._used and value is not None
        ]

    def error(
        self, reason: str, key: str | None = None, remedy: str | None = None
    ) -> CalibrationError:
        """An error that names the file and the camera."""
        place = f'{self.place}, {key}' if key else self.place
        return CalibrationError(self.path, reason, place, remedy)


def _is_matrix(value: Any) -> bool:
    return isinstance(value, Mapping) and {'rows', 'cols', 'data'} <= set(value)


def _as_array(value: Any) -> np.ndarray:
    if _is_matrix(value):
        rows, cols = int(value['rows']), int(value['cols'])
        return np.array(value['data'], np.float64).reshape(rows, cols)
    if isinstance(value, Mapping) or _count(value) > _MOST_NUMBERS:
        raise ValueError
    return np.array(value, dtype=np.float64)


def _count(value: Any) -> int:
    """Numbers of nested lists, counted no further than is allowed."""
    if isinstance(value, np.ndarray):
        return value.size
    if not isinstance(value, (list, tuple)):
        return 1
    number = 0
    for child in value:
        number += _count(child)
        if number > _MOST_NUMBERS:
            break
    return number
