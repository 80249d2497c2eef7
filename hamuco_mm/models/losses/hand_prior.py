"""The hand model's prior (paper, section 3.2.3, L_p)."""

from mmpose.registry import MODELS
from torch import Tensor, nn

from ...geometry import matrix_to_axis_angle


def finger_axis_angles(pose: Tensor) -> Tensor:
    """How the fingers are bent from the mean pose.

    Args:
        pose (Tensor): Rotations of the 16 joints relative to the mean pose,
            the first one global, (..., 16, 3, 3).

    Returns:
        Tensor: Rotation vectors in radians, (..., 15, 3).
    """
    return matrix_to_axis_angle(pose[..., 1:, :, :])


@MODELS.register_module()
class HandPosePriorLoss(nn.Module):
    """L1 of the axis-angle finger pose: pulls towards the mean pose.

    The global rotation is free.

    Args:
        loss_weight (float): Defaults to 0.01, as in the authors' release.
    """

    def __init__(self, loss_weight: float = 0.01):
        super().__init__()
        self.loss_weight = loss_weight

    def forward(self, pose: Tensor, finger_angles: Tensor | None = None) -> Tensor:
        """Measure N hands.

        Args:
            pose (Tensor): Rotations relative to the mean pose, (N, 16, 3, 3).
            finger_angles (Tensor, optional): :func:`finger_axis_angles` of
                ``pose``, where they are known already.

        Returns:
            Tensor: Scalar.
        """
        if finger_angles is None:
            finger_angles = finger_axis_angles(pose)
        return self.loss_weight * finger_angles.abs().mean()


@MODELS.register_module()
class HandShapePriorLoss(nn.Module):
    """L1 of the shape coefficients: pulls towards the mean shape.

    Args:
        loss_weight (float): Defaults to 1.
    """

    def __init__(self, loss_weight: float = 1.0):
        super().__init__()
        self.loss_weight = loss_weight

    def forward(self, betas: Tensor) -> Tensor:
        """Coefficients (N, 10) -> scalar."""
        return self.loss_weight * betas.abs().mean()
