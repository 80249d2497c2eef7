"""Following one hand from image to image."""

from typing import NamedTuple

import numpy as np

from .live import LiveEstimator, LiveHand
from .locating import CropMargins, HandLocator, LocatedHand, Look
from .locating.boxes import joint_boxes, move_boxes

# Crops are what the network sees: nothing pads them once more.
_MARGINS = CropMargins(padding=1.0)
# A followed hand whose predictions agree less is looked for anew.
_GOOD_SCORE = 0.7
# After this many searches in vain it waits for the next one that many times as long as
# for a check; after fewer, less long: a search takes as long as some hundred images.
_PATIENCE = 3
# Between checks a hand neither jumps by more than this part of its crop, nor changes
# its part of the crop by more than this factor: else the network sees something else.
_LARGEST_STEP, _LARGEST_CHANGE = 0.25, 1.3


class TrackedHand(NamedTuple):
    """A hand that is followed.

    Attributes:
        hand (LiveHand): What the network predicts in the box.
        box (np.ndarray): The crop, (4, ) pixels of the image.
        score (float): How well predictions of several crops agreed when the box was
            last checked, in [0, 1].
        sure (bool): Whether they did; else the box is a guess.
    """

    hand: LiveHand
    box: np.ndarray
    score: float
    sure: bool


class LiveTracker:
    """Follows the one hand of a video with one crop an image.

    The box moves with the hand. Now and then :class:`~hamuco_mm.apis.locating.
    HandLocator` checks it by nine crops, which also give its size; where they do not
    agree, the hand is looked for all over the image.

    Args:
        estimator (LiveEstimator): Predicts the hand in a box.
        check_interval (int): Check after so many images, or as soon as the hand
            jumps, or changes its size. Defaults to 10.

    Raises:
        ValueError: If ``check_interval`` is not positive.
    """

    def __init__(self, estimator: LiveEstimator, check_interval: int = 10) -> None:
        if check_interval < 1:
            raise ValueError(f'check_interval={check_interval} should be a number >= 1')
        self._estimator = estimator
        self._interval = check_interval
        self._place: TrackedHand | None = None
        self._unchecked = 0
        self._share = 1.0
        self._in_vain = 0

    def __call__(self, image: np.ndarray) -> TrackedHand:
        """Predict the hand in the next image.

        Args:
            image (np.ndarray): uint8 BGR (H, W, 3); all of one size.
        """
        place = self._place
        wait = max(1, min(self._in_vain, _PATIENCE)) * self._interval
        if place is None or self._unchecked >= wait:
            place = self._checked(image, place)
        else:
            place = self._followed(image, place)
            if place.sure and not self._is_plausible(place):
                place = self._checked(image, place)
        self._unchecked += 1
        self._place = place
        return place

    def _followed(self, image: np.ndarray, last: TrackedHand) -> TrackedHand:
        """With the box where the hand was last, one crop."""
        box = last.box
        if last.sure:
            # the size is that of the last check: boxes that followed predictions
            # would shrink with a network that predicts hands too small
            box = move_boxes(box, joint_boxes(last.hand.keypoints))
        return last._replace(hand=self._estimator(image, box), box=box)

    def _checked(self, image: np.ndarray, last: TrackedHand | None) -> TrackedHand:
        """With a box that several crops agree on."""
        self._unchecked = 0
        known = last.box if last is not None and last.sure else None
        found = self._located(image, known)
        if known is not None and found.score < _GOOD_SCORE:
            found = max(found, self._located(image, None), key=lambda hand: hand.score)
        hand = self._estimator(image, found.box)
        place = TrackedHand(hand, found.box, found.score, found.sure)
        self._share = _place_in_crop(place)[1]
        self._in_vain = 0 if found.sure else self._in_vain + 1
        return place

    def _located(self, image: np.ndarray, last: np.ndarray | None) -> LocatedHand:
        def look(looks: list[Look]) -> np.ndarray:
            hands = [self._estimator(image, one.box, one.rotation) for one in looks]
            return np.stack([hand.keypoints for hand in hands])

        height, width = image.shape[:2]
        (found,) = HandLocator(look, _MARGINS)([(width, height)], [last])
        return found

    def _is_plausible(self, place: TrackedHand) -> bool:
        """Whether it is the hand of the last check."""
        step, share = _place_in_crop(place)
        change = max(share / self._share, self._share / share)
        return step < _LARGEST_STEP and change < _LARGEST_CHANGE


def _place_in_crop(place: TrackedHand) -> tuple[float, float]:
    """How far the middle of a hand is from that of its crop, and how large it is;
    both as parts of the crop's longer side."""
    box = joint_boxes(place.hand.keypoints)
    side = (place.box[2:] - place.box[:2]).max()
    step = np.abs(box[:2] + box[2:] - place.box[:2] - place.box[2:]).max() / 2
    return step / side, max((box[2:] - box[:2]).max() / side, 1e-6)
