"""Weights that come with the package, for a config's ``init_cfg``:
``checkpoint='hamuco_mm://<name>.pth'``."""

from pathlib import Path

import torch
from mmengine.runner import CheckpointLoader

from ..utils.compat import load_from_local

PREFIX = 'hamuco_mm://'
FOLDER = Path(__file__).parent


@CheckpointLoader.register_scheme(prefixes=PREFIX)
def load_from_package(
    filename: str, map_location: torch.device | str | None = None
) -> dict:
    """Read a file of this folder as data.

    Args:
        filename (str): ``hamuco_mm://<name>.pth``.
        map_location: As in :func:`torch.load`.

    Returns:
        dict: The checkpoint.

    Raises:
        FileNotFoundError: If no such weights come with the package; names
            those that do.
    """
    path = FOLDER / filename[len(PREFIX) :]
    if not path.is_file():
        there = sorted(PREFIX + path.name for path in FOLDER.glob('*.pth'))
        raise FileNotFoundError(
            f'{filename} does not come with hamuco_mm; these do: '
            f'{", ".join(there) or "none"}'
        )
    return load_from_local(str(path), map_location)
