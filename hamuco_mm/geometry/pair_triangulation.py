"""Points triangulated from each pair of views: hypotheses for robust methods.

Robust triangulation needs the point of each pair of views and its distance from
the labels of the other views. Both are closed forms here, in single
precision about the middle of the cameras.
"""

import math
from collections.abc import Callable
from itertools import combinations
from typing import NamedTuple

import torch
from torch import Tensor

from .precision import in_own_precision

# Errors of hypotheses computed at a time: some MB, which stay in the cache.
CHUNK_ELEMENTS = 2**19


class PairHypotheses(NamedTuple):
    """The J points that each of the H = V (V - 1) / 2 pairs of views gives.

    Attributes:
        points (Tensor): (..., H, J, 3) float32, relative to ``origin``. Not
            finite where the two rays are parallel or a label is NaN.
        errors (Tensor): (..., V, H, J) float32, pixels between the labels and
            the projected points; infinite behind the camera. Good to about
            1e-6 of the image width.
        valid (Tensor): (..., H, J) bool, whether both views of the pair may
            be used.
        origin (Tensor): (..., 3) double, where the points' frame has its
            origin in the world; its axes are the world's.
    """

    points: Tensor
    errors: Tensor
    valid: Tensor
    origin: Tensor


@in_own_precision
def pair_hypotheses(
    points2d: Tensor, projection: Tensor, valid: Tensor
) -> PairHypotheses:
    """Triangulate every pair of views, and project into all views.

    The point of a pair is between the nearest points of its two viewing rays,
    nearer to the ray of the nearer camera: weights that fall with the square
    of the distance make the least angular error of the two.

    Args:
        points2d (Tensor): (..., V, J, 2) pixels.
        projection (Tensor): (..., V, 3, 4), world to pixels.
        valid (Tensor): (..., V, J) bool, labels that may be used.

    Returns:
        PairHypotheses: Of all pairs, (0, 1), (0, 2), ..., (V - 2, V - 1).
    """
    num_views = points2d.shape[-3]
    first, second = (
        torch.tensor(
            list(combinations(range(num_views), 2)),
            dtype=torch.long,
            device=points2d.device,
        )
        .reshape(-1, 2)
        .T
    )
    # a view that is not used may have any camera, or none
    used = valid.any(-1)
    projection = torch.where(
        used[..., None, None],
        projection.double(),
        torch.eye(3, 4).to(projection.device).double(),
    )
    linear = projection[..., :3]
    inverse = torch.linalg.inv_ex(linear).inverse
    centres = -(inverse @ projection[..., 3:])[..., 0]
    used = used & centres.isfinite().all(-1)
    total = torch.where(used[..., None], centres, 0.0).sum(-2)
    origin = total / used.sum(-1, keepdim=True).clamp(min=1)
    centres = (centres - origin[..., None, :]).float()
    directions = _directions(points2d, inverse).float()

    points = _between_rays(
        centres[..., first, None, :],
        directions[..., first, :, :],
        centres[..., second, None, :],
        directions[..., second, :, :],
    )
    offset = projection[..., 3] + (linear @ origin[..., None, :, None])[..., 0]
    errors = _errors(
        points, points2d.float(), torch.cat([linear, offset[..., None]], -1).float()
    )
    return PairHypotheses(
        points, errors, valid[..., first, :] & valid[..., second, :], origin
    )


def choose(values: Tensor, pair: Tensor) -> Tensor:
    """Values (..., V, J) of one pair for each point: from those of all pairs,
    (..., V, H, J), and the pairs' numbers, (..., J)."""
    index = pair[..., None, None, :].expand(*values.shape[:-2], 1, values.shape[-1])
    return values.gather(-2, index).squeeze(-2)


def over_time_steps(
    function: Callable, points2d: Tensor, projection: Tensor, weights: Tensor
) -> tuple[Tensor, ...]:
    """Apply a function to chunks of time steps, so that memory is bounded.

    Args:
        function (callable): Takes points2d (B, V, J, 2), projection
            (B, V, 3, 4) and weights (B, V, J), returns a tuple of tensors
            (B, ...).
        points2d (Tensor): (..., V, J, 2).
        projection (Tensor): (..., V, 3, 4); leading dimensions broadcast.
        weights (Tensor): (..., V, J).

    Returns:
        tuple[Tensor]: What the function returns, each of leading shape (...).
    """
    batch = torch.broadcast_shapes(points2d.shape[:-3], projection.shape[:-3])
    num_views, num_joints = weights.shape[-2:]
    per_step = num_views * num_views * (num_views - 1) // 2 * num_joints
    size = max(1, CHUNK_ELEMENTS // max(1, per_step))
    chunks = [
        function(*chunk)
        for chunk in zip(
            *(
                x.expand(*batch, *x.shape[-n:])
                .reshape(math.prod(batch), *x.shape[-n:])
                .split(size)
                for x, n in ((points2d, 3), (projection, 3), (weights, 2))
            )
        )
    ]
    return tuple(
        torch.cat(parts).reshape(*batch, *parts[0].shape[1:]) for parts in zip(*chunks)
    )


def _directions(points2d: Tensor, inverse: Tensor) -> Tensor:
    """Unit vectors (..., V, J, 3) along the labels' rays in the world."""
    pixels = torch.cat([points2d, torch.ones_like(points2d[..., :1])], -1).double()
    rays = pixels @ inverse.mT
    return torch.nn.functional.normalize(rays, dim=-1)


def _between_rays(
    centre_a: Tensor, ray_a: Tensor, centre_b: Tensor, ray_b: Tensor
) -> Tensor:
    """(..., 3) points between two rays each, see :func:`pair_hypotheses`."""
    # by cross products: exact also for rays that are almost parallel
    normal = torch.linalg.cross(ray_a, ray_b)
    normal = normal / normal.square().sum(-1, keepdim=True)
    baseline = (centre_b - centre_a).expand_as(ray_a)
    range_a = (torch.linalg.cross(baseline, ray_b) * normal).sum(-1, keepdim=True)
    range_b = (torch.linalg.cross(baseline, ray_a) * normal).sum(-1, keepdim=True)
    near_a, near_b = range_b.square(), range_a.square()
    total = near_a + near_b
    return near_a / total * (centre_a + range_a * ray_a) + near_b / total * (
        centre_b + range_b * ray_b
    )


def _errors(points: Tensor, points2d: Tensor, projection: Tensor) -> Tensor:
    """(..., V, H, J) pixels between labels and (..., H, J, 3) points."""
    num_views = projection.shape[-3]
    pairs_and_joints = points.shape[-3:-1]
    flat = points.flatten(-3, -2)
    # row after row, so that what follows runs over contiguous memory
    rows = projection.transpose(-3, -2).flatten(-3, -2)
    local = rows[..., :3] @ flat.mT + rows[..., 3:]
    x, y, z = (
        local.unflatten(-2, (3, num_views)).unflatten(-1, pairs_and_joints).unbind(-4)
    )
    u, v = points2d.unsqueeze(-3).unbind(-1)
    # The sign of det(K R) tells which side of a camera is its front.
    front = torch.linalg.det(projection[..., :3]).sign()[..., None, None]
    errors = torch.hypot(x / z - u, y / z - v)
    return torch.where(z * front > 0, errors, torch.inf)
