import hashlib
from collections.abc import Iterable

import numpy as np
from mmcv.transforms import BaseTransform
from mmpose.registry import TRANSFORMS

from ...geometry.triangulation import triangulate_ransac
from ..label_triangulation import camera_of, labels_and_cameras, lacks_size
from ..plausible import is_hand


@TRANSFORMS.register_module()
class TriangulateLabels(BaseTransform):
    """Give the views of a time step the labels that they have in common.

    Each joint is triangulated from the 2D labels of the calibrated views, by
    RANSAC and a DLT that confidences weigh. As seen by a camera, these joints
    become its view's 2D and 3D labels: "3D supervision without 3D labels" of a
    network that sees one view (Kocabas et al., "Self-Supervised Learning of 3D
    Human Pose using Multi-view Geometry", CVPR 2019).

    3D labels that views had before are removed, so no ground truth gets
    through. A view without a camera, and a time step whose joints cannot be
    those of a hand, keep their 2D labels and have no 3D ones.

    It belongs in the ``step_pipeline`` of a :class:`MultiViewDataset`. The joints of
    the same labels, seen by the same cameras, are kept from epoch to epoch.

    Required Keys:

        - views (list[dict]): data infos with ``keypoints``,
            ``keypoints_visible``, ``camera_id``, ``camera_param`` and ``image_size``

    Modified Keys:

        - views: with other ``keypoints``, ``keypoints_visible`` (1 for a
            triangulated joint) and ``keypoints_cam``; without ``vertices``

    Args:
        threshold (float): Largest reprojection error of an inlier, in pixels
            of an image 256 pixels wide. Defaults to 30.
        max_cached (int): Largest number of time steps whose joints a process keeps,
            0.7 kB each. Defaults to 20000.
    """

    def __init__(self, threshold: float = 30.0, max_cached: int = 20000):
        super().__init__()
        self.threshold = threshold
        self.max_cached = max_cached
        self._joints: dict[bytes, np.ndarray] = {}

    def transform(self, results: dict) -> dict:
        views = results['views']
        if not views:
            return results
        joints_world = self._joints_world(views)
        usable = is_hand(joints_world)
        return dict(
            results,
            views=[_labelled(view, joints_world if usable else None) for view in views],
        )

    def idle_note(self, time_steps: Iterable[list[dict]]) -> str | None:
        """What is to be said if it does nothing with the views of time steps, as no
        two have a camera or no joints are a hand's; None if it does something."""
        without_size = with_cameras = False
        for views in time_steps:
            labelled = self.transform(dict(views=views))['views']
            if any('keypoints_cam' in view for view in labelled):
                return None
            with_cameras |= sum(camera_of(view) is not None for view in views) > 1
            without_size |= any(lacks_size(view) for view in views)
        reason = 'no time step looked at gives it two views with a camera'
        remedy = 'Give the data set its calibration'
        if with_cameras:
            reason = 'the joints of no time step looked at are those of a hand'
            remedy = (
                'Look at the calibration (world to camera, metres, pixels of these '
                'images: tools/analysis_tools/check_rig.py) and at the labels'
            )
        elif without_size:
            remedy = (
                'The views have camera_param, but no image_size: let the data infos '
                'have it, width and height in pixels'
            )
        return (
            f'TriangulateLabels does nothing, as {reason}: 2D labels stay as they are, '
            f'and loss_keypoint_cam has no 3D ones. {remedy}, or take a config without '
            'TriangulateLabels'
        )

    def _joints_world(self, views: list[dict]) -> np.ndarray:
        """(21, 3), which do not depend on the order of the views."""
        ordered = sorted(views, key=lambda view: str(view.get('camera_id')))
        labels = labels_and_cameras([ordered])
        digest = hashlib.blake2b(digest_size=16)
        for tensor in labels:
            digest.update(tensor.numpy().tobytes())
        key = digest.digest()
        if key not in self._joints:
            points = triangulate_ransac(*labels, self.threshold).points[0].numpy()
            if len(self._joints) >= self.max_cached:
                return points
            self._joints[key] = points
        return self._joints[key]

    def __repr__(self) -> str:
        return (
            f'{self.__class__.__name__}(threshold={self.threshold}, '
            f'max_cached={self.max_cached})'
        )


def _labelled(view: dict, joints_world: np.ndarray | None) -> dict:
    """A view without its own 3D labels, with those of the world's joints
    (21, 3) where they and its camera are known."""
    view = {
        key: value
        for key, value in view.items()
        if key not in ('keypoints_cam', 'vertices')
    }
    camera = camera_of(view)
    if camera is None or joints_world is None:
        return view
    joints = camera.to_camera(joints_world)
    if (joints[:, 2] <= 0).any():
        return view
    view['keypoints'] = camera.project(joints)[None].astype(np.float32)
    view['keypoints_visible'] = np.ones((1, len(joints)), np.float32)
    view['keypoints_cam'] = joints[None].astype(np.float32)
    return view
