"""The hands of time steps, where nobody says where they are."""

from collections.abc import Callable, Sequence

import numpy as np
from mmpose.structures import PoseDataSample

from ...cameras import Camera
from ..locating import CropMargins, HandLocator, LastBoxes, LocatedHand, Look
from ..locating.agreement import agreement, hand_distance
from ..locating.boxes import joint_boxes
from .crops import HandCrops
from .time_steps import TimeStep

# Passes of all views together, each boxed by the fused hand of the last.
_VIEW_PASSES = 2
# (time step, view) -> the hand
Located = dict[tuple[int, str], LocatedHand]


class ViewLocator:
    """Locates hands in single views, and then by all views of a group together.

    Args:
        crops (HandCrops): Makes the network's crops.
        predict (Callable): From crops to samples with ``pred_instances``, in pixels
            and frames of the images that were given.
        margins (CropMargins): Of the crops.
        passes (int): See :class:`~hamuco_mm.apis.locating.HandLocator`.
        track (bool): Whether to begin with the boxes of the time steps before.
    """

    def __init__(
        self,
        crops: HandCrops,
        predict: Callable[[list[dict]], list[PoseDataSample]],
        margins: CropMargins,
        passes: int,
        track: bool,
    ):
        self._crops, self._predict, self._margins = crops, predict, margins
        self._passes, self._last = passes, LastBoxes(track)

    def __call__(self, steps: Sequence[TimeStep]) -> Located:
        """The hands of the views that have an image and no box."""
        views = [(step, view) for step in steps for view in self._crops.to_locate(step)]
        if not views:
            return {}

        def look(looks: list[Look]) -> np.ndarray:
            crops = []
            for image, box, rotation in looks:
                crop = self._crops.crop(*views[image], box, rotation)
                crop['data_samples'].set_metainfo(dict(view_index=0, num_views=1))
                crops.append(crop)
            samples = self._predict(crops)
            return np.stack([s.pred_instances.keypoints[0] for s in samples])

        locate = HandLocator(look, self._margins, self._passes)
        sizes = [_image_size(step, view) for step, view in views]
        hands = locate(sizes, [self._last.get(view) for _, view in views])
        located = {(step.index, view): hand for (step, view), hand in zip(views, hands)}
        if self._crops.is_group:
            for _ in range(_VIEW_PASSES):
                found = self._by_all_views(steps, located)
                if not found:  # the same crops would find nothing again
                    break
                located.update(found)
        self._last.update(
            {
                view: hand.box if hand.sure else None
                for (_, view), hand in located.items()
            }
        )
        return located

    def _by_all_views(self, steps: Sequence[TimeStep], located: Located) -> Located:
        """The hands of views as the fused one is seen in them."""
        crops: list[dict] = []
        for step in steps:
            crops += self._crops(step, of_step(located, step))[0]
        found = {}
        for sample in self._predict(crops) if crops else []:
            key = sample.metainfo['step'], sample.metainfo['view']
            if key not in located:
                continue
            seen = self._fused(sample, located[key])
            if seen is None or not np.isfinite(seen).all():
                continue
            box = self._margins.around_hands(joint_boxes(seen))
            own = sample.pred_instances.keypoints[0]
            score = float(agreement(hand_distance(own, seen)))
            hand = LocatedHand(box, score, 'views')
            # a view that is sure of another place has another camera, or hand
            if hand.sure or not located[key].sure:
                found[key] = hand
        return found

    def _fused(self, sample: PoseDataSample, located: LocatedHand) -> np.ndarray | None:
        """The fused hand (21, 2) in a view's pixels, where it can tell the box.

        Calibrated, it is the hand in the world, if the views agree on one: also a view
        that had not found it is told. Not calibrated, it stands where the view's own
        crop puts it, which must have been of the hand.
        """
        pred = sample.pred_instances
        if not self._crops.cameras:
            known = located.sure and 'keypoints_fused' in pred
            return pred.keypoints_fused[0] if known else None
        if not pred.get('views_agree', [False])[0]:
            return None
        name = sample.metainfo['view']
        camera = Camera.from_camera_param(sample.metainfo['camera_param'], name)
        return camera.project(camera.to_camera(pred.keypoints_world[0]))


def of_step(located: Located, step: TimeStep) -> dict[str, LocatedHand]:
    """The hands of a time step, by view."""
    return {
        view: hand for (index, view), hand in located.items() if index == step.index
    }


def _image_size(step: TimeStep, view: str) -> tuple[int, int]:
    image = step.frames[view].image
    assert image is not None  # as of all views to locate
    return image.shape[1], image.shape[0]
