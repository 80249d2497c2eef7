"""NumPy's part of a pickle as data.

NumPy's own functions believe what a pickle says: a dtype may hold pointers, or
have a negative size, and then the bytes of the file are read as addresses. Here a
dtype is one of a few numeric ones, an array is a shape and bytes that fit, and
NumPy is only given what was checked.
"""

import math
import pickle
from typing import Any, Literal

import numpy as np

from .pickled_data import Stateful

_SIZES = dict(b=(1,), i=(1, 2, 4, 8), u=(1, 2, 4, 8), f=(2, 4, 8), c=(8, 16))
_CODES = {f'{kind}{size}' for kind, sizes in _SIZES.items() for size in sizes}
_MOST_AXES = 32  # of NumPy 1


class NotNumericError(pickle.UnpicklingError):
    """An array or scalar of objects, text or fields instead of numbers."""


class StoredDtype(Stateful):
    """``numpy.dtype``: its code and byte order, as the file says them.

    Args:
        code (Any): ``f8``, for example.
        *_: Alignment, and whether to copy, which say nothing here.
    """

    def __init__(self, code: Any = None, *_: Any) -> None:
        self.code = code.decode('latin1') if isinstance(code, bytes) else code
        self.order: Any = '='

    def __setstate__(self, state: Any) -> None:
        if not isinstance(state, tuple) or len(state) < 5:
            raise pickle.UnpicklingError('a dtype has a state of another form')
        order, *parts = state[1:5]
        order = order.decode('latin1') if isinstance(order, bytes) else order
        # sub-arrays, and names and offsets of fields
        self.order = order if parts == [None] * 3 else None

    def checked(self) -> np.dtype:
        """The dtype.

        Raises:
            NotNumericError: If it is none of fixed size for numbers.
        """
        if (
            not isinstance(self.code, str)
            or self.code not in _CODES
            or self.order not in ('<', '>', '=', '|')
        ):
            raise NotNumericError(f'dtype {self.code!r} is not one for numbers')
        return np.dtype(self.code).newbyteorder(self.order)


class StoredArrayType:
    """``numpy.ndarray``, which is only named and never called."""

    def __init__(self) -> None:
        raise pickle.UnpicklingError('an array without a shape')


class StoredArray(Stateful):
    """``numpy.ndarray``, filled by its state: shape, dtype, order and bytes."""

    def __init__(self) -> None:
        self._state: tuple = ()

    def __setstate__(self, state: Any) -> None:
        if not isinstance(state, tuple) or len(state) not in (4, 5):
            raise pickle.UnpicklingError('an array has a state of another form')
        self._state = state[-4:]  # before them, the version

    def to_array(self) -> np.ndarray:
        """The array, in memory of its own.

        Raises:
            NotNumericError: If it is not one of numbers.
            pickle.UnpicklingError: If its parts do not fit.
        """
        if not self._state:
            raise pickle.UnpicklingError('an array without a state')
        shape, dtype, fortran, data = self._state
        return _array(data, dtype, shape, 'F' if fortran else 'C')


def reconstruct(cls: Any, *_: Any) -> StoredArray:
    """``numpy.core.multiarray._reconstruct``.

    Raises:
        pickle.UnpicklingError: If it is asked for another class than an array.
    """
    if cls is not StoredArrayType:
        raise pickle.UnpicklingError('it asks to make an array of another class')
    return StoredArray()


def scalar(dtype: Any, data: Any = None) -> Any:
    """``numpy.core.multiarray.scalar``: a number of NumPy.

    Raises:
        NotNumericError: If it is no number.
        pickle.UnpicklingError: If the bytes do not fit.
    """
    return _array(data, dtype, (), 'C')[()]


def from_buffer(data: Any, dtype: Any, shape: Any, order: Any) -> np.ndarray:
    """``numpy.core.numeric._frombuffer``, of pickle protocol 5.

    Raises:
        NotNumericError: If it is not an array of numbers.
        pickle.UnpicklingError: If its parts do not fit.
    """
    return _array(data, dtype, shape, 'F' if order == 'F' else 'C')


def no_bytes() -> bytes:
    """``bytes()``, as protocol 2 writes the data of an empty array."""
    return b''


def numpy_names() -> dict[tuple[str, str], Any]:
    """What stands for NumPy's names in a pickle, by module and name."""
    names: dict[tuple[str, str], Any] = {
        ('numpy', 'ndarray'): StoredArrayType,
        ('numpy', 'dtype'): StoredDtype,
        ('__builtin__', 'bytes'): no_bytes,
        ('builtins', 'bytes'): no_bytes,
    }
    for core in ('numpy.core', 'numpy._core'):  # numpy 2 renamed the module
        names[f'{core}.multiarray', '_reconstruct'] = reconstruct
        names[f'{core}.multiarray', 'scalar'] = scalar
        names[f'{core}.numeric', '_frombuffer'] = from_buffer
    return names


def _array(data: Any, dtype: Any, shape: Any, order: Literal['C', 'F']) -> np.ndarray:
    if not isinstance(dtype, StoredDtype):
        raise pickle.UnpicklingError('an array without a dtype')
    kind = dtype.checked()
    if isinstance(data, str):  # of Python 2
        data = data.encode('latin1')
    if not isinstance(data, bytes | bytearray):
        raise pickle.UnpicklingError('an array without bytes')
    if type(shape) is int:
        shape = (shape,)
    if (
        not isinstance(shape, tuple)
        or len(shape) > _MOST_AXES
        or not all(type(side) is int and side >= 0 for side in shape)
        or math.prod(shape) * kind.itemsize != len(data)
    ):
        raise pickle.UnpicklingError(
            f'an array of {kind} has {len(data)} bytes and shape {shape!r:.80}'
        )
    return np.ndarray(shape, kind, buffer=bytearray(data), order=order)
