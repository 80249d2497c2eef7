"""What a calibration says and what was done with it, in one line."""

import warnings
from pathlib import Path

from .errors import CalibrationWarning

# Names in a line; more are counted.
_MOST = 20


class Notes:
    """Collects remarks about a calibration, and says them once.

    Args:
        path (Path): The calibration, for the message.
    """

    def __init__(self, path: Path):
        self._path = path
        self._unused: dict[str, list[str]] = {}
        self._remarks: list[str] = []

    def unused(self, key: str, camera: str | None = None) -> None:
        """Note a key that nothing was read from.

        Args:
            key (str): Its name, or that of a file.
            camera (str, optional): Whose it is. Defaults to the whole file.
        """
        cameras = self._unused.setdefault(key, [])
        if camera is not None:
            cameras.append(camera)

    def remark(self, text: str) -> None:
        """Note something else that was done."""
        self._remarks.append(text)

    @property
    def unused_keys(self) -> list[str]:
        """Keys that were noted as not used."""
        return list(self._unused)

    def text(self) -> str:
        """The line; empty if there is nothing to say."""
        unused = [
            f'{key} (of {_listed(cameras)})' if cameras else key
            for key, cameras in self._unused.items()
        ]
        parts = self._remarks + ([f'not used: {_listed(unused)}'] if unused else [])
        return f'{self._path}: {"; ".join(parts)}' if parts else ''

    def say(self, stacklevel: int) -> None:
        """Warn of it, if there is anything."""
        if text := self.text():
            warnings.warn(text, CalibrationWarning, stacklevel=stacklevel + 1)


def _listed(names: list[str]) -> str:
    more = len(names) - _MOST
    return ', '.join(names[:_MOST]) + (f' and {more} more' if more > 0 else '')
