"""Meshes of several views, brought into each other's frames."""

import torch
from torch import Tensor

from ..geometry import bounded_scale, procrustes_rotation, reweighted
from ..geometry.precision import check_tensors, in_own_precision

# Views that differ by less than these metres agree: reweighting hardly
# prefers one of them.
AGREEMENT_METRES = 0.003
SCALES = ('least_squares', 'symmetric')

_products = in_own_precision(torch.bmm)


def check_scale(scale: str) -> None:
    """Refuse what is none of :data:`SCALES`.

    Raises:
        ValueError: Naming them.
    """
    if scale not in SCALES:
        raise ValueError(
            f"scale should be 'least_squares' or 'symmetric', got {scale!r}"
        )


class ViewAlignment:
    """Aligns every view's points into every other view of its time step.

    The rotation between two views comes from the extrinsics or, where they
    are unknown, from Procrustes analysis; scale and translation are fitted in
    both cases (paper, section 3.2.3, "Results fusion"). As the points only
    enter the fit through their means and 3x3 moments, all pairs are solved by
    two matrix products.

    The target of an alignment is detached: it is the pseudo label. Autocast is
    left out.

    Args:
        points (Tensor): Points of each view in its own frame, (B, V, P, 3).
        mask (Tensor): Present views, bool (B, V).
        R_world2view (Tensor, optional): Rotations from a common frame into
            each view, (B, V, 3, 3); taken in the precision of the points.
        calibrated (Tensor, optional): Time steps whose rotations are known,
            bool (B,). Others use Procrustes analysis. Defaults to all.
        weights (Tensor, optional): How much each view counts in the fusion,
            (B, V). Defaults to the same for all, as in the paper.
        scale (str): 'least_squares' as in the authors' release, or
            'symmetric', the ratio of the two views' sizes (Horn, "Closed-form
            solution of absolute orientation using unit quaternions", JOSA A
            1987). Least squares shrinks a view that disagrees, and so the
            fused hand; both are the same where views agree.
            Defaults to 'least_squares'.
        num_reweightings (int): How often the fusion weighs its views anew by
            how near they are to it, so that a wrong view counts less.
            Defaults to 0: as ``weights`` says.

    Raises:
        TypeError: If points or rotations are no tensors.
        ValueError: For an unknown ``scale``.
    """

    @in_own_precision
    def __init__(
        self,
        points: Tensor,
        mask: Tensor,
        R_world2view: Tensor | None = None,
        calibrated: Tensor | None = None,
        weights: Tensor | None = None,
        scale: str = 'least_squares',
        num_reweightings: int = 0,
    ):
        check_scale(scale)
        check_tensors('ViewAlignment', dict(points=points, R_world2view=R_world2view))
        if R_world2view is not None:
            R_world2view = R_world2view.to(points.dtype)
        self.num_reweightings = num_reweightings
        self.pairs = mask[:, :, None] & mask[:, None]
        self.weights = weights
        # coordinate by coordinate, (B, 3V, P): row (i, a) is coordinate a in view i
        planes = points.transpose(-1, -2).flatten(1, 2)
        self.mean = planes.mean(-1, keepdim=True)  # (B, 3V, 1)
        self.centred = planes - self.mean
        # all moments at once: sum over the points of target_i source_j^T
        moments = torch.bmm(self.centred.detach(), self.centred.transpose(1, 2))
        moments = self._blocks(moments)
        rotation = self._rotation(moments, R_world2view, calibrated)
        spread = self.centred.square().unflatten(1, (-1, 3)).sum((2, 3))
        if scale == 'symmetric':
            size = spread.clamp(min=1e-12).sqrt()
            factor = bounded_scale(size.detach()[:, :, None], size[:, None])
        else:
            agreement = (rotation * moments).sum((2, 4))
            factor = bounded_scale(agreement, spread[:, None])
        self.scaled_rotation = factor[:, :, None, :, None] * rotation

    def aligned(self) -> Tensor:
        """Every view j in the frame of every view i.

        Returns:
            Tensor: (B, V_i, V_j, P, 3); pairs with an absent view hold
            meaningless finite numbers (``pairs`` is False there).
        """
        mean = self.mean.detach().unflatten(1, (-1, 1, 3))
        return (self._moved(3) + mean).transpose(-1, -2)

    def differences(self, dims: int = 3) -> Tensor:
        """Every view j in the frame of every view i, minus view i, which
        receives no gradient.

        Args:
            dims (int): Keep the first coordinates only. Defaults to 3.

        Returns:
            Tensor: (B, V_i, V_j, dims, P); meaningless where :meth:`aligned` is.
        """
        target = self.centred.detach().unflatten(1, (-1, 1, 3))
        return self._moved(dims) - target[:, :, :, :dims]

    def fused(self) -> Tensor:
        """The mean over the views, in the frame of every view: (B, V, P, 3).

        Without weights and reweighting, all views count the same (paper:
        ``M~ = 1/v sum A(M_i*)``).
        """
        weights = self.pairs.to(self.centred.dtype)
        if self.weights is not None:
            weights = weights * self.weights[:, None]
        if not self.num_reweightings:
            return self._weighted_mean(weights)
        # Point by point in memory: on a CPU, PyTorch's norm of coordinates that lie
        # apart takes as long as the rest of a training step.
        aligned = self.aligned().contiguous()
        return reweighted(
            self._weighted_mean,
            lambda fused: (aligned - fused[:, :, None]).norm(dim=-1).mean(-1),
            weights,
            AGREEMENT_METRES,
            self.num_reweightings,
        )

    def _blocks(self, matrix: Tensor) -> Tensor:
        """(B, 3V, 3V), a 3x3 block for each pair of views -> (B, V, 3, V, 3)."""
        num_views = self.pairs.shape[1]
        return matrix.view(-1, num_views, 3, num_views, 3)

    def _moved(self, dims: int) -> Tensor:
        """Every view j turned and scaled as view i, about the origin,
        (B, V_i, V_j, dims, P)."""
        num_views = self.pairs.shape[1]
        # one product for each source view j, with what takes it to all others
        linear = self.scaled_rotation[:, :, :dims].permute(0, 3, 1, 2, 4)
        source = self.centred.unflatten(1, (-1, 3)).flatten(0, 1)
        moved = _products(linear.reshape(-1, num_views * dims, 3), source)
        moved = moved.view(-1, num_views, num_views, dims, moved.shape[-1])
        return moved.transpose(1, 2)

    @in_own_precision
    def _weighted_mean(self, weights: Tensor) -> Tensor:
        """Weights of view j in view i, (B, V_i, V_j) -> (B, V, P, 3)."""
        weights = weights / weights.sum(2, keepdim=True).clamp(min=1e-12)
        linear = self.scaled_rotation * weights[:, :, None, :, None]
        # one (3V x 3V) matrix per time step maps all views to all views
        linear = linear.reshape(-1, *[self.centred.shape[1]] * 2)
        mixed = torch.baddbmm(self.mean, linear, self.centred)
        return mixed.unflatten(1, (-1, 3)).transpose(-1, -2)

    def _rotation(
        self, moments: Tensor, R_world2view: Tensor | None, calibrated: Tensor | None
    ) -> Tensor:
        """R_ij from view j to view i, (B, V_i, 3, V_j, 3); no gradient."""
        known = None
        if R_world2view is not None:
            stacked = R_world2view.flatten(1, 2)
            known = self._blocks(torch.bmm(stacked, stacked.transpose(1, 2)))
            if calibrated is None:
                return known
        # its gradient explodes where the best rotation is hardly unique
        covariance = moments.detach().permute(0, 1, 3, 4, 2)
        estimated = procrustes_rotation(covariance).transpose(2, 3)
        if known is None or calibrated is None:
            return estimated
        return torch.where(calibrated[:, None, None, None, None], known, estimated)
