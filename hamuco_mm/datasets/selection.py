"""Which items of a data set are meant."""

from collections.abc import Sequence

import numpy as np


def as_selection(indices: int | Sequence[int]) -> slice | np.ndarray:
    """MMEngine's ``indices`` of a subset, as an index of an array.

    Args:
        indices (int | Sequence[int]): The first so many (the last ones, if
            negative), or these.

    Returns:
        slice | np.ndarray: To select rows by.
    """
    if isinstance(indices, int):
        return slice(indices) if indices >= 0 else slice(indices, None)
    return np.asarray(indices, dtype=np.int64)
