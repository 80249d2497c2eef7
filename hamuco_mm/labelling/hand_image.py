"""An image with a hand that is to be labelled."""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from ..datasets.image_size import image_size


class HandImage(NamedTuple):
    """An image with a hand.

    Attributes:
        name (str): '<sequence>/<camera>/<frame>'.
        path (Path): The image.
        side (str): 'left' or 'right'.
        known_size (tuple | None): Width and height in pixels, if known.
        known_box (np.ndarray | None): x1, y1, x2, y2 in pixels, if known.
        label_file (Path | None): Where to look for the label in HanCo's
            layout, for its box.
        source_frame (str | None): What the image was called where it comes
            from, if known: see :mod:`~hamuco_mm.datasets.rig.source_frames`.
    """

    name: str
    path: Path
    side: str = 'right'
    known_size: tuple[int, int] | None = None
    known_box: np.ndarray | None = None
    label_file: Path | None = None
    source_frame: str | None = None

    def size(self) -> tuple[int, int]:
        """Width and height, from the file's header where not known.

        Raises:
            UnreadableImageError: If the file is no image.
        """
        if self.known_size is not None:
            return self.known_size
        try:
            return image_size(self.path)
        except OSError as error:
            raise UnreadableImageError(f'{self.path}: {error}') from error

    def version(self) -> str:
        """Another text if the file was replaced by another one; '' without a file
        of its own."""
        try:
            status = self.path.stat()
        except OSError:
            return ''
        return f'{status.st_size} {status.st_mtime_ns}'


class UnreadableImageError(ValueError):
    """A file that is not an image."""
