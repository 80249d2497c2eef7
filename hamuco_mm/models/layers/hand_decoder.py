import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from ...geometry import (
    axis_angle_to_matrix,
    matrix_to_rot6d,
    project_weak_perspective,
    rot6d_to_matrix,
)
from ...geometry.precision import at_least_float32
from ...hand_model import HandParameters, MANOLayer
from ...hand_model.topology import NUM_BETAS, NUM_ROTATIONS, ROOT_JOINT
from ...structures import HandEstimate

# With this many crop sides per metre, the mean hand (about 0.19 m long) fills its
# crop: the first projection has the right size (uv = 2 * s * x + t).
FILLING_SCALE = 4.0


class HandDecoder(nn.Module):
    """Turns raw regression outputs into a hand; all heads share it.

    Finger rotations are relative to the hand model's mean pose, so that
    output 0 is the mean hand and the pose prior pulls towards it. The camera
    scale passes through a softplus, which cannot die as a ReLU can.

    Args:
        path (str, optional): The hand model's file, see
            :class:`~hamuco_mm.hand_model.MANOLayer`.
        side (str): ``'right'`` or ``'left'``.
        fingertips (str | Sequence[int], optional): Fingertip vertices.
        joints (str, optional): What a detector calls the joints.

    Attributes:
        hand_model (dict): These arguments, which a head lends to data sets.
    """

    num_pose = NUM_ROTATIONS * 6
    num_betas = NUM_BETAS
    num_camera = 3

    mean_rotations: Tensor
    identity_rot6d: Tensor

    def __init__(
        self,
        path: str | None = None,
        side: str = 'right',
        fingertips: str | Sequence[int] | None = None,
        joints: str | None = None,
    ) -> None:
        super().__init__()
        self.hand_model: dict[str, Any] = dict(
            path=path, side=side, fingertips=fingertips, joints=joints
        )
        self.hand = MANOLayer(path, side, fingertips, joints)
        mean = axis_angle_to_matrix(self.hand.mean_pose)
        eye = torch.eye(3).expand(1, 3, 3)
        self.register_buffer('mean_rotations', torch.cat([eye, mean]), persistent=False)
        self.register_buffer(
            'identity_rot6d',
            matrix_to_rot6d(torch.eye(3).expand(NUM_ROTATIONS, 3, 3)).flatten(),
            persistent=False,
        )
        self.rest_scale = math.log(math.expm1(FILLING_SCALE))

    def forward(self, pose: Tensor, betas: Tensor, camera: Tensor) -> HandEstimate:
        """Decode in float32 or better, also under autocast: geometry needs it.

        Args:
            pose (Tensor): 6D rotations minus the identity's, so 0 is the mean
                pose, (N, 96).
            betas (Tensor): Shape coefficients, (N, 10).
            camera (Tensor): Raw scale and translation, 0 for a hand in
                the middle that fills the crop, (N, 3).

        Returns:
            HandEstimate: The hand, root-relative.
        """
        with torch.autocast(pose.device.type, enabled=False):
            rot6d = at_least_float32(pose) + self.identity_rot6d
            rotations = rot6d_to_matrix(rot6d.unflatten(-1, (-1, 6)))
            betas = at_least_float32(betas)
            scale, translation = at_least_float32(camera).split([1, 2], -1)
            scale = nn.functional.softplus(scale + self.rest_scale)
            return self.from_parameters(
                rotations, betas, torch.cat([scale, translation], -1)
            )

    def from_parameters(
        self,
        rotations: Tensor,
        betas: Tensor,
        camera: Tensor,
        keypoint_scales: Tensor | None = None,
    ) -> HandEstimate:
        """Hands of given parameters, as a :class:`HandEstimate` has them; not to be
        called under autocast.

        Args:
            rotations (Tensor): Its ``pose``, (N, 16, 3, 3).
            betas (Tensor): Shape coefficients, (N, 10).
            camera (Tensor): Scale and translation, (N, 3).
            keypoint_scales (Tensor, optional): (N, 21).
        """
        posed = self.hand(self.mean_rotations @ rotations, betas)
        mesh = posed.root_relative()
        return HandEstimate(
            mesh=mesh,
            pose=rotations,
            betas=betas,
            camera=camera,
            keypoints_2d=project_weak_perspective(mesh.joints, camera),
            origin=posed.joints[..., ROOT_JOINT, :],
            keypoint_scales=keypoint_scales,
        )

    def hand_parameters(
        self, estimate: HandEstimate, R_cam2crop: Tensor | None = None
    ) -> HandParameters:
        """The hand model's parameters that give the meshes of an estimate.

        Args:
            estimate (HandEstimate): N hands of this decoder.
            R_cam2crop (Tensor, optional): Rotations from the frames in which
                the hands are wanted into those of the estimate, (N, 3, 3).
                Defaults to the frames of the estimate.

        Returns:
            HandParameters: Of N root-relative hands.
        """
        with torch.autocast(estimate.pose.device.type, enabled=False):
            in_crop = HandParameters.from_rotations(
                self.mean_rotations @ estimate.pose, estimate.betas, -estimate.origin
            )
            if R_cam2crop is None:
                return in_crop
            return in_crop.turned(R_cam2crop.mT, self.hand)

    def encode_camera(self, camera: Tensor) -> Tensor:
        """Inverse of what :meth:`forward` does to raw cameras, (..., 3)."""
        scale = camera[..., :1]
        # the inverse of softplus, written so that no exponential overflows
        raw = scale + torch.log(-torch.expm1(-scale)) - self.rest_scale
        return torch.cat([raw, camera[..., 1:]], -1)
