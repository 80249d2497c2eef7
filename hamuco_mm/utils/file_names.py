"""Names of files that are made from names which other people chose."""

import re
from collections.abc import Collection

# What separates folders on any system, and what no terminal shows.
_UNSAFE = re.compile(r'[/\\\x00-\x1f\x7f]+')


def safe_file_name(name: str, taken: Collection[str] = ()) -> str:
    """A name for one file or folder, from any text.

    Separators become ``_``, and so does a dot in front, which would hide the
    file or lead out of the folder. Other names stay as they are.

    Args:
        name (str): As ``0003/00000007``, an id of a time step.
        taken (Collection[str]): File names of other things. What is new differs
            from them in more than upper and lower case: a number is added
            where it has to be. Defaults to none.

    Returns:
        str: Not empty, without a separator, and none of ``.`` and ``..``.
    """
    safe = re.sub(r'^\.+', '_', _UNSAFE.sub('_', name)) or '_'
    known = {other.casefold() for other in taken}
    fresh, count = safe, 0
    while fresh.casefold() in known:
        count += 1
        fresh = f'{safe}_{count}'
    return fresh


def check_file_name(name: str, what: str) -> None:
    """Refuse a name that cannot be that of one file or folder as it is.

    Args:
        name (str): The name.
        what (str): What it names, for the message.

    Raises:
        ValueError: If it is empty, has a separator, or begins with a dot.
    """
    safe = safe_file_name(name)
    if safe != name:
        raise ValueError(
            f'{what} {name!r} cannot name a file or folder: it is empty, begins with '
            f'a dot, or has a separator of folders. {safe!r} can'
        )


def check_relative_path(name: str, what: str) -> None:
    """Refuse a name whose parts, between ``/``, cannot all name a folder or file.

    Args:
        name (str): As ``take2/left/00000007``.
        what (str): What it names, for the message.

    Raises:
        ValueError: See :func:`check_file_name`; so if it leads out of a folder.
    """
    for part in name.split('/'):
        check_file_name(part, f'a part of {what} {name!r}, which is')


def leads_out(name: str) -> bool:
    """Whether a path that a data file names may be out of the data's folder: it is
    absolute, a URL, or has ``..``.

    Args:
        name (str): Relative to the folder.
    """
    parts = re.split(r'[/\\]', name)
    return '..' in parts or not parts[0] or ':' in parts[0] or '://' in name


def check_inside(name: str, folder: str) -> None:
    """Refuse a path of a data file that may lead out of the data's folder.

    Raises:
        ValueError: See :func:`leads_out`.
    """
    if leads_out(name):
        raise ValueError(
            f'{name!r}, which a file of {folder} names, is not below it and is not '
            'read. A link to another folder may be there'
        )
