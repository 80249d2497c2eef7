"""Where the hand is in an image, found by the network that predicts it.

A network of crops is asked where the hand is, and then again of the crop around its
answer. Its answers agree where it sees a hand: that is the score of a box.
"""

from .hand_locator import HandLocator, LocatedHand, Look
from .margins import CropMargins
from .tracking import LastBoxes

__all__ = ['CropMargins', 'HandLocator', 'LastBoxes', 'LocatedHand', 'Look']
