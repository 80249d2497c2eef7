"""Read the arrays of a MANO pickle without running anything in it.

A pickle is a program: loading one may call any function by name. The official
MANO files are pickles of Python 2 holding numpy arrays, scipy sparse matrices
and objects of chumpy, a library that current Pythons cannot import. The
unpickler below maps those few classes to inert records and refuses every
other name before it is imported.
"""

import pickle
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import sparse

from ..utils.pickled_data import Record, Refusal, load_pickled_data
from ..utils.pickled_numpy import (
    NotNumericError,
    StoredArray,
    from_buffer,
    numpy_names,
    scalar,
)

# Numbers of an entry; posedirs, the largest of MANO, has 315,090.
_MOST_NUMBERS = 10_000_000


class _ArrayRecord(Record):
    """An object of a foreign class that holds an array."""

    def to_array(self) -> np.ndarray:
        raise NotImplementedError


class _ChumpyLeaf(_ArrayRecord):
    """``chumpy.ch.Ch``: an array."""

    def to_array(self) -> np.ndarray:
        return _to_array(*self.read('x'))


class _ChumpySelect(_ArrayRecord):
    """``chumpy.reordering.Select``: some elements of another array."""

    def to_array(self) -> np.ndarray:
        source, indices = self.read('a', 'idxs')
        selected = _to_array(source).ravel()[_to_array(indices)]
        shape = self.state.get('preferred_shape')
        return selected if shape is None else selected.reshape(shape)


class _CompressedMatrix(_ArrayRecord):
    """scipy's ``csc_matrix`` or ``csr_matrix``."""

    build: Callable[..., sparse.spmatrix]

    def to_array(self) -> np.ndarray:
        *parts, shape = self.read('data', 'indices', 'indptr', '_shape')
        matrix = self.build(tuple(map(_to_array, parts)), shape=_dense_shape(shape))
        # Without it, indices out of range would write out of bounds.
        matrix.check_format(full_check=True)
        return matrix.toarray()


class _CSCMatrix(_CompressedMatrix):
    build = sparse.csc_matrix


class _CSRMatrix(_CompressedMatrix):
    build = sparse.csr_matrix


class _COOMatrix(_ArrayRecord):
    def to_array(self) -> np.ndarray:
        data, shape = self.read('data', '_shape')
        coords = self.state.get('coords')
        if coords is None:  # scipy < 1.11
            coords = self.read('row', 'col')
        places = tuple(map(_to_array, coords))
        matrix = sparse.coo_matrix((_to_array(data), places), _dense_shape(shape))
        return matrix.toarray()


def _dense_shape(shape: Any) -> tuple[int, int]:
    rows, columns = shape
    if type(rows) is not int or type(columns) is not int:
        raise ValueError(f'its shape is {shape!r:.80}')
    if rows < 0 or columns < 0 or rows * columns > _MOST_NUMBERS:
        raise ValueError(f'its shape is {shape!r:.80}')
    return rows, columns


def _new_record(cls: Any, base: Any, state: Any) -> Record:
    """``copy_reg._reconstructor``, for the records alone."""
    if not (isinstance(cls, type) and issubclass(cls, Record)):
        raise Refusal(f'it asks to reconstruct {cls}')
    return cls()


def _encode(text: str, encoding: str) -> bytes:
    """``_codecs.encode``, for how Python 3 writes bytes in old protocols."""
    if encoding != 'latin1':
        raise Refusal(f'it asks for the encoding {encoding}')
    return text.encode('latin1')


def _numbers_or_none(function: Callable) -> Callable:
    """None instead of an array or scalar of text, which is left out."""

    def call(*parts: Any) -> Any:
        try:
            return function(*parts)
        except NotNumericError:
            return None

    return call


def _allowed_names() -> dict[tuple[str, str], Any]:
    allowed = {
        name: _numbers_or_none(value) if value in (scalar, from_buffer) else value
        for name, value in numpy_names().items()
    }
    allowed['chumpy.ch', 'Ch'] = _ChumpyLeaf
    allowed['chumpy.reordering', 'Select'] = _ChumpySelect
    allowed['copy_reg', '_reconstructor'] = _new_record
    allowed['copyreg', '_reconstructor'] = _new_record
    allowed['_codecs', 'encode'] = _encode
    allowed['collections', 'OrderedDict'] = OrderedDict
    for builtins in ('__builtin__', 'builtins'):
        allowed[builtins, 'object'] = object
        allowed[builtins, 'set'] = set
    for kind, record in (('csc', _CSCMatrix), ('csr', _CSRMatrix), ('coo', _COOMatrix)):
        # The module was renamed from scipy.sparse.csc to scipy.sparse._csc.
        for prefix in ('', '_'):
            allowed[f'scipy.sparse.{prefix}{kind}', f'{kind}_matrix'] = record
    return allowed


_ALLOWED = _allowed_names()


def _to_array(value: Any) -> np.ndarray:
    """The numbers of an entry.

    Raises:
        NotNumericError: If it is something else.
    """
    if isinstance(value, _ArrayRecord | StoredArray):
        return value.to_array()
    if isinstance(value, list | tuple):
        if _number_of(value, {}) > _MOST_NUMBERS:
            raise ValueError(f'it has more than {_MOST_NUMBERS} numbers')
        value = [_to_array(item) for item in value]
    elif not isinstance(value, bool | int | float | np.ndarray | np.generic):
        raise NotNumericError(f'a {type(value).__name__} is no number')
    return np.asarray(value)


def _number_of(value: Any, known: dict[int, int]) -> int:
    """Number of values below a list, one that is shared counted each time."""
    if not isinstance(value, list | tuple):
        return 1
    if id(value) not in known:
        known[id(value)] = _MOST_NUMBERS + 1  # what a list of itself would have
        known[id(value)] = 1 + sum(_number_of(item, known) for item in value)
    return known[id(value)]


def load_pickled_arrays(path: str) -> dict[str, np.ndarray]:
    """Read a pickled dictionary of arrays as data.

    Entries that are not numeric arrays (MANO has a few strings) are left out.

    Args:
        path (str): A pickle of a dictionary whose values are numpy arrays,
            scipy sparse matrices or chumpy arrays.

    Returns:
        dict: Dense numpy arrays by name.

    Raises:
        pickle.UnpicklingError: The file names anything but an array class.
        ValueError: The file is damaged or holds no dictionary.
    """
    with open(path, 'rb') as file:
        try:
            # latin1 turns Python 2's byte strings, which hold the arrays'
            # data, into text without loss.
            content = load_pickled_data(file, _ALLOWED)
        except Refusal as refusal:
            raise pickle.UnpicklingError(
                f'{path}: refused, because {refusal}, which no MANO '
                'file needs. Nothing in the file was run. Use the file as '
                'downloaded from https://mano.is.tue.mpg.de, or save the '
                'arrays of a trusted file with numpy.savez and name the '
                '.npz.'
            ) from None
        except pickle.UnpicklingError as error:
            raise ValueError(f'{path}: {error}') from error
    if not isinstance(content, dict):
        raise ValueError(
            f'{path}: holds a {type(content).__name__} where a '
            'dictionary of arrays was expected'
        )
    arrays = {}
    for key, value in content.items():
        try:
            array = _to_array(value)
        except NotNumericError:
            continue
        except Exception as error:
            raise ValueError(f'{path}: entry {key!r} is damaged ({error})') from error
        if array.dtype.kind in 'fiu':
            arrays[key] = array
    return arrays
