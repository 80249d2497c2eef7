"""Find the hand of each image by a few passes of the network."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from .agreement import agreement, spread, support
from .boxes import (
    diagonals,
    image_box,
    joint_boxes,
    move_boxes,
    scale_boxes,
    search_windows,
    shift_boxes,
)
from .margins import CropMargins

# How crops differ of which the same hand should be predicted: shift in sides,
# factor of the side, rotation in degrees. Errors of single predictions differ more
# between crops than the hand does: their mean is nearer to it than any of them.
# Each has its mirror image, for left hands are looked for as right ones in a mirror.
_Variants = Sequence[tuple[tuple[float, float], float, float]]
_OF_IMAGE: _Variants = (
    ((0.0, 0.0), 1.0, 0.0),
    ((0.0, 0.0), 1.0, 25.0),
    ((0.0, 0.0), 1.0, -25.0),
    ((0.0, 0.0), 0.8, 0.0),
)
_OF_HAND: _Variants = (
    ((0.0, 0.0), 1.0, 0.0),
    ((0.0, 0.0), 1.0, 25.0),
    ((0.0, 0.0), 1.0, -25.0),
    ((0.1, 0.1), 1.1, 0.0),
    ((-0.1, -0.1), 1.1, 0.0),
    ((0.1, -0.1), 1.1, 0.0),
    ((-0.1, 0.1), 1.1, 0.0),
)
_OF_SIZE: _Variants = (
    ((0.0, 0.0), 1.0, 0.0),
    ((0.0, 0.0), 1.0, 20.0),
    ((0.0, 0.0), 1.0, -20.0),
    ((0.11, 0.11), 1.0, 0.0),
    ((-0.11, -0.11), 1.0, 0.0),
    ((0.11, -0.11), 1.0, 0.0),
    ((-0.11, 0.11), 1.0, 0.0),
)
_OF_TRACKED: _Variants = (
    ((0.0, 0.0), 1.0, 0.0),
    ((0.11, 0.0), 1.0, 20.0),
    ((-0.11, 0.0), 1.0, -20.0),
)
# Sizes of the last crop, as parts of that around the predicted hand. A network is
# surer of some than of others, and which they are depends on the images.
_SIZES = (0.75, 0.87, 1.0, 1.15, 1.3)
# Likewise, as parts of the crop of the image before.
_SIZES_OF_TRACKED = (0.87, 1.0, 1.15)
# By how much better predictions have to agree in a crop of another size: a factor of
# their distance, 1 and this times the squared logarithm of the size.
_PRICE_OF_SIZE = 2.0
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
    the mean answer, which are shifted all round, larger and rotated. The hand is at
    the mean of all passes: boxes that followed the last pass alone would shrink with a
    network that predicts hands too small. Of crops of several sizes there, those whose
    predictions agree best say the size. Where none agree, the hand may be small in the
    image, and is looked for in windows of several scales. The place whose predictions
    agree best is taken; where none agree, it is the answer of the first pass.

    Args:
        look (Callable): From N looks to the joints that the network predicts,
            (N, J, 2) pixels of the images.
        margins (CropMargins): Of the network's crops.
        passes (int): Of the network over an image, at least 1, before the one that
            predicts: the first of four crops, the others of seven. 35 more say the
            size. Defaults to 3.
    """

    def __init__(
        self,
        look: Callable[[list[Look]], np.ndarray],
        margins: CropMargins,
        passes: int = 3,
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
            tracked = self._followed(known, boxes)
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
        found = self._sized(images, boxes)
        for place, (image, size) in enumerate(zip(images, sizes)):
            if not found[place].sure:
                small = self._search_windows(image, size, boxes[place])
                guess = LocatedHand(first[place], found[place].score, 'whole_image')
                found[place] = small if small.sure else guess
        return found

    def _followed(self, images: list[int], boxes: np.ndarray) -> list[LocatedHand]:
        """The hands that were in boxes (N, 4) in the image before: sized as those,
        not as the prediction, or boxes would shrink from image to image."""
        sized, looked, scores = self._of_sizes(
            images, boxes, _SIZES_OF_TRACKED, _OF_TRACKED
        )
        placed = move_boxes(sized, self._around(looked))
        return [
            LocatedHand(box, float(score), 'tracked')
            for box, score in zip(placed, scores)
        ]

    def _search_windows(
        self, image: int, size: tuple[int, int], box: np.ndarray
    ) -> LocatedHand:
        """The hand of an image in which it may be small, if it is not in a box
        (4, )."""
        windows = search_windows(size, _SCALES)
        images = [image] * len(windows)
        boxes = self._margins.of_windows(windows)
        for _ in range(2):
            keypoints = self._predict(images, boxes)
            boxes = self._around(keypoints)
        likely = np.argsort(-support(keypoints), kind='stable')[:_CANDIDATES]
        places = np.concatenate([boxes[likely], box[None]])
        looked = self._looks([image] * len(places), places, _OF_HAND)
        boxes = self._around(looked.mean(0))
        # parts of a background agree by chance, small ones more often
        unlikely = spread(looked) ** 2 / np.maximum(diagonals(boxes), 1e-6)
        (hand,) = self._sized([image], boxes[[unlikely.argmin()]])
        return hand

    def _sized(self, images: list[int], boxes: np.ndarray) -> list[LocatedHand]:
        """The hands in the middle of boxes (N, 4), each in a crop of the size whose
        predictions agree best."""
        sized, _, scores = self._of_sizes(images, boxes, _SIZES, _OF_SIZE)
        return [
            LocatedHand(box, float(score), 'search')
            for box, score in zip(sized, scores)
        ]

    def _of_sizes(
        self,
        images: list[int],
        boxes: np.ndarray,
        sizes: Sequence[float],
        variants: _Variants,
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Boxes (N, 4) of the sizes whose predictions agree best, the mean hands of
        all crops (N, J, 2), and the agreement (N, )."""
        sized = np.stack([scale_boxes(boxes, size) for size in sizes])
        looked = np.stack([self._looks(images, box, variants) for box in sized])
        spreads = np.stack([spread(keypoints) for keypoints in looked])
        price = 1 + _PRICE_OF_SIZE * np.log(sizes) ** 2
        best = (spreads * price[:, None]).argmin(0), np.arange(len(boxes))
        return sized[best], looked.mean((0, 1)), agreement(spreads[best])

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
