"""Where a root-relative hand stands, from its 2D joints in several cameras.

The paper's "Opt-Center" (HaMuCo, section 4.3.2): "using the 2D predictions of
different views to triangulate and refine a center".
"""

from dataclasses import replace
from typing import NamedTuple

import torch
from torch import Tensor

from ..geometry.similarity import SCALE_BOUNDS
from .cameras import Cameras

# Points nearer to the camera plane (metres) cannot be projected.
_MIN_DEPTH = 1e-3


class CenterFit(NamedTuple):
    """Result of :func:`fit_center`.

    Attributes:
        center (Tensor): Origin of the joints in the world, metres, (..., 3).
            NaN where fewer than two views have a joint with weight.
        scale (Tensor): Factor on the joints, (...,); ones unless fitted.
        reprojection_error (Tensor): Distance of the placed joints from the
            2D ones in pixels of the real image, lens included, (..., V, J),
            whatever their weight.
    """

    center: Tensor
    scale: Tensor
    reprojection_error: Tensor

    def place(self, points: Tensor) -> Tensor:
        """Root-relative points (..., P, 3) into the world."""
        return points * self.scale[..., None, None] + self.center[..., None, :]


def fit_center(
    joints: Tensor,
    points2d: Tensor,
    cameras: Cameras,
    weights: Tensor | None = None,
    noise: float = 10.0,
    with_scale: bool = False,
    num_steps: int = 15,
) -> CenterFit:
    """Place a hand of known pose so that it projects onto its 2D joints.

    First a closed form: each joint in each view gives two equations that are
    linear in the centre (and the scale). They are solved by least squares for
    all views together and for every pair of views; the solution with the
    smallest robust cost starts the refinement, so that a wrong view cannot
    lead it astray as long as two others agree. Then Gauss-Newton steps on the
    reprojection error, iteratively reweighted for Geman and McClure's cost
    ``sum w e^2 / (e^2 + noise^2)``, damped where they would not lower it.

    Batched over leading dimensions, no loop over samples, views or joints.

    Args:
        joints (Tensor): Root-relative joints turned into the world's
            orientation, metres, (..., J, 3).
        points2d (Tensor): Their 2D predictions, pixels, (..., V, J, 2).
            Entries without weight may hold anything, also NaN.
        cameras (Cameras): (..., V), with extrinsics.
        weights (Tensor, optional): Non-negative, (..., V, J); 0 leaves a
            joint out. Defaults to ones. Joints outside what the lens can see
            are left out, too, and so are views of cameras that are not
            :attr:`~hamuco_mm.cameras.Cameras.calibrated`.
        noise (float): Pixels beyond which a joint counts as wrong.
        with_scale (bool): Also fit one factor of the joints, within
            :data:`~hamuco_mm.geometry.similarity.SCALE_BOUNDS`.
        num_steps (int): Gauss-Newton steps.

    Returns:
        CenterFit: In double precision.

    Raises:
        ValueError: If the shapes do not agree or noise is not positive.
    """
    weights = _check(joints, points2d, cameras, weights)
    if not noise > 0:
        raise ValueError(f'noise must be positive, got {noise}')
    joints, observed, cameras = joints.double(), points2d.double(), cameras.double()
    known = cameras.calibrated
    cameras = _with_any_camera_for(~known, cameras)
    ideal = cameras.undistort(observed)
    usable = (weights > 0) & ideal.isfinite().all(-1) & known[..., None]
    enough = usable.any(-1).sum(-1) >= 2
    weights = torch.where(usable & enough[..., None, None], weights, 0.0)
    ideal = torch.where((weights > 0)[..., None], ideal, 0.0)

    problem = _Problem(joints, ideal, cameras.pinhole(), weights, noise, with_scale)
    placement = problem.refine(problem.initial(), num_steps)

    local = problem.camera_points(placement[..., None, :]).squeeze(-4)
    error = (cameras.project(local) - observed).norm(dim=-1)
    return CenterFit(
        center=torch.where(enough[..., None], placement[..., :3], torch.nan),
        scale=placement[..., 3],
        reprojection_error=torch.where(enough[..., None, None], error, torch.nan),
    )


