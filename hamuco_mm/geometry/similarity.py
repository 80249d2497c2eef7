"""Least-squares similarity transforms between point sets."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from .precision import in_own_precision
from .rotations import largest_row, quaternion_form, quaternion_to_matrix, skew

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

    @in_own_precision
    def apply(self, points: Tensor) -> Tensor:
        """Transform points (..., P, 3)."""
        linear = self.scale[..., None, None] * self.rotation
        moved = linear @ _columns(points)
        return (moved + self.translation[..., None]).transpose(-1, -2)


@in_own_precision
def procrustes_rotation(covariance: Tensor) -> Tensor:
    """The rotation R that maximises ``trace(R @ covariance)``.

    Args:
        covariance (Tensor): ``sum source_k target_k^T`` of centred points,
            shape (..., 3, 3).

    Returns:
        Tensor: Proper rotations (determinant +1) in shape (..., 3, 3): the
        unit quaternion for which Horn's quadratic form is largest ("Closed-form
        solution of absolute orientation using unit quaternions", JOSA A 1987).
        Where several rotations are best, one of them.
    """
    return _ProcrustesRotation.apply(covariance)


@in_own_precision
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


# Squarings of a matrix after which its largest eigenvalue is all that is left: a
# second one that differs from it by 1e-6 counts for less than 1e-7.
_NUM_SQUARINGS = 24
# So many in a row keep the largest eigenvalue, at least 1/2 before, above the
# smallest float32 number.
_SQUARINGS_IN_A_ROW = 6


class _ProcrustesRotation(torch.autograd.Function):
    """The same number of products for every matrix, so that a GPU is not waited
    for, as its SVD does to check convergence."""

    @staticmethod
    def forward(ctx: Any, covariance: Tensor) -> Tensor:
        form = quaternion_form(covariance.to(_exact(covariance)).transpose(-1, -2))
        # the matrices' entries in rows: one row of numbers times another is faster
        # than many products of small matrices
        power = form.reshape(-1, 4, 4).permute(1, 2, 0).contiguous()
        # eigenvalues become 0 to 1; as their sum is 0, the largest gets >= 1/2
        bound = power.square().sum((0, 1)).sqrt()
        bound = bound.clamp(min=torch.finfo(power.dtype).tiny ** 0.5)
        eye = torch.eye(4, dtype=power.dtype, device=power.device)
        power = (power / bound + eye[..., None]) / 2
        for count in range(_NUM_SQUARINGS):
            power = (power[:, :, None] * power).sum(1)
            if (count + 1) % _SQUARINGS_IN_A_ROW == 0:
                power = power / _trace(power.permute(2, 0, 1))
        quaternion = largest_row(power.permute(2, 0, 1))
        quaternion = torch.nn.functional.normalize(quaternion, dim=-1)
        rotation = quaternion_to_matrix(quaternion.view(form.shape[:-1]))
        rotation = rotation.to(covariance)
        ctx.save_for_backward(covariance, rotation)
        return rotation

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        """At the optimum ``S = R C`` is symmetric. A change of C that turns it
        out of symmetry by the vector a turns R by w, ``(trace(S) - S) w = -a``.
        0 where the best rotation is not unique."""
        covariance, rotation = ctx.saved_tensors
        symmetric = rotation @ covariance
        eye = torch.eye(3, dtype=rotation.dtype, device=rotation.device)
        stiffness = _trace(symmetric)[..., None, None] * eye - symmetric
        adjugate = torch.linalg.cross(stiffness.roll(-1, -2), stiffness.roll(-2, -2))
        determinant = (stiffness * adjugate).sum((-1, -2), keepdim=True) / 3
        unique = determinant > 1e-9 * stiffness.abs().amax((-1, -2), keepdim=True) ** 3
        inverse = (adjugate / determinant.where(unique, 1)).where(unique, 0)
        turned = gradient @ rotation.transpose(-1, -2)
        axis = torch.linalg.cross(eye.expand_as(turned), turned, dim=-2)
        turn = inverse.transpose(-1, -2) @ axis.sum(-1, keepdim=True)
        return -rotation.transpose(-1, -2) @ skew(turn.squeeze(-1))


def _exact(values: Tensor) -> torch.dtype:
    """Double precision, where the device has it."""
    return values.dtype if values.device.type == 'mps' else torch.float64


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
    return (agreement / (spread + 1e-12)).clamp(*SCALE_BOUNDS)


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
