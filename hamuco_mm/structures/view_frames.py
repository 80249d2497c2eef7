"""Which rows of a batch belong together, and the rotations of their frames."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from mmpose.structures import PoseDataSample
from torch import Tensor

from .crop_rotations import cam_to_crop_rotations, world_to_crop_rotations
from .tensor_tree import TensorTree
from .view_groups import ViewGroups


@dataclass(frozen=True)
class ViewFrames(TensorTree):
    """What is known about N views besides their images.

    Attributes:
        groups (ViewGroups): Which rows are views of the same time step.
        R_cam2crop (Tensor): Rotations from the camera frames into the frames
            of the crops, (N, 3, 3).
        R_world2crop (Tensor): Rotations from the world into the frame of each
            crop, the identity where not known, (N, 3, 3).
        calibrated (Tensor | None): Rows whose rotation is known, bool (N,);
            None if all are.
    """

    groups: ViewGroups
    R_cam2crop: Tensor
    R_world2crop: Tensor
    calibrated: Tensor | None

    @classmethod
    def from_data_samples(
        cls,
        data_samples: Sequence[PoseDataSample],
        device: torch.device | str = 'cpu',
    ) -> 'ViewFrames':
        """Read groups and rotations from the metainfo of N samples.

        Raises:
            ValueError: If the views of a time step are incomplete or out of
                order.
        """
        R_cam2crop = cam_to_crop_rotations(data_samples, 'cpu')
        R_world2crop, known = world_to_crop_rotations(data_samples, R_cam2crop)
        frames = cls(
            groups=ViewGroups.from_data_samples(data_samples),
            R_cam2crop=R_cam2crop,
            R_world2crop=R_world2crop,
            calibrated=None if all(known) else torch.tensor(known),
        )
        return frames.to(device)

    def padded_rotations(self) -> tuple[Tensor, Tensor | None]:
        """The rotations in the grid of :class:`ViewGroups`.

        Returns:
            tuple:
            - Tensor: ``R_world2crop`` (B, V, 3, 3).
            - Tensor | None: Time steps whose views are all calibrated,
              bool (B,); None if all time steps are.
        """
        rotations = self.groups.to_padded(self.R_world2crop)
        if self.calibrated is None:
            return rotations, None
        known = self.groups.to_padded(self.calibrated) | ~self.groups.mask
        return rotations, known.all(1)
