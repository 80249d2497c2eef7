"""Bundle adjustment of cameras that look at a hand of roughly known shape."""

from dataclasses import dataclass

import torch
from torch import Tensor

from .precision import in_own_precision
from .projection import project, world_to_camera
from .rotations import axis_angle_to_matrix
from .similarity import umeyama

# Pixels: labels are never better, and a smaller unit would leave nothing of
# the prior when they are exact.
_MIN_PIXEL_SIGMA = 0.05
# Residuals beyond this many standard deviations lose influence (Cauchy's loss
# keeps 95 % of least squares' efficiency with it).
_CAUCHY = 2.385
# Points nearer to a camera's plane than this, metres, do not count.
_MIN_DEPTH = 0.02


@dataclass(frozen=True, eq=False)
class Bundle:
    """Cameras, and points over time, in one world frame.

    Attributes:
        R_world2cam (Tensor): (V, 3, 3).
        t_world2cam (Tensor): (V, 3) metres.
        points (Tensor): (T, J, 3) metres.
    """

    R_world2cam: Tensor
    t_world2cam: Tensor
    points: Tensor


@in_own_precision
def reprojection(bundle: Bundle, K: Tensor) -> tuple[Tensor, Tensor]:
    """Pixels (T, V, J, 2) of a bundle's points, of which those behind a camera
    count as just in front of it, and their depths (T, V, J) in metres."""
    local = world_to_camera(
        bundle.points[:, None], bundle.R_world2cam, bundle.t_world2cam
    )
    return project(local, K, _MIN_DEPTH), local[..., 2]


def pixel_sigma(residual: Tensor, weights: Tensor) -> Tensor:
    """Standard deviation of one coordinate of residuals (..., 2) in pixels,
    from the median distance."""
    distance = residual.norm(dim=-1)[weights > 0]
    # the median distance of two normal coordinates is 1.1774 of theirs
    return (distance.median() / 1.1774).clamp(min=_MIN_PIXEL_SIGMA)


def view_costs(
    bundle: Bundle, keypoints: Tensor, weights: Tensor, K: Tensor, sigma: Tensor
) -> Tensor:
    """Robust cost (Cauchy) of the reprojection in each camera, (V,).

    Args:
        bundle (Bundle): Cameras and points.
        keypoints (Tensor): Finite pixels, (T, V, J, 2).
        weights (Tensor): (T, V, J).
        K (Tensor): (T, V, 3, 3).
        sigma (Tensor): Standard deviation of the keypoints in pixels.
    """
    pixels, depth = reprojection(bundle, K)
    squared = (pixels - keypoints).square().sum(-1) / sigma**2
    loss = _CAUCHY**2 * torch.log1p(squared / _CAUCHY**2)
    # a point that slips behind a camera must not look like a gain
    loss = torch.where(depth > _MIN_DEPTH, loss, 2 * loss.detach().max())
    return (weights * loss).sum((0, 2))


@in_own_precision
def refine_bundle(
    bundle: Bundle,
    shapes: Tensor,
    keypoints: Tensor,
    weights: Tensor,
    K: Tensor,
    num_iterations: int = 30,
    shape_sigma: float = 0.01,
) -> Bundle:
    """Refine cameras and points on their reprojection (Triggs et al., "Bundle
    adjustment - a modern synthesis", 1999).

    Minimises a robust (Cauchy) sum of reprojection errors plus the squared
    distance of each frame's points from a given shape, whose position and
    rotation are free. The shape settles the size, which pictures leave open,
    and what few views cannot see. Levenberg-Marquardt, with the points of
    each frame eliminated; pixel noise is estimated on the way. The first
    camera stays where it is.

    Args:
        bundle (Bundle): Where to start.
        shapes (Tensor): Hand of each frame at any place, (T, J, 3) metres.
        keypoints (Tensor): (T, V, J, 2) pixels; entries without weight may
            hold anything.
        weights (Tensor): (T, V, J) non-negative, 0 for unseen.
        K (Tensor): (T, V, 3, 3) intrinsics.
        num_iterations (int): Steps.
        shape_sigma (float): How far points may be from the shape, metres.

    Returns:
        Bundle: The refined one.
    """
    keypoints = torch.where(weights[..., None] > 0, keypoints, 0)
    damping = 1e-3
    for _ in range(num_iterations):
        pixels, _ = reprojection(bundle, K)
        sigma = pixel_sigma(pixels - keypoints, weights)
        cost = _cost(bundle, shapes, keypoints, weights, K, sigma, shape_sigma)
        system = _normal_equations(
            bundle, shapes, keypoints, weights, K, sigma, shape_sigma
        )
        for _ in range(6):
            moved = _step(bundle, system, damping)
            if _cost(moved, shapes, keypoints, weights, K, sigma, shape_sigma) < cost:
                bundle, damping = moved, damping / 5
                break
            damping = damping * 5
        else:
            break
    return bundle


