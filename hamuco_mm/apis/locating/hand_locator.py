"""Find the hand of each image by a few passes of the network."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from .agreement import agreement, spread, support
from .boxes import (
    diagonals,
    image_box,
    joint_boxes,
    scale_boxes,
    search_windows,
    shift_boxes,
)
from .margins import CropMargins

# How crops differ of which the same hand should be predicted: shift in sides,
# factor of the side, rotation in degrees. Errors of single predictions differ more
# between crops than the hand does: their mean is nearer to it than any of them.
_Variants = Sequence[tuple[tuple[float, float], float, float]]
_OF_IMAGE: _Variants = (
    ((0.0, 0.0), 1.0, 0.0),
    ((0.0, 0.0), 1.0, 25.0),
    ((0.0, 0.0), 1.0, -25.0),
    ((0.0, 0.0), 0.8, 0.0),
)
_OF_HAND: _Variants = (
    ((0.0, 0.0), 1.0, 0.0),
    ((0.0, 0.0), 1.2, 0.0),
    ((0.1, 0.1), 1.0, 25.0),
    ((-0.1, -0.1), 1.0, -25.0),
)
# Below, a box is a guess.
_LEAST_AGREEMENT = 0.5
# Windows of the search for hands that are small in the image, and how many of the
# places that they lead to are looked at closely.
_SCALES = (0.7, 0.5, 0.35)
_CANDIDATES = 12


class Look(NamedTuple):
    """A crop that the network is asked about.

    Attributes:
        image (int): Which image.
        box (np.ndarray): The pipeline's box, (4, ).
        rotation (float): Of the crop, in degrees.
    """

    image: int
    box: np.ndarray
    rotation: float = 0.0


class LocatedHand(NamedTuple):
    """A hand that was found.

    Attributes:
        box (np.ndarray): For the pipeline, (4, ) pixels.
        score (float): Agreement of predictions of several crops, in [0, 1].
        origin (str): 'tracked' from the image before; 'search' in the image; or
            'whole_image', where predictions agree nowhere and the box is a guess.
    """

    box: np.ndarray
    score: float
    origin: str

    @property
    def sure(self) -> bool:
        """Whether predictions agree on it."""
        return self.score >= _LEAST_AGREEMENT


class HandLocator:
    """Asks a network of crops where the one hand of each image is.

    First of the whole image, also rotated and without its rim, then of crops around
    the mean answer, which are shifted, larger and rotated. Where these predictions
    agree, the hand is found, at the mean of all passes: boxes that followed the last
    pass alone would shrink with a network that predicts hands too small. Where they
    do not, the hand may be small in the image, and is looked for in windows of
    several scales. The place whose predictions agree best is taken; where none agree,
    it is the answer of the first pass.

    Args:
        look (Callable): From N looks to the joints that the network predicts,
            (N, J, 2) pixels of the images.
        margins (CropMargins): Of the network's crops.
        passes (int): Of the network over an image, at least 1, before the one that
            predicts; each looks at four crops. Defaults to 2.
    """

    def __init__(
        self,
        look: Callable[[list[Look]], np.ndarray],
        margins: CropMargins,
        passes: int = 2,
    ):
        self._look, self._margins, self._passes = look, margins, passes

    def __call__(
        self,
        image_sizes: Sequence[tuple[int, int]],
        last_boxes: Sequence[np.ndarray | None],
    ) -> list[LocatedHand]:
        """Find a hand in each image.

        Args:
            image_sizes (Sequence): Widths and heights.
            last_boxes (Sequence): Boxes (4, ) of the image before, as they were
                found; None where the hand is to be looked for.

        Returns:
            list[LocatedHand]: Of each image.
        """
        found: dict[int, LocatedHand] = {}
        known = [i for i, box in enumerate(last_boxes) if box is not None]
        if known:
            boxes = np.array([last_boxes[i] for i in known])
            tracked = self._checked(known, boxes, 'tracked')
            found.update({i: hand for i, hand in zip(known, tracked) if hand.sure})
        lost = [i for i in range(len(image_sizes)) if i not in found]
        if lost:
            sizes = [image_sizes[i] for i in lost]
            found.update(zip(lost, self._search(lost, sizes)))
        return [found[i] for i in range(len(image_sizes))]

    def _search(
        self, images: list[int], sizes: list[tuple[int, int]]
    ) -> list[LocatedHand]:
        whole = np.stack([image_box(size) for size in sizes])
        looked = self._looks(images, self._margins.of_windows(whole), _OF_IMAGE)
        answers = [looked.mean(0)]
        for _ in range(self._passes - 1):
            boxes = self._around(np.mean(answers, axis=0))
            looked = self._looks(images, boxes, _OF_HAND)
            answers.append(looked.mean(0))
        first, boxes = self._around(answers[0]), self._around(np.mean(answers, axis=0))
        found = [
            LocatedHand(box, float(score), 'search')
            for box, score in zip(boxes, agreement(spread(looked)))
        ]
        for place, (image, size) in enumerate(zip(images, sizes)):
            if not found[place].sure:
                small = self._search_windows(image, size)
                guess = LocatedHand(first[place], found[place].score, 'whole_image')
                found[place] = small if small.sure else guess
        return found

    def _search_windows(self, image: int, size: tuple[int, int]) -> LocatedHand:
        """The hand of an image in which it is small."""
        windows = search_windows(size, _SCALES)
        images = [image] * len(windows)
        boxes = self._margins.of_windows(windows)
        for _ in range(2):
            keypoints = self._predict(images, boxes)
            boxes = self._around(keypoints)
        likely = np.argsort(-support(keypoints), kind='stable')[:_CANDIDATES]
        hands = self._checked([image] * len(likely), boxes[likely], 'search')
        # parts of a background agree by chance, small ones more often
        disagreement = np.array([1 / hand.score - 1 for hand in hands])
        sides = diagonals(np.array([hand.box for hand in hands]))
        return hands[int((disagreement / np.maximum(sides, 1e-6)).argmin())]

    def _checked(
        self, images: list[int], boxes: np.ndarray, origin: str
    ) -> list[LocatedHand]:
        """The hands that crops near boxes (N, 4) show."""
        keypoints = self._looks(images, boxes, _OF_HAND)
        scores = agreement(spread(keypoints))
        around = self._around(keypoints.mean(0))
        return [
            LocatedHand(box, float(score), origin) for box, score in zip(around, scores)
        ]

    def _looks(
        self, images: list[int], boxes: np.ndarray, variants: _Variants
    ) -> np.ndarray:
        """Predictions of crops that differ from boxes (N, 4): (P, N, J, 2)."""
        return np.stack(
            [
                self._predict(
                    images, scale_boxes(shift_boxes(boxes, shift), factor), rotation
                )
                for shift, factor, rotation in variants
            ]
        )

    def _around(self, keypoints: np.ndarray) -> np.ndarray:
        return self._margins.around_hands(joint_boxes(keypoints))

    def _predict(
        self, images: list[int], boxes: np.ndarray, rotation: float = 0.0
    ) -> np.ndarray:
        return self._look(
            [Look(image, box, rotation) for image, box in zip(images, boxes)]
        )
