"""Predicted joints and parameters with their names, units and frames."""

import json
from pathlib import Path

import numpy as np

from ..hand_model import PARAMETER_SIZES
from ..hand_model.topology import HAND_JOINT_NAMES, ROOT_JOINT
from ..structures import PredictedViews, Stage
from ..utils.json_files import write_json
from ..utils.npz_files import write_npz
from .parameters import WORLD

# Decimals that JSON keeps: a micrometre or microradian, a thousandth of a pixel.
_DECIMALS, _DECIMALS_PX = 6, 3

# Fields of a view that are written; those of stages end with their suffixes.
_OF_STAGES = ('keypoints', 'keypoint_scores', 'keypoints_cam', *PARAMETER_SIZES)
_IN_WORLD = ('keypoints', *PARAMETER_SIZES)

CONVENTIONS = dict(
    joint_names=list(HAND_JOINT_NAMES),
    root_joint=ROOT_JOINT,
    units=dict(
        keypoints='pixel',
        keypoint_scores='0 to 1',
        keypoints_cam='metre',
        keypoints_world='metre',
        global_orient='radian',
        hand_pose='radian',
        transl='metre',
        fit_error='metre',
    ),
    frames=dict(
        keypoints='original image: x right, y down, (0, 0) is the centre of '
        'the first pixel',
        keypoints_cam="the view's camera: x right, y down, z forward; "
        'root_joint is the origin',
        keypoints_world="the calibration's world; the same in each view of a time step",
    ),
    parameters='global_orient, hand_pose, betas, transl: of MANO without PCA, '
    'flat_hand_mean=True, in the frame of keypoints_cam; those that end with '
    '_world in the world. They give the mesh; of the fused hand and that in the '
    'world, which are means of several, the nearest hand, off by fit_error',
    stages={str(stage): stage.suffix or 'no suffix' for stage in Stage},
)


def write_joints_json(path: str | Path, views: PredictedViews) -> None:
    """Write ``{**CONVENTIONS, "views": [...]}``, one dict per view.

    A view has ``frame_id``, ``camera_id``, ``img_path``, ``item`` (views with
    the same number are one time step) and the predicted joints and
    parameters of the hand model; what is not known is left out.

    Args:
        path (str | Path): File to write; its folder is made.
        views (PredictedViews): What to write.
    """
    pixels = {stage.field('keypoints') for stage in Stage}
    found = []
    for row in range(len(views)):
        view = dict(
            frame_id=str(views.frame_id[row]),
            camera_id=str(views.camera_id[row]),
            img_path=str(views.img_path[row]),
            item=int(views.item[row]),
        )
        for name, values in _exported_fields(views).items():
            if np.isfinite(values[row]).all():
                decimals = _DECIMALS_PX if name in pixels else _DECIMALS
                view[name] = np.round(values[row].astype(float), decimals).tolist()
        found.append(view)
    write_json(path, dict(CONVENTIONS, views=found), indent=1)


def write_joints_npz(path: str | Path, views: PredictedViews) -> None:
    """The same as arrays: ``conventions`` (JSON), the identities (N,) the
    joints (N, 21, 2 or 3) and the parameters of all views, NaN where not known."""
    arrays = dict(
        conventions=np.array(json.dumps(CONVENTIONS)),
        frame_id=views.frame_id,
        camera_id=views.camera_id,
        img_path=views.img_path,
        item=views.item,
    )
    write_npz(path, {**arrays, **_exported_fields(views)})


def _exported_fields(views: PredictedViews) -> dict[str, np.ndarray]:
    names = [
        *(stage.field(name) for stage in Stage for name in (*_OF_STAGES, 'fit_error')),
        *(name + WORLD for name in (*_IN_WORLD, 'fit_error')),
    ]
    return {
        name: views.predictions[name] for name in names if name in views.predictions
    }
