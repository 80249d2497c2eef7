"""Least-squares similarity transforms between point sets."""

from dataclasses import dataclass

import torch
from torch import Tensor

# A hand seen from another view is never more than a few times larger. The
# bounds keep the scale positive and finite when two point sets disagree.
SCALE_BOUNDS = (0.2, 5.0)


@dataclass(frozen=True)
class Similarity:
    """``target = scale * rotation @ source + translation``.

    Attributes:
        rotation (Tensor): (..., 3, 3).
        scale (Tensor): (...,).
        translation (Tensor): (..., 3).
    """

    rotation: Tensor
    scale: Tensor
    translation: Tensor

    def apply(self, points: Tensor) -> Tensor:
        """Transform points (..., P, 3)."""
        linear = self.scale[..., None, None] * self.rotation
        moved = linear @ _columns(points)
        return (moved + self.translation[..., None]).transpose(-1, -2)


def procrustes_rotation(covariance: Tensor) -> Tensor:
    """The rotation R that maximises ``trace(R @ covariance)``.

    Args:
        covariance (Tensor): ``sum source_k target_k^T`` of centred points,
            shape (..., 3, 3).

    Returns:
        Tensor: Proper rotations (determinant +1) in shape (..., 3, 3).
        Umeyama, "Least-squares estimation of transformation parameters
        between two point patterns", PAMI 1991.
    """
    u, _, vh = torch.linalg.svd(covariance)
    v = vh.transpose(-1, -2)
    flip = torch.linalg.det(v @ u.transpose(-1, -2)).sign()
    signs = torch.stack([torch.ones_like(flip), torch.ones_like(flip), flip], -1)
    return (v * signs[..., None, :]) @ u.transpose(-1, -2)


def umeyama(
    source: Tensor,
    target: Tensor,
    weights: Tensor | None = None,
    with_scale: bool = True,
) -> Similarity:
    """Best similarity from ``source`` onto ``target`` (Procrustes analysis).

    Args:
        source (Tensor): Points in shape (..., P, 3).
        target (Tensor): Corresponding points in shape (..., P, 3).
        weights (Tensor, optional): Non-negative weights (..., P).
        with_scale (bool): Estimate the scale, else keep it at 1.

    Returns:
        Similarity: Rotation, scale and translation in the least-squares
        sense; never a reflection.
    """
    source, target = _columns(source), _columns(target)
    source_mean = _mean(source, weights)
    target_mean = _mean(target, weights)
    centred = source - source_mean
    weighted = centred if weights is None else centred * weights[..., None, :]
    covariance = weighted @ (target - target_mean).transpose(-1, -2)
    rotation = procrustes_rotation(covariance)
    scale = torch.ones_like(rotation[..., 0, 0])
    if with_scale:
        spread = (weighted * centred).sum((-1, -2))
        scale = _trace(rotation @ covariance) / spread.clamp(min=1e-12)
    moved = scale[..., None, None] * (rotation @ source_mean)
    return Similarity(rotation, scale, (target_mean - moved).squeeze(-1))


def bounded_scale(agreement: Tensor, spread: Tensor) -> Tensor:
    """``agreement / spread`` within :data:`SCALE_BOUNDS`, finite at 0 / 0.

    As a least-squares scale, where the rotation is known, it would turn
    negative when two point sets disagree badly.

    Args:
        agreement (Tensor): ``trace(R @ covariance)``, any shape.
        spread (Tensor): Sum of squares of the centred source, broadcast.

    Returns:
        Tensor: Scales.
    """
    return (agreement / spread.clamp(min=1e-12)).clamp(*SCALE_BOUNDS)


def _columns(points: Tensor) -> Tensor:
    """Points (..., P, 3) as (..., 3, P), in memory too: means, differences and
    products along a long row are several times as fast on a CPU as those of
    many rows with three columns."""
    return points.transpose(-1, -2).contiguous()


def _mean(columns: Tensor, weights: Tensor | None = None) -> Tensor:
    if weights is None:
        return columns.mean(-1, keepdim=True)
    weights = weights[..., None, :]
    total = weights.sum(-1, keepdim=True).clamp(min=1e-12)
    return (columns * weights).sum(-1, keepdim=True) / total


def _trace(matrix: Tensor) -> Tensor:
    return matrix.diagonal(dim1=-2, dim2=-1).sum(-1)
