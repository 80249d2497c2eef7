"""Which sequences are for training, validation and testing."""

from collections.abc import Collection, Iterator
from pathlib import Path

import numpy as np

from ...utils.few_names import few
from ...utils.json_files import MalformedFileError, read_json

SPLITS = ('train', 'val', 'test')
FILE = 'splits.json'
# Sequences, in a message.
_MOST_NAMED = 5


def read_splits(path: Path) -> dict[str, list[int]] | None:
    """Read ``splits.json``: ``{"train": [0, 1, ...], "val": [...], "test": [...]}``.

    Args:
        path (Path): The file.

    Returns:
        dict | None: Numbers of the sequences of each split; None where there is
        no such file.

    Raises:
        MalformedFileError: If it is something else, or has a sequence twice.
    """
    try:
        content = read_json(path, unique_keys=True)
    except FileNotFoundError:
        return None
    if not isinstance(content, dict) or not set(content) <= set(SPLITS):
        raise MalformedFileError(path, f'expected an object with the keys {SPLITS}')
    home: dict[int, str] = {}
    for split, sequences in content.items():
        if not isinstance(sequences, list) or not all(
            type(sequence) is int for sequence in sequences
        ):
            raise MalformedFileError(
                path, f'"{split}" should be a list of numbers of sequences'
            )
        for sequence in sequences:
            if sequence in home:
                raise MalformedFileError(
                    path,
                    f'sequence {sequence} is in "{home[sequence]}" and in "{split}": '
                    'it may be in one',
                )
            home[sequence] = split
    return content


def in_split(
    sequences: np.ndarray, split: str, path: Path, split_sequence: int
) -> np.ndarray:
    """Which items are of a split: by ``splits.json`` or, without it, by number.

    Args:
        sequences (np.ndarray): Number of the sequence of each item, (N, ).
        split (str): 'train', 'val', 'test' or 'all'.
        path (Path): Where ``splits.json`` would be.
        split_sequence (int): Without that file, 'train' is below, 'test' from here.

    Returns:
        np.ndarray: bool (N, ).

    Raises:
        MalformedFileError: If the file is not usable, or has no such split.
        ValueError: If 'val' is asked for and the file is not there.
    """
    if split == 'all':
        return np.ones(len(sequences), bool)
    splits = read_splits(path)
    if splits is not None:
        if split not in splits:
            raise MalformedFileError(path, f'has no key "{split}"')
        return np.isin(sequences, splits[split])
    if split == 'val':
        raise ValueError(
            f"split='val' needs {path}, which says what is for validation: "
            '{"train": [0, 1, ...], "val": [...], "test": [...]}, numbers of '
            "sequences. Without it there are 'train' and 'test' (split_sequence)"
        )
    is_train = sequences < split_sequence
    return is_train if split == 'train' else ~is_train


def split_notes(there: Collection[int], split: str, path: Path) -> Iterator[str]:
    """What ``splits.json`` leaves out, or expects in vain, a line each.

    Args:
        there (Collection[int]): Numbers of the sequences of the data set.
        split (str): The one that is used; of 'all' nothing is said.
        path (Path): Where ``splits.json`` would be.

    Raises:
        MalformedFileError: If the file is not usable.
    """
    splits = None if split == 'all' else read_splits(path)
    if splits is None:
        return
    absent = sorted(set(splits.get(split, ())) - set(there))
    if absent:
        yield f'{path.name} has {_some(absent)} in "{split}", which are not there'
    homeless = sorted(set(there) - {number for of in splits.values() for number in of})
    if homeless:
        yield f'{path.name} has {_some(homeless)} in no split: nothing uses them'


def _some(numbers: list[int]) -> str:
    """'2 sequences (4, 5)'."""
    return f'{len(numbers)} sequence{"s" * (len(numbers) > 1)} ({few(numbers, _MOST_NAMED)})'
