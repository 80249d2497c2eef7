"""Where the hand is in an image, for a top-down model.

A box is x1, y1, x2, y2 in pixels, float32 (4, ); None says that there is no
hand. Each class is called with an image and returns its box.
"""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from ..datasets.bbox import (
    bbox_from_keypoints,
    image_bbox,
    refuse_parts_of_image,
)
from ..datasets.hanco.parsing import read_keypoints
from ..datasets.missing_joints import zero_missing
from ..datasets.storage import read_image
from ..utils.json_files import MalformedFileError, read_json
from .detection import Detector, best_boxes
from .hand_image import HandImage, UnreadableImageError

BoxSource = Callable[[HandImage], np.ndarray | None]


class WholeImage:
    """The hand fills the image."""

    def __call__(self, image: HandImage) -> np.ndarray:
        return image_bbox(image.size())


class FixedBox:
    """The same box in all images.

    Args:
        box (Sequence[float]): x1, y1, x2, y2 in pixels.
    """

    def __init__(self, box: Sequence[float]):
        self.box = _check('the box', box)

    def __call__(self, image: HandImage) -> np.ndarray:
        return self.box


class BoxesOfData:
    """The boxes of the data set: that of the annotation in a rig; the
    box around the existing label in HanCo's layout; else the whole image."""

    def __call__(self, image: HandImage) -> np.ndarray:
        box = image.known_box
        if box is None and image.label_file is not None:
            try:
                keypoints, confidence = read_keypoints(image.label_file)
            except (FileNotFoundError, MalformedFileError):
                return WholeImage()(image)
            box = bbox_from_keypoints(*zero_missing(keypoints, confidence))
        return WholeImage()(image) if box is None else box


class BoxFile:
    """Boxes of a JSON file ``{"<sequence>/<camera>/<frame>": [x1, y1, x2,
    y2] or null}``.

    An image that is not in it, or is null there, has no hand.

    Args:
        path (Path): The file.
        names (Iterable[str]): Names of the images.

    Raises:
        ValueError: If it is not such a file, or has none of the images.
    """

    def __init__(self, path: Path, names: Iterable[str]):
        content = read_json(path)
        if not isinstance(content, dict):
            raise ValueError(
                f'{path}: expected {{"<sequence>/<camera>/'
                '<frame>": [x1, y1, x2, y2], ...}'
            )
        self.boxes = {
            name: _check(f'{path}: {name}', box)
            for name, box in content.items()
            if box is not None
        }
        names = list(names)
        if not self.boxes.keys() & set(names):
            raise ValueError(
                f'{path} has no box of any image; those are '
                f'called {names[0]!r} and so on'
            )

    def __call__(self, image: HandImage) -> np.ndarray | None:
        return self.boxes.get(image.name)


class DetectorBoxes:
    """The best detection in each image.

    Args:
        detect (Detector): Such as
            :func:`~hamuco_mm.labelling.detection.open_detector` gives.
        threshold (float): Least score.
    """

    def __init__(self, detect: Detector, threshold: float = 0.3):
        self.detect = detect
        self.threshold = threshold

    def __call__(self, image: HandImage) -> np.ndarray | None:
        pixels = read_image(image.path)
        if pixels is None:
            raise UnreadableImageError(f'{image.path}: no image')
        found = best_boxes(self.detect(pixels), self.threshold, 0.5)
        if not len(found):
            return None
        return found[found[:, 4].argmax(), :4].astype(np.float32)


def _check(what: str, box: ArrayLike) -> np.ndarray:
    try:
        corners = np.array(box, np.float32)
    except (TypeError, ValueError, OverflowError):
        corners = np.zeros(0, np.float32)
    if corners.shape != (4,) or not (
        np.isfinite(corners).all() and (corners[2:] > corners[:2]).all()
    ):
        raise ValueError(
            f'{what} should be x1, y1, x2, y2 in pixels with '
            f'x1 < x2 and y1 < y2, got {box!r}'
        )
    refuse_parts_of_image(what, corners)
    return corners
