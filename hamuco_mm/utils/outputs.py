"""Whether an output can be written, asked before the work that makes it."""

import os
import tempfile
from pathlib import Path


def check_output_file(path: str | Path) -> None:
    """See that a file can be written, in a folder that may have to be made.

    Nothing stays that was not there.

    Raises:
        OSError: If a folder has its name, or nothing can be written there; names the
            path and the reason.
    """
    path = Path(path)
    if path.is_dir():
        raise IsADirectoryError(f'{path} is a folder: name a file')
    if path.exists() and not path.is_file():
        return  # a device such as /dev/stdout
    if path.exists() and not os.access(path, os.W_OK):
        raise PermissionError(f'{path} is read-only: choose another file')
    check_output_folder(path.parent, path)


def check_output_folder(folder: str | Path, output: str | Path | None = None) -> None:
    """See that files can be written into a folder, which may have to be made.

    Nothing stays that was not there.

    Args:
        folder (str | Path): The folder.
        output (str | Path, optional): What the message names. Defaults to it.

    Raises:
        OSError: If it is a file or below one, or nothing can be written there; names
            the path and the reason.
    """
    named = Path(output or folder)
    existing = Path(folder).absolute()
    while not os.path.lexists(existing):
        existing = existing.parent
    if not existing.is_dir():
        raise NotADirectoryError(
            f'{named} cannot be written: {existing} is no folder. Choose another output'
        )
    try:
        with tempfile.TemporaryFile(dir=existing) as file:
            file.write(b'0')
            file.flush()
    except OSError as error:
        raise OSError(
            error.errno,
            f'{named} cannot be written: {error.strerror} ({existing}). Choose '
            'another output, or make room',
        ) from error
