"""Subsets of data sets, which MMEngine makes by copies."""

from typing import Any


class OwnCopies:
    """A data set whose copies are made of its own parts alone.

    MMEngine's ``get_subset`` remembers all copies of a process by the addresses of
    what they are of: they are never freed, and another object at an old address is
    taken for what was there before.
    """

    def _copy_without_annotation(self, memo: dict | None = None) -> Any:
        memo = {} if memo is None else memo
        return super()._copy_without_annotation(memo)  # type: ignore[misc]
