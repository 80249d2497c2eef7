"""The first of many names, for a message."""

from collections.abc import Sequence


def few(names: Sequence[object], most: int) -> str:
    """'a, b, ...' of three names and more, where ``most`` is 2.

    Args:
        names (Sequence): Names, or numbers.
        most (int): How many are told.
    """
    return ', '.join(map(str, names[:most])) + (', ...' if len(names) > most else '')
