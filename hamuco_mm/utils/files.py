"""Writing files so that an interruption leaves none of them in half."""

import os
from pathlib import Path


def write_atomically(path: str | Path, content: str | bytes) -> None:
    """Write a file so that it is there completely or not at all.

    What was there stays until the new content is written. The content goes
    to ``<path>.part`` first, so two processes should not write one path.

    Args:
        path (str | Path): File in a directory that exists.
        content (str | bytes): Text is written as UTF-8.
    """
    path = Path(path)
    part = path.with_name(path.name + '.part')
    part.write_bytes(content.encode() if isinstance(content, str) else content)
    os.replace(part, path)
