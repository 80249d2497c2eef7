"""Selecting items of a data set."""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

# What selects rows of an array.
Selection: TypeAlias = slice | np.ndarray


def check_sample_interval(dataset: object, sample_interval: int) -> None:
    """Refuse an interval by which no time steps can be kept.

    Args:
        dataset (object): For the message.
        sample_interval (int): Its argument: every n-th time step is kept.

    Raises:
        ValueError: If it is not positive.
    """
    if sample_interval < 1:
        raise ValueError(
            f'{type(dataset).__name__}: sample_interval should be a number >= 1, got '
            f'{sample_interval}'
        )


def as_selection(indices: int | Sequence[int]) -> Selection:
    """The ``indices`` of MMEngine's subsets, as an index of an array.

    Args:
        indices (int | Sequence[int]): A number n: the first n items, or the
            last ones if n is negative. Or the items.

    Returns:
        Selection: To select rows by.
    """
    if isinstance(indices, int):
        return slice(indices) if indices >= 0 else slice(indices, None)
    return np.asarray(indices, dtype=np.int64)
