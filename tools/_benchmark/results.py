"""The file of results: one entry a run, written after each step."""

import json
import threading
from pathlib import Path
from typing import Any

from hamuco_mm.utils.files import write_atomically
from hamuco_mm.utils.json_files import MalformedFileError, read_json

from .catalog import Run

FORMAT = 1


class Results:
    """What ran, and how far.

    An entry has: ``state`` ('training', 'trained', 'done' or 'failed'), ``settings``
    (a digest of config and options), ``epochs``, ``steps``, ``seed``, ``minutes``,
    ``machines``, ``commits``, ``metrics``, ``error``. Threads may share it.

    Args:
        path (Path): The file; it need not be there.

    Raises:
        MalformedFileError: If it is no such file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._content: dict[str, Any] = dict(format=FORMAT, data={}, runs={})
        try:
            content = read_json(path)
        except FileNotFoundError:
            return
        if not isinstance(content, dict) or content.get('format') != FORMAT:
            raise MalformedFileError(path, f'is no file of results of format {FORMAT}')
        self._content = content

    @property
    def data(self) -> dict:
        """Name, version, preset and digest of the data; empty before the first run."""
        return self._content['data']

    def set_data(self, data: dict) -> None:
        """Say what the runs are trained on.

        Raises:
            ValueError: If the file has results of other data.
        """
        if self.data and self.data != data:
            raise ValueError(
                f'{self.path} has results on other data ({self.data}, not {data}): '
                'choose another --work-dir'
            )
        with self._lock:
            self._content['data'] = data
            self._save()

    def entry(self, run: Run) -> dict:
        """Of a run; empty if it was not begun."""
        return self._content['runs'].get(run.key, {})

    def is_trained(self, run: Run) -> bool:
        """Whether its weights are there."""
        return self.entry(run).get('state') in ('trained', 'done')

    def is_done(self, run: Run) -> bool:
        """Whether its metrics are there."""
        return self.entry(run).get('state') == 'done'

    def update(self, run: Run, **changes: Any) -> None:
        """Change an entry, and write the file."""
        with self._lock:
            entry = self._content['runs'].setdefault(run.key, dict(seed=run.seed))
            entry.update(changes)
            self._save()

    def add_piece(self, run: Run, minutes: float, machine: str, commit: str) -> None:
        """Note the time of a piece, and where and with which code it ran."""
        entry = self.entry(run)
        self.update(
            run,
            minutes=round(entry.get('minutes', 0) + minutes, 2),
            machines=_with(entry.get('machines', []), machine),
            commits=_with(entry.get('commits', []), commit),
        )

    def as_text(self) -> str:
        """The content of the file."""
        return json.dumps(self._content, indent=1, sort_keys=True) + '\n'

    def _save(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(self.path, self.as_text())


def _with(known: list[str], new: str) -> list[str]:
    return known if new in known else [*known, new]
