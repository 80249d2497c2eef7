"""Where the hands are in an image: as the caller says, or in all of it."""

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ...datasets.bbox import refuse_parts_of_image
from ...labelling.detection import scored_boxes
from .time_steps import ViewSource

# (view, image number) -> boxes with scores (N, 5), or None for the whole image
BoxLookUp = Callable[[str, int], np.ndarray | None]


def boxes_by_view(bboxes: Any, sources: Mapping[str, ViewSource]) -> BoxLookUp:
    """A function that finds the boxes of an image.

    Args:
        bboxes: None for the whole image; one box (x1, y1, x2, y2[, score])
            for all images; a list with the boxes of each image: (4 or 5,),
            (N, 4 or 5), None for the whole image, or an empty list for no
            hand; or a dict from camera names to these.
        sources (dict): The sources by camera name.

    Returns:
        BoxLookUp: ``(view, index)`` -> (N, 5) float32 pixels and score, or
        None. It raises ValueError where a stream of unknown length has more
        images than there are boxes.

    Raises:
        ValueError: If names, numbers or shapes are wrong, or a box is in parts of
            the image.
    """
    if not isinstance(bboxes, dict):
        bboxes = dict.fromkeys(sources, bboxes)
    unknown = set(bboxes) - set(sources)
    if unknown:
        raise ValueError(
            f'boxes of {sorted(unknown)}, but the views are {list(sources)}'
        )
    table: dict[str, np.ndarray | list[np.ndarray | None] | None] = {}
    for name, value in bboxes.items():
        if value is None or len(value) and np.isscalar(value[0]):
            table[name] = value if value is None else _given_boxes(value)
            continue
        boxes = [v if v is None else _given_boxes(v) for v in value]
        table[name] = boxes
        length = operator.length_hint(sources[name], -1)
        if 0 <= length != len(boxes):
            raise ValueError(
                f'{len(boxes)} lists of boxes for the {length} time steps of '
                f'{name}: give one for each, also where {name} has no image, or '
                'one box (x1, y1, x2, y2) for all'
            )

    def find(view: str, index: int) -> np.ndarray | None:
        boxes = table.get(view)
        if not isinstance(boxes, list):
            return boxes
        if index >= len(boxes):
            raise ValueError(
                f'there are boxes for {len(boxes)} images of {view}, but it '
                'goes on: give one for each image, or one box (x1, y1, x2, y2) '
                'for all'
            )
        return boxes[index]

    return find


def _given_boxes(value: Any) -> np.ndarray:
    boxes = scored_boxes(value)
    for box in boxes:
        refuse_parts_of_image('a box', box[:4])
    return boxes


def whole_image(image: np.ndarray) -> np.ndarray:
    """The box (1, 5) around an image (H, W, 3)."""
    return np.array([[0, 0, image.shape[1], image.shape[0], 1]], np.float32)


def in_image(boxes: np.ndarray, image_size: Sequence[int]) -> np.ndarray:
    """Whether boxes (N, 4 or 5) have a part of an image of that width and height:
    (N, )."""
    return (boxes[:, :2] < image_size).all(1) & (boxes[:, 2:4] > 0).all(1)
