"""Where the hands are in an image: given, detected, or all of it."""

import operator
from collections.abc import Callable

import numpy as np
from mmpose.evaluation.functional import nms

from ...datasets.frames import Source
from ...datasets.mirroring import mirror_bbox


def boxes_by_view(
    bboxes, sources: dict[str, Source]
) -> Callable[[str, int], np.ndarray | None]:
    """Look-up of the boxes of an image.

    Args:
        bboxes: None for the whole image; one box (x1, y1, x2, y2[, score])
            for all images; a list with the boxes of each image: (4 or 5,),
            (N, 4 or 5), None for the whole image, or an empty list for no
            hand; or a dict from camera names to these.
        sources (dict): The sources by camera name.

    Returns:
        Callable: ``(view, index)`` -> (N, 5) float32 pixels and score, or
        None. It raises ValueError where a stream of unknown length outlasts
        its boxes.

    Raises:
        ValueError: If names, numbers or shapes are wrong.
    """
    if not isinstance(bboxes, dict):
        bboxes = dict.fromkeys(sources, bboxes)
    unknown = set(bboxes) - set(sources)
    if unknown:
        raise ValueError(
            f'boxes of {sorted(unknown)}, but the views are {list(sources)}'
        )
    table = {}
    for name, value in bboxes.items():
        if value is None or len(value) and np.isscalar(value[0]):
            table[name] = value if value is None else _boxes(value)
            continue
        table[name] = [v if v is None else _boxes(v) for v in value]
        length = operator.length_hint(sources[name], -1)
        if 0 <= length != len(table[name]):
            raise ValueError(
                f'{len(table[name])} lists of boxes for the '
                f'{length} images of {name}: give one an image, '
                'or one box (x1, y1, x2, y2) for all'
            )

    def find(view: str, index: int) -> np.ndarray | None:
        boxes = table.get(view)
        if not isinstance(boxes, list):
            return boxes
        if index >= len(boxes):
            raise ValueError(
                f'there are boxes for {len(boxes)} images of {view}, but it '
                'goes on: give one an image, or one box (x1, y1, x2, y2) for '
                'all'
            )
        return boxes[index]

    return find


def _boxes(value) -> np.ndarray:
    """(N, 5) of what should be boxes."""
    boxes = np.atleast_2d(np.asarray(value, np.float32))
    if not boxes.size:
        return np.zeros((0, 5), np.float32)
    if (
        boxes.ndim != 2
        or boxes.shape[1] not in (4, 5)
        or not (np.isfinite(boxes).all() and (boxes[:, 2:4] > boxes[:, :2]).all())
    ):
        raise ValueError(
            'a box is x1, y1, x2, y2 with x1 < x2 and y1 < y2, '
            f'and perhaps a score; got {np.asarray(value)}'
        )
    if boxes.shape[1] == 4:
        boxes = np.column_stack([boxes, np.ones(len(boxes), np.float32)])
    return boxes


def whole_image(image: np.ndarray) -> np.ndarray:
    """The box (1, 5) around an image (H, W, 3)."""
    return np.array([[0, 0, image.shape[1], image.shape[0], 1]], np.float32)


def mirror_box(box: np.ndarray, image_shape) -> np.ndarray:
    """Mirror boxes (..., 4) in an image of shape (H, W, ...); one around the
    whole image stays as it is."""
    height, width = image_shape[:2]
    whole = (np.asarray(box) == (0, 0, width, height)).all(-1, keepdims=True)
    return np.where(whole, box, mirror_bbox(box, width))


class DetectedHands:
    """Boxes from a detector of MMDetection.

    Args:
        detector (DetInferencer): The detector.
        category_ids (Sequence[int]): Its categories that are hands.
    """

    def __init__(self, detector, category_ids):
        self.detector = detector
        self.category_ids = category_ids

    def __call__(self, image: np.ndarray) -> np.ndarray:
        """Boxes and scores (N, 5) in an image, uint8 BGR (H, W, 3)."""
        found = self.detector(image, return_datasamples=True)['predictions'][0]
        found = found.pred_instances.cpu().numpy()
        found = found[np.isin(found.labels, self.category_ids)]
        return np.column_stack([found.bboxes, found.scores])


def best_boxes(boxes, threshold: float, nms_threshold: float) -> np.ndarray:
    """Detections (N, 5) that are sure enough, each hand once.

    Args:
        boxes: (N, 4 or 5), with scores if any.
        threshold (float): Least score.
        nms_threshold (float): IoU above which two are the same hand.
    """
    boxes = _boxes(boxes)
    boxes = boxes[boxes[:, 4] > threshold]
    return boxes[nms(boxes, nms_threshold)] if len(boxes) else boxes
