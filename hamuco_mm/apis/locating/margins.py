"""How large the crops of a network are, beside the hand in them."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from .boxes import scale_boxes

# Paddings below are those of boxes that are larger than the hand, such as the whole
# images of HanCo and FreiHAND: around the joints alone they would cut the hand.
_LEAST_OF_TIGHT_BOXES = 1.2
# What the crops of such networks have around the hand. Not given by their configs.
_USUAL_MARGIN = 1.4


@dataclass(frozen=True)
class CropMargins:
    """From boxes of hands, and from windows, to what a pipeline calls ``bbox``.

    Attributes:
        padding (float): By which the pipeline multiplies a box.
    """

    padding: float

    @classmethod
    def of_pipeline(cls, transforms: Iterable) -> 'CropMargins':
        """With the padding of its ``GetBBoxCenterScale``, 1 without one."""
        paddings = [getattr(transform, 'padding', None) for transform in transforms]
        return cls(next((p for p in paddings if isinstance(p, (int, float))), 1.0))

    @property
    def margin(self) -> float:
        """Side of a crop by that of the tight box of the joints in it."""
        if self.padding < _LEAST_OF_TIGHT_BOXES:
            return _USUAL_MARGIN
        return self.padding

    def around_hands(self, hand_boxes: np.ndarray) -> np.ndarray:
        """For tight boxes (..., 4) of joints: crops like those of the training."""
        return scale_boxes(hand_boxes, self.margin / self.padding)

    def of_windows(self, windows: np.ndarray) -> np.ndarray:
        """For windows (..., 4), which become the crops as they are."""
        return scale_boxes(windows, 1 / self.padding)
