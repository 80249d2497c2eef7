"""The single view learns features that tell what several views know."""

import torch
from mmpose.registry import MODELS
from torch import Tensor, nn

from ...geometry.precision import at_least_float32
from .multiview import over_views


@MODELS.register_module()
class FeatureDistillLoss(nn.Module):
    """Distillation of features, beside that of meshes.

    From what the single view's head decodes its hand from, a small network tells what
    the head behind the interaction decodes its own from; the loss is 1 minus the cosine
    of the angle between the two. Only the single view learns from it. After the hints of
    Romero et al., "FitNets: Hints for Thin Deep Nets", ICLR 2015.

    Args:
        in_channels (int): Width of the single view's features;
            :class:`~hamuco_mm.models.HaMuCo` knows it.
        out_channels (int): Width of the interaction's features; likewise.
        hidden_channels (int): Width of the small network. Defaults to 512.
        loss_weight (float): Defaults to 1.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        hidden_channels: int = 512,
        loss_weight: float = 1.0,
    ) -> None:
        super().__init__()
        self.predictor = nn.Sequential(
            nn.Linear(in_channels, hidden_channels),
            nn.ReLU(inplace=True),
            nn.Linear(hidden_channels, out_channels),
        )
        self.loss_weight = loss_weight

    def forward(
        self,
        single: Tensor,
        interact: Tensor,
        mask: Tensor,
        weights: Tensor | None = None,
    ) -> Tensor:
        """Mean over the views, then over the time steps.

        Args:
            single (Tensor): Features of each view alone, (B, V, C1).
            interact (Tensor): Behind the interaction, detached here, (B, V, C2).
            mask (Tensor): Present views, bool (B, V).
            weights (Tensor, optional):
                :func:`~hamuco_mm.structures.mean_weights` of ``mask``, where
                they are known already, (B, V).

        Returns:
            Tensor: Scalar.
        """
        told = self.predictor(at_least_float32(single))
        known = at_least_float32(interact.detach())
        distance = 1 - torch.cosine_similarity(told, known, dim=-1)
        return over_views(distance, self.loss_weight, mask, weights)
