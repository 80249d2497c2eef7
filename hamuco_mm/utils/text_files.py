"""Text files of others."""

from pathlib import Path

from .files import decode_text
from .json_files import MalformedFileError


def read_text(path: str | Path) -> str:
    """A whole file, in UTF-8 or, with a byte order mark, UTF-16.

    Raises:
        FileNotFoundError: If there is no such file.
        MalformedFileError: If it cannot be read or is no text.
    """
    try:
        return decode_text(Path(path).read_bytes())
    except FileNotFoundError:
        raise
    except (OSError, UnicodeError) as error:
        raise MalformedFileError(path, f'not readable as text ({error})') from error
