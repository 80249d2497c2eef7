"""The hand model's prior (paper, section 3.2.3, L_p)."""

from mmpose.registry import MODELS
from torch import Tensor, nn

from ...geometry import matrix_to_axis_angle


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

    def forward(self, pose: Tensor) -> Tensor:
        """Rotations relative to the mean pose (N, 16, 3, 3) -> scalar."""
        axis_angle = matrix_to_axis_angle(pose[:, 1:])
        return self.loss_weight * axis_angle.abs().mean()


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
