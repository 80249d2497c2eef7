"""Where a hand of known shape is in each camera, and where the cameras are."""

import torch
from torch import Tensor

from .precision import in_own_precision
from .reweighting import reweighted

_REWEIGHTINGS = 9
# Metres of a joint's two equations below which joints count about the same.
_NEAR_METRES = 1e-3
_RIDGE = 1e-9
# Keeps weights finite where all errors of fit_translations are 0.
_NEAR_ZERO = 1e-6


@in_own_precision
def fit_centres(points: Tensor, rays: Tensor, weights: Tensor) -> tuple[Tensor, Tensor]:
    """Position of a hand of known shape and orientation, from its pixels.

    Each joint gives two equations that are linear in the place c: ``x + c_x
    = u (z + c_z)`` and the like for y, (u, v, 1) being the joint's ray.
    Iterative reweighting takes the influence from single wrong joints.

    Args:
        points (Tensor): Joints in the camera's directions, (..., J, 3)
            metres.
        rays (Tensor): (..., J, 2), pixels without intrinsics.
        weights (Tensor): Non-negative (..., J).

    Returns:
        tuple:
        - Tensor: Places (..., 3) in metres.
        - Tensor: How well each is determined, the matrix of the normal equations
          (..., 3, 3); 0 where nothing is seen or the place is behind the
          camera.
    """
    eye = torch.eye(3, dtype=points.dtype, device=points.device)
    rows = eye[:2] - rays[..., None] * eye[2]
    right = -(rows @ points[..., None])[..., 0]

    def solve(current: Tensor) -> tuple[Tensor, Tensor]:
        weighted = rows * current[..., None, None]
        matrix = (weighted.transpose(-1, -2) @ rows).sum(-3)
        vector = (weighted.transpose(-1, -2) @ right[..., None]).sum(-3)
        return torch.linalg.solve(matrix + _RIDGE * eye, vector), matrix

    def error(solution: tuple[Tensor, Tensor]) -> Tensor:
        centre = solution[0][..., None, :, :]
        return (rows @ centre - right[..., None]).norm(dim=(-1, -2))

    centre, matrix = reweighted(solve, error, weights, _NEAR_METRES, _REWEIGHTINGS)
    centre = centre[..., 0]
    ahead = (centre[..., 2] > 0).to(points)[..., None, None]
    return centre, matrix * ahead


@in_own_precision
def fit_translations(
    R_world2cam: Tensor, centres: Tensor, information: Tensor
) -> tuple[Tensor, Tensor]:
    """Translations of cameras from a point's place in each of them.

    Minimises the sum over time steps and cameras of the length (in the metric
    of ``information``, as depths are known less well than directions) of
    ``R_v X_t + t_v - c_tv``, by reweighted linear least squares with the X_t
    eliminated.

    Args:
        R_world2cam (Tensor): (V, 3, 3).
        centres (Tensor): c, the point in each camera's frame, (T, V, 3).
        information (Tensor): (T, V, 3, 3), 0 for absent.

    Returns:
        tuple:
        - Tensor: t (V, 3), that of the first camera 0.
        - Tensor: X (T, 3), the point in the world.
    """
    num_views = len(R_world2cam)
    eye = torch.eye(3, dtype=centres.dtype, device=centres.device)

    def solve(factor: Tensor) -> tuple[Tensor, Tensor]:
        N = information * factor[..., None, None]
        NR = N @ R_world2cam
        # the ridges are far below any real equation; they keep what no camera
        # sees solvable
        P = torch.linalg.inv((R_world2cam.transpose(-1, -2) @ NR).sum(1) + _RIDGE * eye)
        system = torch.block_diag(*N.sum(0)) - torch.einsum(
            'tvij,tjk,twlk->viwl', NR, P, NR
        ).reshape(3 * num_views, 3 * num_views)
        pull = torch.einsum('tvij,tvi->tj', NR, centres)
        right = torch.einsum('tvij,tvj->vi', N, centres) - torch.einsum(
            'tvij,tjk,tk->vi', NR, P, pull
        )
        system = system + _RIDGE * torch.eye(len(system)).to(system)
        free = torch.linalg.solve(system[3:, 3:], right.flatten()[3:])
        t = torch.cat([free.new_zeros(3), free]).view(num_views, 3)
        X = torch.einsum('tjk,tk->tj', P, pull - torch.einsum('tvij,vi->tj', NR, t))
        return t, X

    def softened_length(solution: tuple[Tensor, Tensor]) -> Tensor:
        """Lengths of the errors, plus a tenth of their median: below that all
        count about the same."""
        t, X = solution
        error = torch.einsum('vij,tj->tvi', R_world2cam, X) + t - centres
        length = torch.einsum('tvi,tvij,tvj->tv', error, information, error)
        # not 0, where the gradient of the root is infinite
        length = length.clamp(min=torch.finfo(length.dtype).tiny).sqrt()
        known = length[information.flatten(2).any(-1)]
        return length + 0.1 * known.median()

    ones = torch.ones_like(centres[..., 0])
    return reweighted(solve, softened_length, ones, _NEAR_ZERO, _REWEIGHTINGS)
