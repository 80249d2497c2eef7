"""Which points of the hand a detector calls joints, measured on known meshes."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np
import torch

from ..datasets.hanco import HanCoDataset
from ..datasets.label_triangulation import camera_of, labels_and_cameras
from ..datasets.multiview_dataset import MultiViewDataset
from ..geometry.triangulation import triangulate_ransac
from ..hand_model import HAND_JOINT_NAMES, MANOLayer
from ..hand_model.joint_regressor_fitting import fit_joint_regressor

# Pixels of an image 256 pixels wide, and views: a hand that is misread in some
# views is not to count as a place of joints.
_AGREE, _MIN_VIEWS = 4.0, 3
# The last of so many parts of the time steps is held out to see how good the fit is.
_HELD_OUT = 4
# Labels that a joint needs in each of the two parts.
_FEWEST = 5


class DetectorJoints(NamedTuple):
    """What :func:`measure_joints` finds.

    Attributes:
        regressor (np.ndarray): Weights of the vertices in each joint, (21, 778).
        num_points (np.ndarray): Triangulated labels of each joint, (21,).
        own_error (np.ndarray): Their mean distance to the hand model's own
            joints, metres (21,); of hands that were held out.
        error (np.ndarray): The same to the joints of a regressor that has not seen
            these hands, metres (21,).
    """

    regressor: np.ndarray
    num_points: np.ndarray
    own_error: np.ndarray
    error: np.ndarray


def measure_joints(
    data_root: str,
    labels: str,
    hand_model: str | None = None,
    progress: Callable[[Iterable], Iterable] = iter,
) -> DetectorJoints:
    """Find the points of the mesh that a detector's labels are nearest to.

    Labels are triangulated where at least three views agree. The last quarter of
    the time steps is held out for the errors; the regressor that is returned has
    seen all.

    Args:
        data_root (str): Generated data in HanCo's layout, with ``shape``.
        labels (str): Folder of it with the detector's labels.
        hand_model (str, optional): File of the hand model that the data was made
            with; None is the open hand.
        progress (Callable[[Iterable], Iterable]): Shows how far a loop over the
            time steps is.

    Raises:
        FileNotFoundError: If there are no such data.
        ValueError: If the data has no meshes, or the views agree on a joint in fewer
            than five hands of either part.
    """
    hands = HanCoDataset(
        data_root,
        data_prefix=dict(keypoints=labels),
        hand_model=dict(path=hand_model),
        test_mode=True,
    )
    steps = MultiViewDataset(hands, min_views=_MIN_VIEWS)
    meshes, points = [], []
    for step in progress(range(len(steps))):
        views = steps.get_data_info(step)['views']
        mesh = _mesh(views)
        if mesh is not None:
            meshes.append(mesh)
            points.append(_points(views))
    if not meshes:
        raise ValueError(
            f'{data_root} has no time step with a calibration and a mesh (folders calib '
            'and shape): generate_demo_data.py makes such data'
        )
    vertices, joints = np.stack(meshes), np.stack(points)
    start = MANOLayer(hand_model).double().J21.numpy()
    first = len(vertices) - len(vertices) // _HELD_OUT
    found = np.isfinite(joints).all(-1)
    fewest = np.minimum(found[:first].sum(0), found[first:].sum(0))
    worst = fewest.argmin()
    if fewest[worst] < _FEWEST:
        raise ValueError(
            f'{labels} of {data_root}: {HAND_JOINT_NAMES[worst]} is where '
            f'{_MIN_VIEWS} views agree within {_AGREE:g} px (of images 256 px wide) in '
            f'{found[:, worst].sum()} of {len(found)} time steps, too few to '
            'measure it: label more images, or look at the labels (browse_dataset.py)'
        )
    errors = [
        _distances(regressor, vertices[first:], joints[first:])
        for regressor in (
            start,
            fit_joint_regressor(vertices[:first], joints[:first], start),
        )
    ]
    return DetectorJoints(
        fit_joint_regressor(vertices, joints, start),
        found.sum(0),
        *errors,
    )


def _mesh(views: list[dict]) -> np.ndarray | None:
    """Vertices in the world frame, metres (778, 3); None where they are not known."""
    view = views[0]
    camera = camera_of(view)
    if camera is None or 'vertices' not in view:
        return None
    return camera.to_world(view['vertices'][0])


def _points(views: list[dict]) -> np.ndarray:
    """Joints (21, 3) in the world frame, metres; NaN where too few views agree."""
    found = triangulate_ransac(*labels_and_cameras([views]), threshold=_AGREE)
    agreed = found.inliers.sum(-2, keepdim=True).mT >= _MIN_VIEWS
    return found.points.where(agreed, torch.nan)[0].numpy()


def _distances(
    regressor: np.ndarray, vertices: np.ndarray, joints: np.ndarray
) -> np.ndarray:
    """Mean distance of each joint, metres (21,)."""
    return np.nanmean(np.linalg.norm(regressor @ vertices - joints, axis=-1), axis=0)
