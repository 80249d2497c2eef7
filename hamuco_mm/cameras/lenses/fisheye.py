"""OpenCV's fisheye model (Kannala and Brandt, "A generic camera model and
calibration method for conventional, wide-angle, and fish-eye lenses", PAMI
2006).

A ray at the angle ``theta`` from the optical axis is seen at the distance
``theta (1 + k1 theta^2 + k2 theta^4 + k3 theta^6 + k4 theta^8)`` from the
centre, in focal lengths.
"""

import torch
from torch import Tensor

NUM_COEFFICIENTS = 4
_MAX_STEPS = 30
# Rays further from the axis (radians) do not meet the plane at depth 1.
_MAX_ANGLE = 1.55


def distort_fisheye(points: Tensor, dist: Tensor) -> Tensor:
    """Where a fisheye lens puts ideal points.

    Args:
        points (Tensor): ``(X / Z, Y / Z)`` in the camera frame, (..., P, 2).
        dist (Tensor): Coefficients ``k1, k2, k3, k4``, (..., 4).

    Returns:
        Tensor: Distorted points of the same plane, (..., P, 2).
    """
    radius = points.norm(dim=-1)
    seen, _ = _seen_radius(radius.atan(), dist)
    return points * _ratio(seen, radius)


def undistort_fisheye(points: Tensor, dist: Tensor) -> Tensor:
    """Inverse of :func:`distort_fisheye`, by Newton's method.

    Args:
        points (Tensor): Distorted points at depth 1, (..., P, 2).
        dist (Tensor): (..., 4).

    Returns:
        Tensor: Ideal points (..., P, 2); NaN where there is none before the
        camera.
    """
    radius = points.norm(dim=-1)
    angle = radius.clamp(max=_MAX_ANGLE)
    for _ in range(_MAX_STEPS):
        seen, slope = _seen_radius(angle, dist)
        step = (seen - radius) / slope
        angle = (angle - step).clamp(0, _MAX_ANGLE)
    seen, slope = _seen_radius(angle, dist)
    tolerance = 1e4 * torch.finfo(points.dtype).eps
    valid = ((seen - radius).abs() <= tolerance) & (slope > 0)
    ideal = points * _ratio(angle.tan(), radius)
    return torch.where(valid[..., None], ideal, torch.nan)


def _seen_radius(angle: Tensor, dist: Tensor) -> tuple[Tensor, Tensor]:
    """Distance from the centre of rays (..., P), and its derivative."""
    k1, k2, k3, k4 = dist[..., None, :].unbind(-1)
    squared = angle * angle
    seen = angle * (1 + squared * (k1 + squared * (k2 + squared * (k3 + squared * k4))))
    slope = 1 + squared * (
        3 * k1 + squared * (5 * k2 + squared * (7 * k3 + squared * 9 * k4))
    )
    return seen, slope


def _ratio(length: Tensor, radius: Tensor) -> Tensor:
    """``length / radius`` (..., P, 1), the limit 1 at the centre."""
    central = radius < 1e-12
    ratio = length / torch.where(central, 1.0, radius)
    return torch.where(central, 1.0, ratio)[..., None]
