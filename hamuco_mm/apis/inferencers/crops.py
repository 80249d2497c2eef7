"""The hands of a time step, as inputs of the network."""

import logging
from collections.abc import Callable

import numpy as np
from mmengine.logging import print_log

from ...cameras import check_image_size
from ...datasets.frames import Frame
from ...datasets.mirroring import mirror_camera, needs_mirroring
from ...labelling.detection import Detector, best_boxes
from .boxes import BoxLookUp, mirror_box
from .time_steps import TimeStep


class HandCrops:
    """Finds the hands in each view and runs the config's pipeline on them.

    Args:
        pipeline (Callable): Of one view, from the config.
        dataset_meta (dict): Of the model, which the pipeline needs.
        find_hands (Detector): Asked where ``bboxes`` has None.
        is_group (bool): Whether the views show the same hand: the best box of
            each view counts then.
        bboxes (BoxLookUp): See :func:`~.boxes.boxes_by_view`.
        cameras (dict, optional): See :func:`~.cameras.load_cameras`.
        bbox_thr (float): Least score of a detection.
        nms_thr (float): IoU above which detections are one hand.
        hand_side (str, optional): 'right' or 'left'. Defaults to 'right'.
    """

    def __init__(
        self,
        pipeline: Callable[[dict], dict],
        dataset_meta: dict,
        find_hands: Detector,
        is_group: bool,
        bboxes: BoxLookUp,
        cameras: dict[str, dict] | None = None,
        bbox_thr: float = 0.3,
        nms_thr: float = 0.3,
        hand_side: str | None = None,
    ):
        self.pipeline = pipeline
        self.dataset_meta = dataset_meta
        self.find_hands = find_hands
        self.is_group = is_group
        self.bboxes = bboxes
        self.cameras = cameras
        self.bbox_thr = bbox_thr
        self.nms_thr = nms_thr
        self.mirrored = needs_mirroring(hand_side)
        self.hand_side = hand_side or 'right'

    def __call__(self, step: TimeStep) -> tuple[list[dict], dict[str, str]]:
        """Crops of a time step.

        Returns:
            tuple: What the pipeline gives for each hand, whose samples say to
            which ``step`` and ``view`` they belong; and for each view without
            a crop the reason.

        Raises:
            ValueError: If an image has another size than its camera was calibrated
                at.
        """
        crops: list[dict] = []
        reasons = {}
        for view, frame in step.frames.items():
            boxes = self._boxes(step, view)
            problem = frame.problem
            self._check_size(view, frame)
            if problem is None and not len(boxes):
                problem = f'no hand found in {frame.path}'
            if problem is not None:
                print_log(problem, 'current', logging.WARNING)
                reasons[view] = problem
                continue
            if self.is_group:
                boxes = boxes[[boxes[:, 4].argmax()]]
            crops += [self._crop(step, view, box) for box in boxes]
        if self.is_group:
            for index, crop in enumerate(crops):
                crop['data_samples'].set_metainfo(
                    dict(view_index=index, num_views=len(crops))
                )
        return crops, reasons

    def _boxes(self, step: TimeStep, view: str) -> np.ndarray:
        image = step.frames[view].image
        if image is None:
            return np.zeros((0, 5), np.float32)
        boxes = self.bboxes(view, step.index)
        if boxes is None:
            boxes = best_boxes(self.find_hands(image), self.bbox_thr, self.nms_thr)
        return boxes

    def _check_size(self, view: str, frame: Frame) -> None:
        if self.cameras and frame.image is not None:
            height, width = frame.image.shape[:2]
            known = self.cameras[view].get('image_size')
            check_image_size(known, (width, height), f'{view} ({frame.path})')

    def _crop(self, step: TimeStep, view: str, box: np.ndarray) -> dict:
        """One hand through the pipeline."""
        image, path = step.frames[view].image, step.frames[view].path
        assert image is not None  # or there would be no box
        item = dict(
            self.dataset_meta,
            img=image,
            img_path=path,
            bbox=box[None, :4],
            bbox_score=box[4:],
            frame_id=str(step.index),
            camera_id=view,
        )
        camera = self.cameras and dict(self.cameras[view])
        if camera:
            camera.pop('image_size', None)
            item['camera_param'] = camera
        if self.mirrored:
            item['img'] = np.ascontiguousarray(image[:, ::-1])
            item['bbox'] = mirror_box(item['bbox'], image.shape)
            if camera:
                item['camera_param'] = mirror_camera(camera, image.shape[1])
        data = self.pipeline(item)
        data['data_samples'].set_metainfo(
            dict(
                step=step.index,
                view=view,
                frame_id=item['frame_id'],
                camera_id=view,
                mirrored=self.mirrored,
                hand_side=self.hand_side,
            )
        )
        return data
