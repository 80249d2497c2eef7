"""Items of a data set that are made when they are needed."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..selection import Selection


class LazyInfos(Sequence):
    """A list of data infos that are made when they are needed.

    Args:
        make_info (callable): Row number -> data info.
        rows (np.ndarray): Rows to offer, in order.
    """

    def __init__(self, make_info: Callable[[int], dict], rows: np.ndarray):
        self.make_info = make_info
        self.rows = rows

    def __len__(self) -> int:
        return len(self.rows)

    def take(self, selection: Selection) -> 'LazyInfos':
        """The infos that numpy indexing of the rows selects."""
        return LazyInfos(self.make_info, self.rows[selection])

    def __getitem__(self, position: int | slice) -> Any:
        if isinstance(position, slice):
            return self.take(position)
        return self.make_info(int(self.rows[position]))

    def __deepcopy__(self, memo: dict) -> 'LazyInfos':
        # nothing in it changes, and a copy would copy the whole data set
        return self
