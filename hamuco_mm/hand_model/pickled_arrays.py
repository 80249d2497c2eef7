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

try:
    from numpy._core.multiarray import (  # type: ignore[attr-defined]
        _reconstruct,
        scalar,
    )
except ImportError:  # numpy < 1.26
    from numpy.core.multiarray import (  # type: ignore[attr-defined]
        _reconstruct,
        scalar,
    )


class _Refusal(Exception):
    """Raised when a pickle asks for something that no MANO file needs."""


class _Record:
    """Keeps the pickled state of a foreign object, and does nothing."""

    state: dict[str, Any] = {}

    def __setstate__(self, state: Any) -> None:
        # Not into __dict__, where an entry could stand in for a method.
        self.state = dict(state)

    def read(self, *names: str) -> list:
        missing = [name for name in names if name not in self.state]
        if missing:
            raise ValueError(f'its state lacks {", ".join(missing)}')
        return [self.state[name] for name in names]

    def to_array(self) -> np.ndarray:
        raise NotImplementedError


class _ChumpyLeaf(_Record):
    """``chumpy.ch.Ch``: an array."""

    def to_array(self) -> np.ndarray:
        return _to_array(*self.read('x'))


class _ChumpySelect(_Record):
    """``chumpy.reordering.Select``: some elements of another array."""

    def to_array(self) -> np.ndarray:
        source, indices = self.read('a', 'idxs')
        selected = _to_array(source).ravel()[_to_array(indices)]
        shape = self.state.get('preferred_shape')
        return selected if shape is None else selected.reshape(shape)


class _CompressedMatrix(_Record):
    """scipy's ``csc_matrix`` or ``csr_matrix``."""

    build: Callable[..., sparse.spmatrix]

    def to_array(self) -> np.ndarray:
        data, indices, indptr, shape = self.read('data', 'indices', 'indptr', '_shape')
        matrix = self.build((data, indices, indptr), shape=shape)
        # Without it, indices out of range would write out of bounds.
        matrix.check_format(full_check=True)
        return matrix.toarray()


class _CSCMatrix(_CompressedMatrix):
    build = sparse.csc_matrix


class _CSRMatrix(_CompressedMatrix):
    build = sparse.csr_matrix


class _COOMatrix(_Record):
    def to_array(self) -> np.ndarray:
        data, shape = self.read('data', '_shape')
        coords = self.state.get('coords')
        if coords is None:  # scipy < 1.11
            coords = self.read('row', 'col')
        return sparse.coo_matrix((data, tuple(coords)), shape=shape).toarray()


def _new_record(cls: Any, base: Any, state: Any) -> _Record:
    """``copy_reg._reconstructor``, for the records alone."""
    if not (isinstance(cls, type) and issubclass(cls, _Record)):
        raise _Refusal(f'to reconstruct {cls}')
    return cls()


def _encode(text: str, encoding: str) -> bytes:
    """``_codecs.encode``, for how Python 3 writes bytes in old protocols."""
    if encoding != 'latin1':
        raise _Refusal(f'for the encoding {encoding}')
    return text.encode('latin1')


def _from_buffer(buffer: Any, dtype: Any, shape: Any, order: Any) -> np.ndarray:
    """``numpy.core.numeric._frombuffer``, of pickle protocol 5."""
    return np.frombuffer(buffer, dtype=dtype).reshape(shape, order=order)


def _allowed_names() -> dict[tuple, Any]:
    allowed = {
        ('chumpy.ch', 'Ch'): _ChumpyLeaf,
        ('chumpy.reordering', 'Select'): _ChumpySelect,
        ('copy_reg', '_reconstructor'): _new_record,
        ('copyreg', '_reconstructor'): _new_record,
        ('_codecs', 'encode'): _encode,
        ('collections', 'OrderedDict'): OrderedDict,
        ('numpy', 'ndarray'): np.ndarray,
        ('numpy', 'dtype'): np.dtype,
    }
    for core in ('numpy.core', 'numpy._core'):
        allowed[f'{core}.multiarray', '_reconstruct'] = _reconstruct
        allowed[f'{core}.multiarray', 'scalar'] = scalar
        allowed[f'{core}.numeric', '_frombuffer'] = _from_buffer
    for builtins in ('__builtin__', 'builtins'):
        allowed[builtins, 'object'] = object
        allowed[builtins, 'set'] = set
    for kind, record in (('csc', _CSCMatrix), ('csr', _CSRMatrix), ('coo', _COOMatrix)):
        # The module was renamed from scipy.sparse.csc to scipy.sparse._csc.
        for prefix in ('', '_'):
            allowed[f'scipy.sparse.{prefix}{kind}', f'{kind}_matrix'] = record
    return allowed


class _ArrayUnpickler(pickle.Unpickler):
    ALLOWED = _allowed_names()

    def find_class(self, module: str, name: str) -> Any:
        try:
            return self.ALLOWED[module, name]
        except KeyError:
            raise _Refusal(f'for {module}.{name}') from None


def _to_array(value: Any) -> np.ndarray:
    if isinstance(value, _Record):
        return value.to_array()
    return np.asarray(value)


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
            content = _ArrayUnpickler(file, encoding='latin1').load()
        except _Refusal as refusal:
            raise pickle.UnpicklingError(
                f'{path}: refused, because it asks {refusal}, which no MANO '
                'file needs. Nothing in the file was run. Use the file as '
                'downloaded from https://mano.is.tue.mpg.de, or save the '
                'arrays of a trusted file with numpy.savez and name the '
                '.npz.'
            ) from None
        except Exception as error:  # a damaged pickle raises almost anything
            raise ValueError(f'{path}: not a readable pickle ({error})') from error
    if not isinstance(content, dict):
        raise ValueError(
            f'{path}: holds a {type(content).__name__} where a '
            'dictionary of arrays was expected'
        )
    arrays = {}
    for key, value in content.items():
        try:
            array = _to_array(value)
        except Exception as error:
            raise ValueError(f'{path}: entry {key!r} is damaged ({error})') from error
        if array.dtype.kind in 'fiu':
            arrays[key] = array
    return arrays