def _with_any_camera_for(unknown: Tensor, cameras: Cameras) -> Cameras:
    """Finite numbers where there are none: times the weight 0 they are 0."""
    R, t = cameras.extrinsics
    eye = torch.eye(3, dtype=R.dtype, device=R.device)
    of_view = unknown[..., None, None]
    return replace(
        cameras,
        K=torch.where(of_view, eye, cameras.K),
        R_world2cam=torch.where(of_view, eye, R),
        t_world2cam=torch.where(unknown[..., None], 0.0, t),
    )


class _Problem:
    """Least squares for placements ``(x, y, z, scale)``, (..., 4)."""

    def __init__(
        self,
        joints: Tensor,
        points2d: Tensor,
        cameras: Cameras,
        weights: Tensor,
        noise: float,
        with_scale: bool,
    ):
        self.joints = joints
        self.points2d = points2d
        self.cameras = cameras
        self.K = cameras.K
        self.R, self.t = cameras.extrinsics
        self.weights = weights
        self.noise = noise
        self.with_scale = with_scale

    def initial(self) -> Tensor:
        """The best of the closed-form solutions."""
        normal = self._linear_equations()
        num_views = normal.shape[-3]
        first, second = torch.triu_indices(
            num_views, num_views, 1, device=normal.device
        )
        candidates = torch.cat(
            [
                normal.sum(-3, keepdim=True),
                normal[..., first, :, :] + normal[..., second, :, :],
            ],
            -3,
        )
        placements = self._solve_linear(candidates)
        best = self._cost(placements).argmin(-1)
        index = best[..., None, None].expand(*best.shape, 1, 4)
        return placements.gather(-2, index).squeeze(-2)

    def refine(self, placement: Tensor, num_steps: int) -> Tensor:
        """Damped Gauss-Newton steps (Levenberg-Marquardt)."""
        damping = torch.full_like(placement[..., 0], 1e-6)
        cost = self._cost(placement[..., None, :]).squeeze(-1)
        for _ in range(num_steps):
            normal, gradient = self._normal_equations(placement)
            diagonal = normal.diagonal(dim1=-2, dim2=-1)
            damped = normal + torch.diag_embed(diagonal * damping[..., None] + 1e-12)
            # joints at one point leave scale and place open, so that there may be no
            # solution: whatever stands in its place counts if it lowers the cost
            moved = placement - torch.linalg.solve_ex(damped, gradient).result
            moved = self._bounded(moved)
            moved_cost = self._cost(moved[..., None, :]).squeeze(-1)
            lower = moved_cost < cost
            placement = torch.where(lower[..., None], moved, placement)
            cost = torch.where(lower, moved_cost, cost)
            damping = torch.where(lower, damping / 10, damping * 10)
        return placement

    def _linear_equations(self) -> Tensor:
        """Augmented normal matrices of each view, (..., V, 5, 5).

        ``(r_1 - u r_3) (c + s x) = u t_3 - t_1`` for each joint x and its
        point u on the plane at depth 1, likewise for the second row.
        """
        plane = self.cameras.to_plane(self.points2d)
        R, t = self.R[..., None, :, :], self.t[..., None, :]
        by_center = R[..., :2, :] - plane[..., None] * R[..., 2:, :]
        by_scale = torch.einsum('...vjrk,...jk->...vjr', by_center, self.joints)
        right = plane * t[..., 2:] - t[..., :2]
        # angles to pixels, as these have the known noise
        focal = self.K.diagonal(dim1=-2, dim2=-1)[..., :2].mean(-1)
        rows = (
            torch.cat([by_center, by_scale[..., None], right[..., None]], -1)
            * focal[..., None, None, None]
        )
        return torch.einsum('...vj,...vjri,...vjrk->...vik', self.weights, rows, rows)

    def _solve_linear(self, augmented: Tensor) -> Tensor:
        """Augmented normal matrices (..., 5, 5) to placements (..., 4)."""
        free = 4 if self.with_scale else 3
        normal = augmented[..., :free, :free]
        right = augmented[..., :free, 4]
        if not self.with_scale:
            right = right - augmented[..., :3, 3]
        # two views that look along one line leave the depth open
        size = normal.diagonal(dim1=-2, dim2=-1).sum(-1)[..., None]
        ridge = torch.diag_embed((1e-13 * size + 1e-12).expand_as(right))
        solved = torch.linalg.solve(normal + ridge, right)
        if not self.with_scale:
            solved = torch.cat([solved, torch.ones_like(solved[..., :1])], -1)
        return self._bounded(solved)

    def _normal_equations(self, placement: Tensor) -> tuple[Tensor, Tensor]:
        """J^T W J (..., 4, 4) and J^T W r (..., 4) at placements (..., 4)."""
        local = self.camera_points(placement[..., None, :])
        residual = self._residual(local).squeeze(-4)
        local = local.squeeze(-4)
        depth = local[..., 2:].clamp(min=_MIN_DEPTH)
        # d pixel / d local = [K_2x2, -K_2x2 (x, y) / z] / z
        block = self.K[..., None, :2, :2]
        slope = -block @ (local[..., :2] / depth)[..., None]
        by_local = (
            torch.cat([block.expand(*slope.shape[:-1], 2), slope], -1)
            / depth[..., None]
        )
        by_center = by_local @ self.R[..., None, :, :]
        by_scale = torch.einsum('...vjrk,...jk->...vjr', by_center, self.joints)[
            ..., None
        ]
        if not self.with_scale:
            by_scale = torch.zeros_like(by_scale)
        jacobian = torch.cat([by_center, by_scale], -1)
        # derivative of e^2 / (e^2 + noise^2) by e^2, up to a factor
        robust = (1 + residual.square().sum(-1) / self.noise**2) ** -2
        weights = self.weights * robust
        normal = torch.einsum(
            '...vj,...vjri,...vjrk->...ik', weights, jacobian, jacobian
        )
        gradient = torch.einsum(
            '...vj,...vjri,...vjr->...i', weights, jacobian, residual
        )
        return normal, gradient

    def _cost(self, placements: Tensor) -> Tensor:
        """Geman and McClure's cost of H placements, (..., H, 4) -> (..., H).

        A point behind a camera counts as infinitely far off.
        """
        local = self.camera_points(placements)
        squared = self._residual(local).square().sum(-1)
        cost = squared / (squared + self.noise**2)
        cost = torch.where(local[..., 2] > _MIN_DEPTH, cost, 1.0)
        return (cost * self.weights[..., None, :, :]).sum((-1, -2))

    def camera_points(self, placements: Tensor) -> Tensor:
        """The joints of H placements (..., H, 4) in each camera's frame,
        (..., H, V, J, 3)."""
        world = (
            placements[..., None, :3]
            + placements[..., None, 3:] * self.joints[..., None, :, :]
        )
        return self.cameras[..., None, :].to_camera(world[..., None, :, :])

    def _residual(self, local: Tensor) -> Tensor:
        """Pixels (..., H, V, J, 2) off of camera points (..., H, V, J, 3)."""
        plane = local[..., :2] / local[..., 2:].clamp(min=_MIN_DEPTH)
        pixels = self.cameras[..., None, :].from_plane(plane)
        return pixels - self.points2d[..., None, :, :, :]

    @staticmethod
    def _bounded(placement: Tensor) -> Tensor:
        scale = placement[..., 3:].clamp(*SCALE_BOUNDS)
        return torch.cat([placement[..., :3], scale], -1)


def _check(
    joints: Tensor, points2d: Tensor, cameras: Cameras, weights: Tensor | None
) -> Tensor:
    """Check the shapes and return double weights (..., V, J)."""
    num_joints = joints.shape[-2]
    if points2d.shape[-2:] != (num_joints, 2):
        raise ValueError(
            f'points2d must have shape (..., V, {num_joints}, 2) to go with '
            f'joints {tuple(joints.shape)}, got {tuple(points2d.shape)}'
        )
    if cameras.shape[-1:] != points2d.shape[-3:-2]:
        raise ValueError(
            f'K must have shape (..., {points2d.shape[-3]}, 3, 3) to go with '
            f'points2d {tuple(points2d.shape)}, got {tuple(cameras.K.shape)}'
        )
    if weights is None:
        return points2d.new_ones(points2d.shape[:-1], dtype=torch.float64)
    if weights.shape[-2:] != points2d.shape[-3:-1]:
        raise ValueError(
            f'weights must have shape (..., {points2d.shape[-3]}, '
            f'{num_joints}), got {tuple(weights.shape)}'
        )
    return weights.double().expand(points2d.shape[:-1])