def _nearest_shapes(bundle: Bundle, shapes: Tensor) -> Tensor:
    return umeyama(shapes, bundle.points, with_scale=False).apply(shapes)


def _cost(
    bundle: Bundle,
    shapes: Tensor,
    keypoints: Tensor,
    weights: Tensor,
    K: Tensor,
    sigma: Tensor,
    shape_sigma: float,
) -> Tensor:
    prior = (bundle.points - _nearest_shapes(bundle, shapes)).square().sum()
    return (
        view_costs(bundle, keypoints, weights, K, sigma).sum() + prior / shape_sigma**2
    )


def _normal_equations(
    bundle: Bundle,
    shapes: Tensor,
    keypoints: Tensor,
    weights: Tensor,
    K: Tensor,
    sigma: Tensor,
    shape_sigma: float,
) -> tuple[Tensor, ...]:
    """Gauss-Newton blocks: cameras (V, 6), points (T, 3J), and both."""
    pixels, depth = reprojection(bundle, K)
    residual = (pixels - keypoints) / sigma
    robust = 1 / (1 + residual.square().sum(-1) / _CAUCHY**2)
    factor = (weights * robust * (depth > _MIN_DEPTH)).sqrt()[..., None]
    turned = bundle.points[:, None] @ bundle.R_world2cam.transpose(-1, -2)
    # d pixel / d point in the camera frame
    K = K[:, :, None]
    scale = depth.clamp(min=_MIN_DEPTH)[..., None, None] * sigma
    d_local = (K[..., :2, :] - pixels[..., None] * K[..., 2:, :]) / scale
    d_local = factor[..., None] * d_local
    residual = factor * residual
    # a camera turned by w about its own centre moves a point by w x turned
    d_turn = torch.linalg.cross(
        turned[..., None, :].expand_as(d_local), d_local, dim=-1
    )
    d_camera = torch.cat([d_turn, d_local], -1)
    d_point = d_local @ bundle.R_world2cam[:, None]

    num_frames, num_views, num_points = weights.shape
    A = torch.einsum('tvjri,tvjrk->vik', d_camera, d_camera)
    a = torch.einsum('tvjri,tvjr->vi', d_camera, residual)
    B = torch.einsum('tvjri,tvjrk->tvijk', d_camera, d_point)
    B = B.reshape(num_frames, 6 * num_views, 3 * num_points)
    blocks = torch.einsum('tvjri,tvjrk->tjik', d_point, d_point)
    C = blocks.new_zeros(num_frames, num_points, 3, num_points, 3)
    index = torch.arange(num_points)
    C[:, index, :, index] = blocks.transpose(0, 1)
    C = C.flatten(3).flatten(1, 2)
    c = torch.einsum('tvjri,tvjr->tji', d_point, residual).flatten(1)
    target = _nearest_shapes(bundle, shapes)
    C = C + _rigid_complement(target) / shape_sigma**2
    c = c + (bundle.points - target).flatten(1) / shape_sigma**2
    return A, a, B, C, c


def _rigid_complement(shape: Tensor) -> Tensor:
    """Projection (T, 3J, 3J) that leaves out rigid motions of (T, J, 3): the
    distance from a shape that may move does not change along them."""
    eye = torch.eye(3, dtype=shape.dtype, device=shape.device)
    moves = eye.expand(*shape.shape, 3)
    turns = torch.linalg.cross(
        eye.expand(*shape.shape, 3), shape[..., None].expand(*shape.shape, 3), dim=-2
    )
    rigid = torch.cat([moves, turns], -1).flatten(1, 2)
    basis = torch.linalg.qr(rigid).Q
    identity = torch.eye(basis.shape[1], dtype=shape.dtype, device=shape.device)
    return identity - basis @ basis.transpose(-1, -2)


def _step(bundle: Bundle, system: tuple[Tensor, ...], damping: float) -> Bundle:
    """Solve with the points eliminated, the first camera held."""
    A, a, B, C, c = system
    num_views = len(A)
    A, C = _damped(A, damping), _damped(C, damping)
    camera = torch.block_diag(*A)[6:, 6:]
    B = B[:, 6:]
    solved = torch.linalg.solve(C, torch.cat([B.transpose(-1, -2), c[..., None]], -1))
    reduced = camera - (B @ solved[..., :-1]).sum(0)
    right = a.flatten()[6:] - (B @ solved[..., -1:]).sum(0)[:, 0]
    move = torch.linalg.solve(reduced, right)
    shift = solved[..., -1] - solved[..., :-1] @ move
    move = torch.cat([move.new_zeros(6), move]).view(num_views, 6)
    return Bundle(
        axis_angle_to_matrix(-move[:, :3]) @ bundle.R_world2cam,
        bundle.t_world2cam - move[:, 3:],
        bundle.points - shift.view_as(bundle.points),
    )


def _damped(blocks: Tensor, damping: float) -> Tensor:
    diagonal = blocks.diagonal(dim1=-2, dim2=-1)
    return blocks + torch.diag_embed(damping * diagonal + 1e-9)
