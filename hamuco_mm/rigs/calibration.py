"""Calibrate rigs from predictions, and compare with the truth."""

from dataclasses import dataclass, replace

import numpy as np
import torch

from ..cameras import Camera, Cameras, unstack_cameras
from ..evaluation.hand_metrics import MM_PER_M
from ..geometry.relative_poses import RigEstimate, estimate_relative_poses
from ..geometry.rotation_averaging import average_rotations, rotation_angle
from ..structures import PredictedViews, Stage, camera_order
from ..utils.frame_names import sequence_of


@dataclass(frozen=True, eq=False)
class RigCalibration:
    """The estimate of one rig, and what it was made from.

    Attributes:
        names (list[str]): Ids of the V cameras, numbers or names.
        time_steps (list[tuple[str, str]]): Sequence and frame of each of T.
        cameras (Cameras): Of the real images, (T, V): given intrinsics and
            lenses, estimated extrinsics; K is NaN where not seen.
        M_true (np.ndarray): World to camera (V, 4, 4), NaN if unknown.
        estimate (RigEstimate): Poses, and how certain they are.
    """

    names: list[str]
    time_steps: list[tuple[str, str]]
    cameras: Cameras
    M_true: np.ndarray
    estimate: RigEstimate

    @property
    def M(self) -> np.ndarray:
        """World to camera, (V, 4, 4) metres."""
        M = np.tile(np.eye(4), (len(self.names), 1, 1))
        M[:, :3, :3] = self.estimate.R_world2cam
        M[:, :3, 3] = self.estimate.t_world2cam
        return M

    @property
    def has_lenses(self) -> bool:
        """Whether a camera is not ideal."""
        return self.cameras.lens is not None

    def cameras_at(self, time_step: int | None = None) -> dict[str, Camera]:
        """The cameras by their ids.

        Args:
            time_step (int, optional): Whose intrinsics. Defaults to each
                camera's first, also where it was not seen in this one.
        """
        known = np.isfinite(self.cameras.K.numpy()).all((-1, -2))
        chosen = known.argmax(0)
        if time_step is not None:
            chosen = np.where(known[time_step], time_step, chosen)
        cameras = self.cameras[chosen, np.arange(len(self.names))]
        return dict(zip(self.names, unstack_cameras(cameras), strict=True))

    def errors(self) -> dict[str, np.ndarray] | None:
        """Differences from the true cameras, None where they are unknown.

        The world frame is free: the estimate is first turned by the robust
        mean of the cameras' rotations to the truth, and moved by the mean of
        their centres. Its size is not changed.

        Returns:
            dict: ``rotation_deg`` and ``centre_mm`` (V,), ``relative_deg``
            (V,), the mean angle between true and estimated rotations to the
            other cameras, which needs no alignment, and ``size``, the
            estimated distances between cameras divided by the true ones.
        """
        if not np.isfinite(self.M_true).all():
            return None
        true = torch.from_numpy(self.M_true)
        R_true, t_true = true[:, :3, :3], true[:, :3, 3]
        R, t = self.estimate.R_world2cam, self.estimate.t_world2cam
        gauge = average_rotations(R.transpose(-1, -2) @ R_true)
        centres, centres_true = (
            -(r.transpose(-1, -2) @ x[..., None])[..., 0]
            for r, x in ((R @ gauge, t), (R_true, t_true))
        )
        centres = centres - centres.mean(0)
        centres_true = centres_true - centres_true.mean(0)
        relative = rotation_angle(
            R[:, None] @ R.transpose(-1, -2), R_true[:, None] @ R_true.transpose(-1, -2)
        )
        return dict(
            rotation_deg=rotation_angle(R @ gauge, R_true).rad2deg().numpy(),
            relative_deg=relative.rad2deg().sum(1).numpy() / (len(R) - 1),
            centre_mm=MM_PER_M * (centres - centres_true).norm(dim=-1).numpy(),
            size=float(centres.norm() / centres_true.norm()),
        )

    def summary(self) -> dict:
        """Figures of each camera and, where known, errors; for JSON."""
        estimate = self.estimate
        rows = {
            'time_steps': estimate.num_time_steps.tolist(),
            'rotation_spread_deg': estimate.rotation_spread.rad2deg().tolist(),
            'reprojection_px': estimate.reprojection_error.tolist(),
        }
        for name, value in (self.errors() or {}).items():
            rows[name] = np.asarray(value).tolist()
        return dict(cameras=self.names, **rows)


def rows_by_sequence(views: PredictedViews) -> dict[str, np.ndarray]:
    """Row numbers of each sequence, in the order of their names."""
    names = np.array([sequence_of(frame) for frame in views.frame_id])
    return {str(name): np.flatnonzero(names == name) for name in np.unique(names)}


