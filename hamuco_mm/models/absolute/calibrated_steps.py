"""The time steps of a batch that several calibrated cameras see."""

from dataclasses import dataclass
from typing import Optional

import numpy as np
import torch
from torch import Tensor

from ...cameras.lenses.opencv import NUM_COEFFICIENTS, pad_distortion
from ...structures import group_sizes

# How far R R^T may be from the identity: files hold rounded numbers.
_ROTATION_TOLERANCE = 1e-3


@dataclass(frozen=True)
class CalibratedSteps:
    """S time steps of up to V calibrated views each, in double precision.

    Attributes:
        rows (list[list[int]]): Which rows of the batch are the calibrated
            views of each time step.
        mask (Tensor): True where a view is present, bool (S, V).
        K (Tensor): Intrinsics of the original image, (S, V, 3, 3); the
            identity where no view is, as for R.
        R_world2cam (Tensor): (S, V, 3, 3).
        t_world2cam (Tensor): Metres, (S, V, 3).
        dist (Tensor): Distortion, zeros where there is none, (S, V, 12).
        fisheye (Tensor): Cameras whose ``dist`` is of the fisheye model, bool
            (S, V).
        crop_width (Tensor): Width of the network's crop in pixels of the
            original image, (S, V).
    """

    rows: list[list[int]]
    mask: Tensor
    K: Tensor
    R_world2cam: Tensor
    t_world2cam: Tensor
    dist: Tensor
    fisheye: Tensor
    crop_width: Tensor

    @classmethod
    def from_data_samples(cls, data_samples: list) -> Optional['CalibratedSteps']:
        """Read the metainfo's ``camera_param`` and ``input_scale``.

        Views without a whole camera (K, R and t) and time steps with fewer
        than two calibrated views are left out.

        Args:
            data_samples (list[PoseDataSample]): N views, those of a time step
                next to each other.

        Returns:
            CalibratedSteps | None: None if no time step is left.

        Raises:
            ValueError: If a camera has wrong shapes, numbers that are not
                finite, or an R that is no rotation.
        """
        cameras = [_camera(sample.metainfo) for sample in data_samples]
        steps, start = [], 0
        for size in group_sizes([sample.metainfo for sample in data_samples]):
            rows = range(start, start + size)
            rows = [row for row in rows if cameras[row] is not None]
            if len(rows) >= 2:
                steps.append(rows)
            start += size
        if not steps:
            return None

        shape = (len(steps), max(map(len, steps)))
        mask, fisheye = (torch.zeros(shape, dtype=torch.bool) for _ in range(2))
        eye = torch.eye(3).double()
        K, R = (eye.repeat(*shape, 1, 1) for _ in range(2))
        t = torch.zeros(*shape, 3).double()
        dist = torch.zeros(*shape, NUM_COEFFICIENTS[-1]).double()
        width = torch.ones(shape).double()
        for step, rows in enumerate(steps):
            for view, row in enumerate(rows):
                at = step, view
                mask[at] = True
                K[at], R[at], t[at], dist[at], fisheye[at] = cameras[row]
                width[at] = float(
                    np.ravel(data_samples[row].metainfo['input_scale'])[0]
                )
        return cls(steps, mask, K, R, t, dist, fisheye, width)

    def stack(self, data_samples: list, field: str) -> Tensor:
        """A field (1, ...) of ``pred_instances`` of all views as a grid
        (S, V, ...), zeros where no view is."""
        values = [
            [
                torch.as_tensor(data_samples[row].pred_instances.get(field)[0])
                for row in rows
            ]
            for rows in self.rows
        ]
        grid = values[0][0].new_zeros(
            *self.mask.shape, *values[0][0].shape, dtype=torch.float64
        )
        for step, views in enumerate(values):
            grid[step, : len(views)] = torch.stack(views).double()
        return grid


def _camera(metainfo: dict):
    """K, R, t, 12 coefficients and whether they are a fisheye's; None where
    K, R or t is missing."""
    camera = metainfo.get('camera_param') or {}
    if any(camera.get(key) is None for key in 'KRt'):
        return None
    arrays = [
        _array(camera, metainfo, *expected)
        for expected in (('K', (3, 3)), ('R', (3, 3)), ('t', (3,)))
    ]
    rotation = arrays[1]
    off = rotation @ rotation.mT - torch.eye(3)
    if off.abs().max() > _ROTATION_TOLERANCE or torch.det(rotation) < 0:
        raise ValueError(
            f"camera_param['R'] of {_name(metainfo)} is no rotation: give "
            'the 3x3 matrix from the world to the camera (OpenCV: x right, y '
            'down, z forward), not a reflection'
        )
    lens = camera.get('dist')
    lens = (
        torch.zeros(0)
        if lens is None
        else torch.as_tensor(np.ravel(np.asarray(lens, np.float64)))
    )
    fisheye = camera.get('distortion_model') == 'fisheye'
    if fisheye and len(lens) not in (0, 4):
        raise ValueError(
            f"camera_param['dist'] of {_name(metainfo)}: a "
            f'fisheye has 4 coefficients, not {len(lens)}'
        )
    try:
        return (*arrays, pad_distortion(lens.double()), fisheye)
    except ValueError as error:
        raise ValueError(
            f"camera_param['dist'] of {_name(metainfo)}: {error}"
        ) from error


def _array(camera: dict, metainfo: dict, key: str, shape: tuple) -> Tensor:
    array = np.asarray(camera[key], np.float64)
    if array.size != np.prod(shape) or not np.isfinite(array).all():
        raise ValueError(
            f'camera_param[{key!r}] of {_name(metainfo)} should be finite '
            f'numbers of shape {shape}, got shape {array.shape}'
        )
    return torch.from_numpy(array.reshape(shape))


def _name(metainfo: dict) -> str:
    return (
        f'the view frame_id={metainfo.get("frame_id")} '
        f'camera_id={metainfo.get("camera_id")}'
    )
