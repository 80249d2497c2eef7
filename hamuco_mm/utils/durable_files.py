"""A file backend of MMEngine whose files are complete or not there."""

import os
from pathlib import Path

from mmengine.fileio import LocalBackend, register_backend

from .files import write_atomically

DURABLE_BACKEND = 'durable'


class DurableBackend(LocalBackend):
    """:class:`LocalBackend` that survives a kill and a power cut.

    Chosen by ``backend_args=dict(backend='durable')``. What was there stays
    until the new content is on the disk.
    """

    def put(self, obj: bytes, filepath: str | Path) -> None:
        """Write bytes, flush them to the disk, then give them their name.

        Raises:
            OSError: If the file cannot be written; names it and the remedy.
                What was there before is untouched.
        """
        self._write(obj, Path(filepath))

    def put_text(self, obj: str, filepath: str | Path, encoding: str = 'utf-8') -> None:
        """:meth:`put` of text."""
        self._write(obj.encode(encoding), Path(filepath))

    @staticmethod
    def _write(content: bytes, path: Path) -> None:
        try:
            os.makedirs(path.parent, exist_ok=True)
            write_atomically(path, content, durable=True)
        except OSError as error:
            reason = os.strerror(error.errno or 0)
            raise OSError(
                error.errno,
                f'cannot write {path} ({len(content) / 1e6:.0f} MB): '
                f'{reason}. What was saved before is as it was; make room '
                'or permit writing, then go on with --resume',
            ) from error


register_backend(DURABLE_BACKEND, DurableBackend)
