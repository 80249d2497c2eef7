"""Triangulation of points seen by several calibrated cameras.

All functions are batched over any leading dimensions and over the points;
there is no loop over samples, views or joints.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from .pair_triangulation import choose, over_time_steps, pair_hypotheses
from .precision import in_own_precision


class RansacTriangulation(NamedTuple):
    """Result of :func:`triangulate_ransac`.

    Attributes:
        points (Tensor): (..., J, 3) world points, in the unit of the cameras'
            translations (metres). NaN where fewer than two views are valid.
        inliers (Tensor): (..., V, J) bool, the views each point rests on.
    """

    points: Tensor
    inliers: Tensor


@in_own_precision
def triangulate_dlt(
    points2d: Tensor, projection: Tensor, weights: Tensor | None = None
) -> Tensor:
    """Triangulate by the direct linear transform (Hartley & Zisserman, 12.2).

    Pixel coordinates are conditioned with each camera's own focal length and
    principal point, read off its projection matrix, so the result depends
    neither on the image size nor on how badly other points are labelled.

    Args:
        points2d (Tensor): (..., V, J, 2) pixels. Entries without weight may
            hold anything, also NaN.
        projection (Tensor): (..., V, 3, 4) ``K [R | t]``, world to pixels.
        weights (Tensor, optional): (..., V, J) non-negative factors of each
            view's two equations; 0 leaves the view out. Defaults to ones.

    Returns:
        Tensor: (..., J, 3) world points, NaN where fewer than two views have
        a positive weight. The dtype is that of ``points2d``; the algebra
        runs in double precision.

    Raises:
        ValueError: If the shapes do not agree.
    """
    weights = check_inputs(points2d, projection, weights)
    rows = _dlt_rows(points2d, projection, weights)
    points = _solve(rows, (weights > 0).sum(-2))
    return points.to(points2d.dtype)


@in_own_precision
def triangulate_ransac(
    points2d: Tensor,
    projection: Tensor,
    weights: Tensor | None = None,
    threshold: float = 10.0,
) -> RansacTriangulation:
    """Triangulate robustly, trying every pair of views as the hypothesis.

    For each point on its own: the pair whose point agrees with the most views
    wins (ties go to the smaller reprojection error), and the point is
    triangulated anew, by weighted DLT, from all views that agree. With V
    views there are V (V - 1) / 2 pairs (28 for 8), so exhaustive search is
    cheaper than sampling, and deterministic.

    Args:
        points2d (Tensor): (..., V, J, 2) pixels, see :func:`triangulate_dlt`.
        projection (Tensor): (..., V, 3, 4) ``K [R | t]``, world to pixels.
        weights (Tensor, optional): (..., V, J). Views with weight 0 take no
            part; the others vote equally and are weighted in the final DLT.
        threshold (float): A view is an inlier when the point reprojects less
            than this many pixels from its label, in front of the camera.

    Returns:
        RansacTriangulation: Points and inlier mask. Where no pair agrees with
        itself, i.e. no point has two inliers, the point is the DLT of all
        valid views and has no inliers. NaN with fewer than two valid views.

    Raises:
        ValueError: If the shapes do not agree or the threshold is not
            positive.
    """
    weights = check_inputs(points2d, projection, weights)
    if not threshold > 0:
        raise ValueError(f'threshold must be positive, got {threshold}')

    def ransac(points2d, projection, weights):
        inliers = _largest_agreement(points2d, projection, weights > 0, threshold)
        return triangulate_agreeing(points2d, projection, weights, inliers), inliers

    return RansacTriangulation(*over_time_steps(ransac, points2d, projection, weights))


@in_own_precision
def triangulate_agreeing(
    points2d: Tensor, projection: Tensor, weights: Tensor, inliers: Tensor
) -> Tensor:
    """Weighted DLT of each point from its inliers alone.

    Args:
        points2d (Tensor): (..., V, J, 2) pixels, see :func:`triangulate_dlt`.
        projection (Tensor): (..., V, 3, 4) ``K [R | t]``, world to pixels.
        weights (Tensor): (..., V, J) non-negative.
        inliers (Tensor): (..., V, J) bool.

    Returns:
        Tensor: (..., J, 3) world points. A point without inliers is that of
        all views with a weight.
    """
    used = inliers | ~inliers.any(-2, keepdim=True)
    return triangulate_dlt(points2d, projection, weights * used)


def _largest_agreement(
    points2d: Tensor, projection: Tensor, valid: Tensor, threshold: float
) -> Tensor:
    """Inliers (B, V, J) of the pair of views that most views agree with."""
    if valid.shape[-2] < 2:
        return torch.zeros_like(valid)
    hypotheses = pair_hypotheses(points2d, projection, valid)
    agrees = valid.unsqueeze(-2) & (hypotheses.errors < threshold)
    count = agrees.sum(-3)
    # The fraction only breaks ties: each term is below 1 / (V + 1).
    cost = torch.where(agrees, hypotheses.errors / threshold, 0.0).sum(-3)
    score = count - cost / (valid.shape[-2] + 1)
    score = score.masked_fill(~hypotheses.valid | (count < 2), 0.0)
    score, best = score.max(-2)
    return choose(agrees, best) & (score > 0).unsqueeze(-2)


def check_inputs(
    points2d: Tensor, projection: Tensor, weights: Tensor | None
) -> Tensor:
    """Check the shapes and return double weights with shape (..., V, J)."""
    if points2d.ndim < 3 or points2d.shape[-1] != 2:
        raise ValueError(
            f'points2d must have shape (..., V, J, 2), got {tuple(points2d.shape)}'
        )
    num_views = points2d.shape[-3]
    if projection.shape[-3:] != (num_views, 3, 4):
        raise ValueError(
            f'projection must have shape (..., {num_views}, 3, 4) to go with '
            f'points2d {tuple(points2d.shape)}, got {tuple(projection.shape)}'
        )
    if weights is None:
        return points2d.new_ones(points2d.shape[:-1], dtype=torch.float64)
    if weights.shape[-2:] != points2d.shape[-3:-1]:
        raise ValueError(
            f'weights must have shape (..., {num_views}, '
            f'{points2d.shape[-2]}), got {tuple(weights.shape)}'
        )
    return weights.double().expand(points2d.shape[:-1])


def _conditioning(projection: Tensor) -> Tensor:
    """(..., 3, 4) cameras in calibrated pixels: focal length 1, centre 0.

    Returns the affine map as (..., 3): scale and offset of x and y, with the
    scale shared so that pixels stay square: normalised = (px - offset) * scale
    """
    block = projection[..., :3]
    gram = block @ block.mT  # = K K^T up to scale, R drops out
    gram = gram / gram[..., 2:, 2:]
    offset = gram[..., :2, 2]
    focal_squared = gram[..., 0, 0] + gram[..., 1, 1] - (offset**2).sum(-1)
    scale = (focal_squared / 2).rsqrt()
    return torch.cat([scale[..., None], offset], -1)


def _dlt_rows(points2d: Tensor, projection: Tensor, weights: Tensor) -> Tensor:
    """(..., V, J, 2, 4) homogeneous equations, zero where weights are 0."""
    projection = projection.double()
    scale_offset = _conditioning(projection)
    scale, offset = scale_offset[..., :1], scale_offset[..., 1:]
    depth_row = projection[..., 2:, :]
    norm = depth_row[..., :3].norm(dim=-1, keepdim=True)
    pixel_rows = projection[..., :2, :] - offset[..., None] * depth_row
    pixel_rows = pixel_rows * scale[..., None] / norm
    depth_row = depth_row / norm

    points = points2d.double() - offset.unsqueeze(-2)
    points = points * scale.unsqueeze(-2)
    rows = points.unsqueeze(-1) * depth_row.unsqueeze(-3) - pixel_rows.unsqueeze(-3)
    weights = weights[..., None, None]
    # before the product, so that no NaN reaches the gradient of a weight 0
    return weights * torch.where(weights > 0, rows, 0.0)


def _solve(rows: Tensor, num_valid: Tensor) -> Tensor:
    """(..., V, J, 2, 4) equations -> (..., J, 3) least-squares points."""
    normal = torch.einsum('...vjri,...vjrk->...jik', rows, rows)
    # eigh refuses NaN and infinity; such points come out as NaN below.
    usable = (num_valid >= 2) & normal.isfinite().all(-1).all(-1)
    normal = torch.where(usable[..., None, None], normal, 0.0)
    homogeneous = torch.linalg.eigh(normal).eigenvectors[..., 0]
    points = homogeneous[..., :3] / homogeneous[..., 3:]
    return torch.where(usable[..., None], points, torch.nan)
