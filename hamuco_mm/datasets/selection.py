"""Selecting items of a data set."""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

# What selects rows of an array.
Selection: TypeAlias = slice | np.ndarray


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
