"""What an unknown name may have meant."""

from collections.abc import Iterable
from difflib import get_close_matches


def nearest_or_all(name: str, known: Iterable[str]) -> str:
    """How a message on an unknown name goes on.

    Args:
        name (str): What was given.
        known (Iterable[str]): What could have been.

    Returns:
        str: ``'did you mean depth?'`` where one is nearly the same, else all of them
        in order.
    """
    names = sorted(known)
    near = get_close_matches(name, names, 1)
    return f'did you mean {near[0]}?' if near else ', '.join(names)
