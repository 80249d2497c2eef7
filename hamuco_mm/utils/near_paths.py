"""What a path that leads nowhere may have meant."""

from difflib import get_close_matches
from pathlib import Path

# Names of a folder that a message lists.
_MOST_NAMES = 5


def near_path(path: str | Path) -> str:
    """How a message on a path that is not there goes on.

    Args:
        path (str | Path): It does not exist.

    Returns:
        str: ``'; did you mean data/hands?'`` where something of nearly this name is
        there; else the first folder on the way that is missing, or what the
        folder has. Empty where nothing can be said.
    """
    path = Path(path)
    there = next((parent for parent in path.parents if parent.is_dir()), None)
    if there is None:
        return ''
    missing, *rest = path.relative_to(there).parts
    names = _names(there)
    for near in get_close_matches(missing, names, 3, 0.75):
        meant = there.joinpath(near, *rest)
        if meant.exists():
            return f'; did you mean {meant}?'
    if rest:
        return f'; there is no folder {there / missing}'
    here = 'this folder' if there == Path() else there
    if not names:
        return f'; {here} is empty'
    more = len(names) - _MOST_NAMES
    listed = ', '.join(names[:_MOST_NAMES]) + (f' and {more} more' if more > 0 else '')
    return f'; {here} has {listed}'


def _names(folder: Path) -> list[str]:
    """What stands in a folder, hidden files left out."""
    try:
        names = (path.name for path in folder.iterdir())
        return sorted(name for name in names if not name.startswith('.'))
    except OSError:
        return []
