"""Results of a long run, in files that are complete or do not exist."""

import hashlib
import io
import json
import shutil
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from ..utils.files import write_atomically


class Shards:
    """The results of N items, in files of ``size`` items each.

    An interrupted run leaves complete files, and makes the others when it is
    resumed. It does not matter which process makes a file.

    Args:
        directory (Path): Where they are kept.
        names (Sequence[str]): Names of the items.
        settings (dict): What the results depend on, for JSON.
        size (int): Items in a file. Defaults to 1000.
    """

    def __init__(
        self, directory: Path, names: Iterable[str], settings: dict, size: int = 1000
    ):
        digest, number = hashlib.sha256(), 0
        for name in names:
            digest.update(f'{name}\n'.encode())
            number += 1
        self.directory = directory
        self.size = size
        self.num_items = number
        self.settings = dict(
            settings, items=number, items_sha256=digest.hexdigest(), shard_size=size
        )

    def __len__(self) -> int:
        return -(-self.num_items // self.size)

    def open(self) -> None:
        """Make the directory, or check that it belongs to the same run.

        For one process; the others wait until it is done.

        Raises:
            ValueError: If it is of a run with other settings.
        """
        path = self.directory / 'run.json'
        if not path.exists():
            self.directory.mkdir(parents=True, exist_ok=True)
            write_atomically(path, json.dumps(self.settings, indent=1))
            return
        try:
            known = json.loads(path.read_bytes())
        except (UnicodeDecodeError, ValueError) as error:
            raise ValueError(
                f'{path}: not readable as JSON ({error}); '
                f'remove {self.directory} to start again'
            ) from error
        # as JSON stores them, for example tuples as lists
        wanted = json.loads(json.dumps(self.settings))
        if known != wanted:
            changed = sorted(
                key for key in {*known, *wanted} if known.get(key) != wanted.get(key)
            )
            raise ValueError(
                f'{self.directory} is of an unfinished run with other '
                f'settings ({", ".join(changed)}). Give the same ones to go '
                'on with it, or remove it to start again'
            )

    def missing(self, rank: int = 0, world_size: int = 1) -> list[int]:
        """Numbers of the files that a process has to make."""
        return [
            shard
            for shard in range(rank, len(self), world_size)
            if not self._path(shard).exists()
        ]

    def items(self, shard: int) -> range:
        """The items of a file."""
        start = shard * self.size
        return range(start, min(start + self.size, self.num_items))

    def write(self, shard: int, results: dict[str, np.ndarray]) -> None:
        """Write the results of a file's items, completely or not at all."""
        content = io.BytesIO()
        np.savez(content, **results)
        write_atomically(self._path(shard), content.getvalue())

    def read(self, shard: int) -> dict[str, np.ndarray]:
        """The results of a file's items."""
        with np.load(self._path(shard), allow_pickle=False) as content:
            return dict(content)

    def remove(self) -> None:
        """Remove the files; their results stand elsewhere now."""
        shutil.rmtree(self.directory)

    def _path(self, shard: int) -> Path:
        return self.directory / f'shard_{shard:06d}.npz'
