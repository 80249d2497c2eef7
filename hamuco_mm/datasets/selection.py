"""Which items of a data set are meant."""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

# What selects rows of an array.
Selection: TypeAlias = slice | np.ndarray


def as_selection(indices: int | Sequence[int]) -> Selection:
    """MMEngine's ``indices`` of a subset, as an index of an array.

    Args:
        indices (int | Sequence[int]): The first so many (the last ones, if
            negative), or these.

    Returns:
        Selection: To select rows by.
    """
    if isinstance(indices, int):
        return slice(indices) if indices >= 0 else slice(indices, None)
    return np.asarray(indices, dtype=np.int64)
