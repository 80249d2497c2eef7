"""The hands of a time step, as inputs of the network."""

from collections.abc import Callable, Mapping

import numpy as np

from ...cameras.mirroring import mirror_box, mirror_camera
from ...datasets.frames import Frame
from ...datasets.mirroring import needs_mirroring
from ...labelling.detection import Detector, best_boxes
from ..locating import LocatedHand
from .boxes import BoxLookUp, in_image, whole_image
from .cameras import ViewCamera
from .time_steps import TimeStep


class HandCrops:
    """Finds the hands in each view and runs the config's pipeline on them.

    Args:
        pipeline (Callable): Of one view, from the config.
        dataset_meta (dict): Of the model, which the pipeline needs.
        find_hands (Detector, optional): Asked where ``bboxes`` has None.
            Without it, the network locates the hand.
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
        find_hands: Detector | None,
        is_group: bool,
        bboxes: BoxLookUp,
        cameras: dict[str, ViewCamera] | None = None,
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

    def __call__(
        self, step: TimeStep, located: Mapping[str, LocatedHand]
    ) -> tuple[list[dict], dict[str, str]]:
        """Crops of a time step.

        Args:
            step (TimeStep): Its images.
            located (Mapping): The hands of the views of :meth:`to_locate`.

        Returns:
            tuple: What the pipeline gives for each hand, whose samples say to
            which ``step`` and ``view`` they belong, and ``bbox_origin``; and for
            each view without a crop the reason.

        Raises:
            ValueError: If an image has another size than its camera was calibrated
                at.
        """
        crops: list[dict] = []
        reasons = {}
        for view, frame in step.frames.items():
            boxes, origin = self._boxes(step, view, located.get(view))
            problem = frame.problem
            self._camera_param(view, frame)  # or an error, also without a hand
            if problem is None and not len(boxes):
                given = self.bboxes(view, step.index)
                problem = (
                    f'no hand found in {frame.path}'
                    if given is None or not len(given)
                    else f'the box that was given is outside of {frame.path}'
                )
            if problem is not None:
                reasons[view] = problem
                continue
            if self.is_group:
                boxes = boxes[[boxes[:, 4].argmax()]]
            for box in boxes:
                crop = self.crop(step, view, box)
                crop['data_samples'].set_metainfo(dict(bbox_origin=origin))
                crops.append(crop)
        if self.is_group:
            for index, crop in enumerate(crops):
                crop['data_samples'].set_metainfo(
                    dict(view_index=index, num_views=len(crops))
                )
        return crops, reasons

    def to_locate(self, step: TimeStep) -> list[str]:
        """The views with an image of which nothing says where the hand is."""
        if self.find_hands is not None:
            return []
        return [
            view
            for view, frame in step.frames.items()
            if frame.image is not None and self.bboxes(view, step.index) is None
        ]

    def _boxes(
        self, step: TimeStep, view: str, located: LocatedHand | None
    ) -> tuple[np.ndarray, str]:
        """Boxes (N, 5) and where they are from."""
        image = step.frames[view].image
        if image is None:
            return np.zeros((0, 5), np.float32), ''
        if located is not None:
            box = np.append(located.box, located.score)[None].astype(np.float32)
            return box, located.origin
        boxes = self.bboxes(view, step.index)
        if boxes is not None:
            return boxes[in_image(boxes, image.shape[1::-1])], 'given'
        assert self.find_hands is not None  # else the view is one of to_locate
        boxes = best_boxes(self.find_hands(image), self.bbox_thr, self.nms_thr)
        return boxes, 'whole_image' if self.find_hands is whole_image else 'detector'

    def _camera_param(self, view: str, frame: Frame) -> dict | None:
        """The camera of an image; None without one of both."""
        if not self.cameras or frame.image is None:
            return None
        height, width = frame.image.shape[:2]
        return self.cameras[view].param((width, height), f'{view} ({frame.path})')

    def crop(
        self, step: TimeStep, view: str, box: np.ndarray, rotation: float = 0.0
    ) -> dict:
        """One hand through the pipeline.

        Args:
            step (TimeStep), view (str): Whose image it is in.
            box (np.ndarray): Pixels, and perhaps a score, (4 or 5, ).
            rotation (float): Of the crop in degrees. Defaults to 0.
        """
        image, path = step.frames[view].image, step.frames[view].path
        assert image is not None  # or there would be no box
        item = dict(
            self.dataset_meta,
            img=image,
            img_path=path,
            bbox=box[None, :4].astype(np.float32),
            bbox_score=np.ones(1, np.float32) if len(box) == 4 else box[4:],
            frame_id=str(step.index),
            camera_id=view,
        )
        if rotation:
            sign = -1 if self.mirrored else 1
            item['bbox_rotation'] = np.array([sign * rotation], np.float32)
        camera = self._camera_param(view, step.frames[view])
        if camera:
            item['camera_param'] = dict(camera)
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
