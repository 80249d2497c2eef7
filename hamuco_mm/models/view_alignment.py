"""Meshes of several views, brought into each other's frames."""

import torch
from torch import Tensor

from ..geometry import bounded_scale, procrustes_rotation, reweighted

# Views that differ by less than these metres agree: reweighting hardly
# prefers one of them.
AGREEMENT_METRES = 0.003


class ViewAlignment:
    """Aligns every view's points into every other view of its time step.

    The rotation between two views comes from the extrinsics or, where they
    are unknown, from Procrustes analysis; scale and translation are fitted in
    both cases (paper, section 3.2.3, "Results fusion"). As the points only
    enter the fit through their means and 3x3 moments, all pairs are solved by
    two matrix products.

    The target of an alignment is detached: it is the pseudo label.

    Args:
        points (Tensor): Points of each view in its own frame, (B, V, P, 3).
        mask (Tensor): Present views, bool (B, V).
        R_world2view (Tensor, optional): Rotations from a common frame into
            each view, (B, V, 3, 3).
        calibrated (Tensor, optional): Time steps whose rotations are known,
            bool (B,). Others use Procrustes analysis. Defaults to all.
        scale (str): 'least_squares' as in the authors' release, or
            'symmetric', the ratio of the two views' sizes (Horn, "Closed-form
            solution of absolute orientation using unit quaternions", JOSA A
            1987). Least squares shrinks a view that disagrees, and so the
            fused hand; both are the same where views agree.
            Defaults to 'least_squares'.
        num_reweightings (int): How often the fusion weighs its views anew by
            how near they are to it, so that a wrong view counts less.
            Defaults to 0: all count the same, as in the paper.

    Raises:
        ValueError: For an unknown ``scale``.
    """

    def __init__(
        self,
        points: Tensor,
        mask: Tensor,
        R_world2view: Tensor | None = None,
        calibrated: Tensor | None = None,
        scale: str = 'least_squares',
        num_reweightings: int = 0,
    ):
        if scale not in ('least_squares', 'symmetric'):
            raise ValueError(
                f"scale should be 'least_squares' or 'symmetric', got {scale!r}"
            )
        self.num_reweightings = num_reweightings
        self.pairs = mask[:, :, None] & mask[:, None]
        self.mean = points.mean(-2, keepdim=True)
        self.centred = points - self.mean
        covariance = self._covariance()
        rotation = self._rotation(covariance, R_world2view, calibrated)
        spread = self.centred.square().sum((-1, -2))
        if scale == 'symmetric':
            size = spread.clamp(min=1e-12).sqrt()
            factor = bounded_scale(size.detach()[:, :, None], size[:, None])
        else:
            # trace(R_ij C_ij), C_ij = sum of source_j target_i^T
            agreement = (rotation.transpose(-1, -2) * covariance).sum((-1, -2))
            factor = bounded_scale(agreement, spread[:, None])
        self.scaled_rotation = factor[..., None, None] * rotation

    def aligned(self, dims: int = 3) -> Tensor:
        """Every view j in the frame of every view i.

        Args:
            dims (int): Keep the first coordinates only. Defaults to 3.

        Returns:
            Tensor: (B, V_i, V_j, P, dims); pairs with an absent view hold
            meaningless finite numbers (``pairs`` is False there).
        """
        linear = self.scaled_rotation[..., :dims, :]
        moved = self.centred[:, None] @ linear.transpose(-1, -2)
        return moved + self.mean.detach()[:, :, None, :, :dims]

    def fused(self) -> Tensor:
        """The mean over the views, in the frame of every view: (B, V, P, 3).

        Without reweighting, all views count the same (paper:
        ``M~ = 1/v sum A(M_i*)``).
        """
        present = self.pairs.to(self.centred.dtype)
        if not self.num_reweightings:
            return self._weighted_mean(present)
        aligned = self.aligned()
        return reweighted(
            self._weighted_mean,
            lambda fused: (aligned - fused[:, :, None]).norm(dim=-1).mean(-1),
            present,
            AGREEMENT_METRES,
            self.num_reweightings,
        )

    def _weighted_mean(self, weights: Tensor) -> Tensor:
        """Weights of view j in view i, (B, V_i, V_j) -> (B, V, P, 3)."""
        weights = weights / weights.sum(2, keepdim=True).clamp(min=1e-12)
        linear = self.scaled_rotation * weights[..., None, None]
        # one (3V x 3V) matrix per time step maps all views to all views
        num_views, num_points = self.centred.shape[1:3]
        linear = linear.transpose(2, 3).flatten(3).flatten(1, 2)
        stacked = self.centred.transpose(-1, -2).flatten(1, 2)
        mixed = (linear @ stacked).view(-1, num_views, 3, num_points)
        return mixed.transpose(-1, -2) + self.mean

    def _covariance(self) -> Tensor:
        """C_ij = sum over points of source_j target_i^T, (B, V, V, 3, 3)."""
        num_views = self.centred.shape[1]
        stacked = self.centred.transpose(-1, -2).flatten(1, 2)
        products = stacked @ stacked.detach().transpose(-1, -2)
        products = products.view(-1, num_views, 3, num_views, 3)
        return products.permute(0, 3, 1, 2, 4)

    def _rotation(
        self, covariance: Tensor, R_world2view: Tensor | None, calibrated: Tensor | None
    ) -> Tensor:
        """R_ij from view j to view i, (B, V, V, 3, 3); no gradient."""
        known = None
        if R_world2view is not None:
            known = R_world2view[:, :, None] @ R_world2view[:, None].transpose(-1, -2)
            if calibrated is None:
                return known
        # the gradient of an SVD explodes at equal singular values
        estimated = procrustes_rotation(covariance.detach())
        if known is None or calibrated is None:
            return estimated
        return torch.where(calibrated[:, None, None, None, None], known, estimated)
