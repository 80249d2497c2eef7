"""Pictures and figures that are written whole or not at all."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from matplotlib.figure import Figure

from .files import whole_file, write_atomically


def write_picture(
    path: str | Path, picture: np.ndarray, options: Sequence[int] = ()
) -> None:
    """Write a picture; its folder is made.

    Args:
        path (str | Path): Its suffix says the format.
        picture (np.ndarray): uint8 BGR or grey.
        options (Sequence[int]): As :func:`cv2.imencode` takes them.

    Raises:
        OSError: If it cannot be written.
    """
    path = Path(path)
    try:
        encoded, content = cv2.imencode(path.suffix, picture, list(options))
    except cv2.error:
        encoded = False
    if not encoded:
        raise OSError(f'{path} cannot be written as a picture')
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, content.tobytes())


def write_figure(path: str | Path, figure: Figure, **options: Any) -> None:
    """Write a figure of Matplotlib; its folder is made.

    Args:
        path (str | Path): Its suffix says the format.
        figure (Figure): The figure.
        options: As ``Figure.savefig`` takes them.

    Raises:
        OSError: If it cannot be written.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path, path.suffix) as part:
        figure.savefig(part, **options)
