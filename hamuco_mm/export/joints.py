"""Predicted joints with their names, units and frames."""

import json
from pathlib import Path

import numpy as np

from ..hand_model.topology import HAND_JOINT_NAMES, ROOT_JOINT
from ..structures import PredictedViews, Stage

# Decimals that JSON keeps: a micrometre, a thousandth of a pixel.
_DECIMALS_M, _DECIMALS_PX = 6, 3

CONVENTIONS = dict(
    joint_names=list(HAND_JOINT_NAMES),
    root_joint=ROOT_JOINT,
    units=dict(keypoints='pixel', keypoint_scores='0 to 1', keypoints_cam='metre'),
    frames=dict(
        keypoints='original image: x right, y down, (0, 0) is the centre of '
        'the first pixel',
        keypoints_cam="the view's camera: x right, y down, z forward; "
        'root_joint is the origin',
    ),
    stages={str(stage): stage.suffix or 'no suffix' for stage in Stage},
)


def write_joints_json(path: str | Path, views: PredictedViews) -> None:
    """Write ``{**CONVENTIONS, "views": [...]}``, one dict per view.

    A view has ``frame_id``, ``camera_id``, ``img_path``, ``item`` (views with
    the same number are one time step) and the predicted joints; what is not
    known is left out.

    Args:
        path (str | Path): File to write; its folder is made.
        views (PredictedViews): What to write.
    """
    found = []
    for row in range(len(views)):
        view = dict(
            frame_id=str(views.frame_id[row]),
            camera_id=str(views.camera_id[row]),
            img_path=str(views.img_path[row]),
            item=int(views.item[row]),
        )
        for name, values in _joint_fields(views).items():
            if np.isfinite(values[row]).all():
                decimals = _DECIMALS_M if 'cam' in name else _DECIMALS_PX
                view[name] = np.round(values[row].astype(float), decimals).tolist()
        found.append(view)
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(dict(CONVENTIONS, views=found), indent=1) + '\n')


def write_joints_npz(path: str | Path, views: PredictedViews) -> None:
    """The same as arrays: ``conventions`` (JSON), the identities (N,) and the
    joints (N, 21, 2 or 3) of all views, NaN where not known."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(
        path,
        conventions=np.array(json.dumps(CONVENTIONS)),
        frame_id=views.frame_id,
        camera_id=views.camera_id,
        img_path=views.img_path,
        item=views.item,
        **_joint_fields(views),
    )


def _joint_fields(views: PredictedViews) -> dict[str, np.ndarray]:
    names = [
        stage.field(name)
        for stage in Stage
        for name in ('keypoints', 'keypoint_scores', 'keypoints_cam')
    ]
    return {
        name: views.predictions[name] for name in names if name in views.predictions
    }
