"""The part of a time step that world errors need."""

import numpy as np
import torch

from ...cameras import Camera, stack_cameras
from ...structures import (
    Stage,
    camera_of,
    check_moderate,
    describe,
    ground_truth,
    prediction,
)

# Methods and the fields of their predictions.
METHOD_FIELDS = dict(opt_center='keypoints_world', ransac='keypoints_world_ransac')


def absolute_record(views: list[dict]) -> dict | None:
    """The record of one time step.

    Args:
        views (list[dict]): Data samples of its views, as the evaluator passes
            them.

    Returns:
        dict | None: ``frame_id`` and ``cameras``, the views' ids; in metres in
        the world, ``points``, of each method (21, 3), and, if known, ``truth``
        (21, 3); in pixels of the original images, of each method (V, 21),
        ``off_true``, the distance of the projected joints from the projected
        true ones, and ``off_predicted``, from each view's own 2D prediction.
        None where nothing was predicted in the world.

    Raises:
        KeyError: If a view has no predicted 2D joints.
        ValueError: If a predicted joint is not finite, or is beyond any hand.
    """
    views = [view for view in views if 'keypoints_world' in view['pred_instances']]
    if not views:
        return None
    first = views[0]
    record: dict = dict(
        frame_id=str(first.get('frame_id', '')),
        cameras=[camera_of(view) for view in views],
        points={
            method: _joints(first, field) for method, field in METHOD_FIELDS.items()
        },
        off_true={},
        off_predicted={},
    )
    truth = _true_joints(views)
    if truth is not None:
        record['truth'] = truth
        seen = _seen(truth, views)
    own = np.stack([_own_keypoints(view) for view in views])
    for method, points in record['points'].items():
        pixels = _seen(points, views)
        record['off_predicted'][method] = np.linalg.norm(pixels - own, axis=-1)
        if truth is not None:
            record['off_true'][method] = np.linalg.norm(pixels - seen, axis=-1)
    return record


def _joints(view: dict, field: str) -> np.ndarray:
    joints = np.asarray(view['pred_instances'][field])[0].astype(float)
    check_moderate(joints, view, field)
    return joints


def _own_keypoints(view: dict) -> np.ndarray:
    """The view's 2D prediction that is triangulated, (21, 2)."""
    own = prediction(view, 'keypoints', Stage.of_views(view['pred_instances']))
    if own is None:
        raise KeyError(f'{describe(view)} has no predicted 2D joints (keypoints)')
    return own


def _true_joints(views: list[dict]) -> np.ndarray | None:
    """True joints in the world (21, 3), from the first view that has them."""
    for view in views:
        joints = ground_truth(view, 'keypoints_cam')
        if joints is not None:
            return _camera(view).to_world(joints)
    return None


def _seen(joints: np.ndarray, views: list[dict]) -> np.ndarray:
    """World joints (21, 3) in each view's original image, (V, 21, 2)."""
    cameras = stack_cameras([_camera(view) for view in views])
    return cameras.project(cameras.to_camera(torch.from_numpy(joints))).numpy()


def _camera(view: dict) -> Camera:
    return Camera.from_camera_param(view['camera_param'], describe(view))
