"""Where hands were in the image before."""

from collections.abc import Mapping

import numpy as np


class LastBoxes:
    """The last box of a hand in each view of a video.

    Args:
        active (bool): Whether images follow each other in time; else nothing is
            remembered.
    """

    def __init__(self, active: bool):
        self.active = active
        self._boxes: dict[str, np.ndarray] = {}

    def get(self, view: str) -> np.ndarray | None:
        """The box (4, ), None if the hand was not seen before."""
        return self._boxes.get(view)

    def update(self, boxes: Mapping[str, np.ndarray | None]) -> None:
        """Boxes (4, ) of the newest images; None where the hand was lost."""
        if not self.active:
            return
        for view, box in boxes.items():
            if box is None:
                self._boxes.pop(view, None)
            else:
                self._boxes[view] = box