def calibrate_rig(
    views: PredictedViews,
    stage: Stage | str = Stage.INTERACT,
    keypoints: str = 'labels',
    intrinsics: np.ndarray | None = None,
    max_time_steps: int = 1000,
) -> RigCalibration:
    """Estimate the poses of cameras that did not move.

    Args:
        views (PredictedViews): Of one rig. Extrinsics only serve
            ``RigCalibration.M_true``.
        stage (Stage | str): Stage of the 3D joints: 'single' or 'interact'.
        keypoints (str): Which 2D joints: 'labels' of the data set, such as
            those of a 2D detector, with their confidences; or 'predicted'.
        intrinsics (np.ndarray, optional): K of the cameras, one row per
            id, (C, 3, 3) pixels. Defaults to those of the data set.
        max_time_steps (int): Use at most this many, evenly spread: each takes
            about 0.2 MB of memory.

    Raises:
        ValueError: If a camera has no intrinsics, or if there are too few
            cameras or time steps, or such joints are not there.
    """
    names = sorted(set(views.camera_id.tolist()), key=camera_order)
    columns = np.array([names.index(name) for name in views.camera_id])
    if intrinsics is not None:
        K = intrinsics[camera_numbers(names, len(intrinsics))][columns]
        cameras = replace(views.cameras, K=torch.from_numpy(K).double())
        views = replace(views, cameras=cameras)
    given = views.cameras.as_arrays()
    known = np.isfinite(given['K']).all((1, 2))
    if not known.all():
        raise ValueError(
            'the intrinsics of cameras '
            f'{sorted(set(views.camera_id[~known].tolist()))} are unknown: '
            'the data set has no camera_param for them (no calib folder, or '
            'with_calib=False). Give them with --intrinsics'
        )
    views = views.undistorted()
    joints = _field(
        views.predictions,
        Stage(stage).field('keypoints_cam'),
        "choose the stage 'single' for a model without view_neck",
    )
    if keypoints == 'labels':
        pixels = _field(views.ground_truth, 'keypoints', 'take the predicted ones')
        weights = _field(
            views.ground_truth, 'keypoints_visible', 'take the predicted ones'
        )
    else:
        pixels = _field(
            views.predictions, Stage(stage).field('keypoints'), 'take the labels'
        )
        weights = np.ones(pixels.shape[:2])
    # a lens may not see what a label says
    weights = np.where(np.isfinite(pixels).all(-1), weights, 0)

    steps, rows = np.unique(views.frame_id, return_inverse=True)

    def grid(values: np.ndarray) -> np.ndarray:
        """Rows as (T, V, ...), NaN where not seen."""
        table = np.full((len(steps), len(names), *values.shape[1:]), np.nan)
        table[rows, columns] = values
        return table

    joints, pixels, weights = map(grid, (joints, pixels, weights))
    arrays = {name: grid(values) for name, values in given.items()}
    R_true, t_true = arrays.pop('R'), arrays.pop('t')
    number = min(len(steps), max_time_steps)
    used = np.arange(number) * len(steps) // number
    try:
        estimate = estimate_relative_poses(
            torch.from_numpy(joints[used]),
            torch.from_numpy(pixels[used]),
            torch.from_numpy(arrays['K'][used]),
            weights=torch.from_numpy(np.nan_to_num(weights[used])),
        )
    except ValueError as error:
        raise ValueError(f'{error}. The cameras are {names}') from error
    # the cameras stand still, so that any time step has the true ones
    M_true = np.tile(np.eye(4), (len(names), 1, 1))
    first = np.isfinite(t_true).all(-1).argmax(0), np.arange(len(names))
    M_true[:, :3, :3], M_true[:, :3, 3] = R_true[first], t_true[first]
    time_steps = [tuple(step.rpartition('/')[::2]) for step in steps.tolist()]
    cameras = Cameras.from_arrays(arrays)
    shape = cameras.shape
    cameras = replace(
        cameras,
        R_world2cam=estimate.R_world2cam.expand(*shape, 3, 3),
        t_world2cam=estimate.t_world2cam.expand(*shape, 3),
    )
    return RigCalibration(names, time_steps, cameras, M_true, estimate)


def camera_numbers(cameras: list[str], number: int) -> list[int]:
    """Ids of cameras, or names cam0, cam1, ..., as rows of a file that has
    ``number`` of them.

    Raises:
        ValueError: If one is no row.
    """
    rows = [name.removeprefix('cam') for name in cameras]
    strange = [
        name
        for name, row in zip(cameras, rows)
        if not row.isdecimal() or int(row) >= number
    ]
    if strange:
        raise ValueError(
            "HanCo's calibration files have a row for each camera id; "
            f'{strange} are not rows 0 to {number - 1}. Number the cameras '
            'from 0'
        )
    return [int(row) for row in rows]


def _field(fields: dict, name: str, remedy: str) -> np.ndarray:
    if name not in fields:
        raise ValueError(f'the views have no {name}; {remedy}')
    return fields[name]
