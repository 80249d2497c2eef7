"""Losses between the views of a time step (paper, section 3.2.3).

All compare points of the mesh and its joints, in units of 0.2 m. A time step of
one view has nothing to compare: it adds no loss and no gradient, and does not
count in the means.
"""

import torch
from mmpose.registry import MODELS
from torch import Tensor, nn

from ...structures import mean_weights
from ..layers import NORMALISING_LENGTH
from ..view_alignment import ViewAlignment

#: tuple: the losses between views of the paper, by their names in a config
VIEW_LOSSES = ('loss_consistency_2d', 'loss_consistency_fusion', 'loss_distill')


@MODELS.register_module()
class ViewConsistency2DLoss(nn.Module):
    """L_c2D: what view i sees supervises x and y of every view j.

    ``1/v^2 sum_ij |xy(M_i) - xy(A_i(M_j))|``, averaged over the time steps.
    View i's own points are the pseudo label and receive no gradient.

    Args:
        loss_weight (float): Defaults to 1.
    """

    def __init__(self, loss_weight: float = 1.0):
        super().__init__()
        self.loss_weight = loss_weight

    def forward(
        self, alignment: ViewAlignment, weights: Tensor | None = None
    ) -> Tensor:
        """Mean over the pairs of views, then over the time steps.

        Args:
            alignment (ViewAlignment): The views in each other's frames.
            weights (Tensor, optional): ``pair_weights`` of their
                :class:`~hamuco_mm.structures.ViewGroups`, where they are
                known already, (B, V, V).

        Returns:
            Tensor: Scalar.
        """
        error = alignment.differences(dims=2).abs().mean((-1, -2))
        if weights is None:
            # a view differs from itself by rounding only, but the sign of the
            # rounding would still be a gradient
            itself = torch.eye(error.shape[1], dtype=torch.bool, device=error.device)
            weights = mean_weights(alignment.pairs).masked_fill(itself, 0)
        return (error * (self.loss_weight / NORMALISING_LENGTH * weights)).sum()


@MODELS.register_module()
class FusedPointsLoss(nn.Module):
    """L1 between each view's mesh and the fused mesh in its frame.

    With the interaction network's meshes this is the fusion consistency
    L_cf, with the single-view estimator's it is the distillation L_d.

    Args:
        loss_weight (float): Defaults to 1.
    """

    def __init__(self, loss_weight: float = 1.0):
        super().__init__()
        self.loss_weight = loss_weight

    def forward(
        self,
        points: Tensor,
        fused: Tensor,
        mask: Tensor,
        weights: Tensor | None = None,
    ) -> Tensor:
        """Mean over the views, then over the time steps.

        Args:
            points (Tensor): Each view's points in metres, (B, V, P, 3).
            fused (Tensor): The fused points in the frame of each view,
                detached here, (B, V, P, 3).
            mask (Tensor): Present views, bool (B, V).
            weights (Tensor, optional):
                :func:`~hamuco_mm.structures.mean_weights` of ``mask``, where
                they are known already, (B, V).

        Returns:
            Tensor: Scalar.
        """
        error = (points - fused.detach()).abs().mean((-1, -2))
        return over_views(error, self.loss_weight / NORMALISING_LENGTH, mask, weights)


def over_views(
    errors: Tensor, factor: float, mask: Tensor, weights: Tensor | None = None
) -> Tensor:
    """Mean over the views, then over the time steps, times a factor.

    Args:
        errors (Tensor): Of each view, (B, V).
        factor (float): Weight of the loss, in units of the errors.
        mask (Tensor): Present views, bool (B, V).
        weights (Tensor, optional): :func:`~hamuco_mm.structures.mean_weights` of
            ``mask``, where they are known already, (B, V).

    Returns:
        Tensor: Scalar.
    """
    if weights is None:
        weights = mean_weights(mask)
    return (errors * (factor * weights)).sum()
