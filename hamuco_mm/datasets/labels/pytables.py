"""Tables that pandas writes into HDF5 files, as DeepLabCut does.

PyTables keeps the names of columns as pickles. Pickles can run code, so these are
read as data: lists and tuples of text and numbers, nothing else.
"""

import io
import pickle
from pathlib import Path
from typing import Any

import numpy as np

from ...utils.extras import import_extra
from ...utils.json_files import MalformedFileError
from ...utils.pickled_data import load_pickled_data
from .deeplabcut import Column, frame_name, hands_of_frames
from .hand_label import HandLabel
from .notes import LabelNotes

SUFFIXES = ('.h5', '.hdf5')
# Bytes of the names; those of a hand take some thousands.
_LARGEST_NAMES = 2**22
# Bytes of a table; those of an hour at 60 images per second take 100 million.
_LARGEST_TABLE = 2**28
_EXPECTED = (
    'expected one table of pandas (to_hdf(format="table")), with the columns scorer, '
    'individuals (of several), bodyparts, coords, as DeepLabCut writes it'
)


def parse_pytables(path: Path, notes: LabelNotes) -> dict[str, list[HandLabel]]:
    """The hands in each frame of an HDF5 file of DeepLabCut.

    Args:
        path (Path): The file.
        notes (LabelNotes): Told of columns that are not used.

    Returns:
        dict: By the frame's number, or the name of its image.

    Raises:
        ImportError: If h5py, the extra ``hdf5``, is not installed.
        MalformedFileError: If the file holds something else.
    """
    h5py = import_extra('h5py', 'hdf5')
    try:
        with h5py.File(path, 'r') as file:
            tables: list[Any] = []
            file.visititems(
                lambda name, item: tables.append(item) if _is_table(item) else None
            )
            if len(tables) != 1:
                raise MalformedFileError(path, _EXPECTED)
            _check_storage(path, tables[0])
            columns = _columns(path, tables[0])
            values = np.asarray(tables[0]['values_block_0'], np.float64)
            frames = _frames(tables[0])
    except (OSError, KeyError, TypeError, ValueError, RuntimeError) as error:
        if isinstance(error, MalformedFileError):
            raise
        raise MalformedFileError(path, f'{_EXPECTED} ({error})') from error
    if values.shape != (len(frames), len(columns)):
        raise MalformedFileError(path, _EXPECTED)
    return hands_of_frames(path, frames, columns, values, notes)


def _is_table(item: Any) -> bool:
    names = getattr(getattr(item, 'dtype', None), 'names', None) or ()
    return 'values_block_0' in names and 'values_block_0_kind' in item.attrs


def _check_storage(path: Path, table: Any) -> None:
    """Its numbers are in the file itself, and unpack to what memory holds."""
    if table.external or table.is_virtual:
        raise MalformedFileError(path, 'its numbers are in other files')
    if table.nbytes > _LARGEST_TABLE:
        raise MalformedFileError(path, f'unpacks to {table.nbytes} bytes')


def _columns(path: Path, table: Any) -> list[Column]:
    names = _plain(path, table.attrs['values_block_0_kind'])
    columns = []
    for levels in names if isinstance(names, list) else [None]:
        if not isinstance(levels, tuple) or len(levels) not in (3, 4):
            raise MalformedFileError(path, _EXPECTED)
        _, *individual, bodypart, coordinate = map(str, levels)
        columns.append(Column(''.join(individual), bodypart, coordinate.lower()))
    return columns


def _frames(table: Any) -> list[str]:
    """Numbers of frames, or the last of the parts of their images' paths."""
    levels = [name for name in table.dtype.names if not name.startswith('values_')]
    numbers = table[levels[-1]]
    return [
        frame_name([cell.decode() if isinstance(cell, bytes) else str(cell)])
        for cell in numbers.tolist()
    ]


def _plain(path: Path, pickled: Any) -> Any:
    """Lists, tuples, text and numbers of a pickle."""
    data = bytes(pickled)
    if len(data) > _LARGEST_NAMES:
        raise MalformedFileError(path, 'its columns have names of megabytes')
    try:
        return load_pickled_data(io.BytesIO(data), {}, encoding='utf-8')
    except pickle.UnpicklingError as error:
        raise MalformedFileError(
            path, f'the names of its columns cannot be read ({error})'
        ) from error
