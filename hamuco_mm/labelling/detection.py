"""Hands that a detector finds: boxes with scores."""

from collections.abc import Callable, Sequence

import numpy as np
from mmpose.evaluation.functional import nms
from numpy.typing import ArrayLike

from .mediapipe_detection import MEDIAPIPE, MediaPipeDetector

# From an image, uint8 BGR (H, W, 3), to boxes x1, y1, x2, y2 in pixels, with
# scores if any, (N, 4 or 5).
Detector = Callable[[np.ndarray], np.ndarray]


class DetectedHands:
    """Boxes from a detector of MMDetection.

    Args:
        detector (Callable): MMDetection's ``DetInferencer``.
        category_ids (Sequence[int]): Its categories that are hands.
    """

    def __init__(self, detector: Callable[..., dict], category_ids: Sequence[int]):
        self.detector = detector
        self.category_ids = category_ids

    def __call__(self, image: np.ndarray) -> np.ndarray:
        """Boxes and scores (N, 5) in an image, uint8 BGR (H, W, 3)."""
        found = self.detector(image, return_datasamples=True)['predictions'][0]
        found = found.pred_instances.cpu().numpy()
        found = found[np.isin(found.labels, self.category_ids)]
        return np.column_stack([found.bboxes, found.scores])


def open_detector(
    model: str,
    weights: str | None,
    categories: Sequence[int],
    device: str | None = None,
) -> Detector:
    """A detector of MMDetection, or MediaPipe's.

    Args:
        model (str): Its config, or its name in MMDetection's model zoo; or
            'mediapipe', which has nothing of what follows.
        weights (str, optional): Its checkpoint.
        categories (Sequence[int]): Which of its categories are hands.
        device (str, optional): Where it runs.

    Raises:
        ImportError: If MMDetection, or MediaPipe, does not work here.
    """
    if model == MEDIAPIPE:
        return MediaPipeDetector()
    try:
        from mmdet.apis import DetInferencer
    except ImportError as error:
        raise ImportError(
            f'a detector needs MMDetection and the full mmcv ({error}): '
            'docs/install.md. Or give boxes by --boxes'
        ) from error
    detector = DetInferencer(model, weights, device=device, show_progress=False)
    return DetectedHands(detector, categories)


def scored_boxes(value: ArrayLike) -> np.ndarray:
    """Boxes with scores.

    Args:
        value (ArrayLike): x1, y1, x2, y2 in pixels and perhaps a score, of one
            box or of several: (4 or 5, ) or (N, 4 or 5). May be empty.

    Returns:
        np.ndarray: float32 (N, 5); the score is 1 where there is none.

    Raises:
        ValueError: If it is anything else, or a box has no area.
    """
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


def best_boxes(boxes: ArrayLike, threshold: float, nms_threshold: float) -> np.ndarray:
    """Detections with a high score, one for each hand.

    Args:
        boxes (ArrayLike): See :func:`scored_boxes`.
        threshold (float): Least score.
        nms_threshold (float): IoU above which two are the same hand.

    Returns:
        np.ndarray: (N, 5).
    """
    boxes = scored_boxes(boxes)
    boxes = boxes[boxes[:, 4] > threshold]
    return boxes[nms(boxes, nms_threshold)] if len(boxes) else boxes
