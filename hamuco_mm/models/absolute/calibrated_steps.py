"""Time steps of a batch that are seen by several calibrated cameras."""

from dataclasses import dataclass
from typing import Any, Optional

import numpy as np
import torch
from torch import Tensor

from ...cameras import Camera, Cameras, calibrated_camera, stack_cameras
from ...structures import group_sizes

# Fills the places without a view.
_NO_VIEW = Camera(np.eye(3), np.eye(3), np.zeros(3))


@dataclass(frozen=True)
class CalibratedSteps:
    """S time steps of up to V calibrated views each, in double precision.

    Attributes:
        rows (list[list[int]]): Which rows of the batch are the calibrated
            views of each time step.
        mask (Tensor): True where a view is present, bool (S, V).
        cameras (Cameras): Of the original images, (S, V); arbitrary in
            places without a view.
        crop_width (Tensor): Width of the network's crop in pixels of the
            original image, (S, V).
    """

    rows: list[list[int]]
    mask: Tensor
    cameras: Cameras
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
        steps: list[list[int]] = []
        start = 0
        for size in group_sizes(data_samples):
            calibrated = [row for row in range(start, start + size) if cameras[row]]
            if len(calibrated) >= 2:
                steps.append(calibrated)
            start += size
        if not steps:
            return None

        shape = (len(steps), max(map(len, steps)))
        mask = torch.zeros(shape, dtype=torch.bool)
        width = torch.ones(shape).double()
        grid = []
        for step, rows in enumerate(steps):
            mask[step, : len(rows)] = True
            for view, row in enumerate(rows):
                scale = data_samples[row].metainfo['input_scale']
                width[step, view] = float(np.ravel(scale)[0])
            grid += [cameras[row] or _NO_VIEW for row in rows]
            grid += [_NO_VIEW] * (shape[1] - len(rows))
        return cls(steps, mask, stack_cameras(grid).reshape(*shape), width)

    def stack(self, data_samples: list, field: str) -> Tensor:
        """A field (1, ...) of ``pred_instances`` of all views as a grid
        (S, V, ...), zeros in places without a view."""
        values = np.concatenate(
            [
                data_samples[row].pred_instances.get(field)[:1]
                for rows in self.rows
                for row in rows
            ],
            dtype=np.float64,
        )
        grid = np.zeros((*self.mask.shape, *values.shape[1:]))
        grid[self.mask.numpy()] = values
        return torch.from_numpy(grid)


def _camera(metainfo: dict[str, Any]) -> Camera | None:
    """None where K, R or t is missing."""
    name = (
        f'the view frame_id={metainfo.get("frame_id")} '
        f'camera_id={metainfo.get("camera_id")}'
    )
    return calibrated_camera(metainfo.get('camera_param'), name)
