"""OpenCV's distortion model, batched.

With ``r^2 = x^2 + y^2`` of a point ``(x, y) = (X / Z, Y / Z)`` of the plane
one metre before the camera,

    x' = x radial + 2 p1 x y + p2 (r^2 + 2 x^2) + s1 r^2 + s2 r^4
    y' = y radial + 2 p2 x y + p1 (r^2 + 2 y^2) + s3 r^2 + s4 r^4
    radial = (1 + k1 r^2 + k2 r^4 + k3 r^6) / (1 + k4 r^2 + k5 r^4 + k6 r^6)

and, for a sensor that is tilted by ``tau_x, tau_y`` radians against the lens, a
homography of ``(x', y')``. Coefficients are in OpenCV's order ``(k1, k2, p1,
p2[, k3[, k4, k5, k6[, s1, s2, s3, s4[, tau_x, tau_y]]]])``
(https://docs.opencv.org/4.x/d9/d0c/group__calib3d.html).
"""

import torch
from torch import Tensor

NUM_COEFFICIENTS = (0, 4, 5, 8, 12, 14)
# How many a lens without a tilted sensor has.
_UNTILTED = 12
# Coefficients that change their sign in a mirror (x -> -x): p2, s1, s2, tau_y.
_ODD = (3, 8, 9, 13)
# Newton's method from the distorted point takes 3 to 6 steps for lenses.
_MAX_STEPS = 20


def pad_distortion(dist: Tensor) -> Tensor:
    """Coefficients (..., k) as (..., 14), with zeros for absent ones.

    Raises:
        ValueError: If k is not one of :data:`NUM_COEFFICIENTS`.
    """
    number = dist.shape[-1]
    if number not in NUM_COEFFICIENTS:
        raise ValueError(
            f'a distortion of {number} coefficients is not supported: give '
            '4, 5, 8, 12 or 14 in the order k1, k2, p1, p2, k3, k4, k5, k6, '
            "s1, s2, s3, s4, tau_x, tau_y (cv2.calibrateCamera's), or none"
        )
    return torch.nn.functional.pad(dist, (0, NUM_COEFFICIENTS[-1] - number))


def mirror_distortion(dist: Tensor) -> Tensor:
    """Coefficients (..., 14) of the lens seen in a mirror (x -> -x)."""
    sign = dist.new_ones(NUM_COEFFICIENTS[-1])
    sign[list(_ODD)] = -1
    return dist * sign


def distort(points: Tensor, dist: Tensor) -> Tensor:
    """Where a lens puts ideal points.

    Args:
        points (Tensor): ``(X / Z, Y / Z)`` in the camera frame, (..., P, 2).
        dist (Tensor): Coefficients (..., k), k as in :data:`NUM_COEFFICIENTS`.

    Returns:
        Tensor: Distorted points of the same plane, (..., P, 2).
    """
    dist = pad_distortion(dist)
    distorted, _ = distort_with_jacobian(points, dist)
    if dist[..., _UNTILTED:].any():
        distorted = _transform(_tilt(dist[..., _UNTILTED:]), distorted)
    return distorted


def undistort(points: Tensor, dist: Tensor) -> Tensor:
    """Inverse of :func:`distort`, by Newton's method.

    Args:
        points (Tensor): Distorted points at depth 1, (..., P, 2).
        dist (Tensor): Coefficients (..., k), k as in :data:`NUM_COEFFICIENTS`.

    Returns:
        Tensor: Ideal points (..., P, 2); NaN where no point is found, as far
        outside the image for a lens whose model turns back there.
    """
    dist = pad_distortion(dist)
    if dist[..., _UNTILTED:].any():
        points = _transform(_tilt(dist[..., _UNTILTED:]).inverse(), points)
    tolerance = 1e4 * torch.finfo(points.dtype).eps
    ideal = points
    for _ in range(_MAX_STEPS):
        found, (xx, xy, yx, yy) = distort_with_jacobian(ideal, dist)
        x, y = (points - found).unbind(-1)
        det = xx * yy - xy * yx
        step = torch.stack([yy * x - xy * y, xx * y - yx * x], -1)
        ideal = ideal + step / det[..., None]
        if (step.abs() <= tolerance * 1e-4).all():
            break
    found, (xx, xy, yx, yy) = distort_with_jacobian(ideal, dist)
    # beyond a turning point of the model the plane is mirrored or turned over
    upright = (xx * yy - xy * yx > 0) & (xx + yy > 0)
    valid = ((found - points).abs().amax(-1) <= tolerance) & upright
    return torch.where(valid[..., None], ideal, torch.nan)


def distort_with_jacobian(
    points: Tensor, dist: Tensor
) -> tuple[Tensor, tuple[Tensor, ...]]:
    """Distorted points before the tilt of the sensor, and their derivatives.

    Args:
        points (Tensor): Ideal points at depth 1, (..., P, 2).
        dist (Tensor): Coefficients (..., 14).

    Returns:
        tuple: Distorted points (..., P, 2), and ``(dx'/dx, dx'/dy, dy'/dx,
        dy'/dy)``, each (..., P).
    """
    x, y = points.unbind(-1)
    k1, k2, p1, p2, k3, k4, k5, k6, s1, s2, s3, s4 = dist[..., None, :_UNTILTED].unbind(
        -1
    )
    r2 = x * x + y * y
    above = 1 + r2 * (k1 + r2 * (k2 + r2 * k3))
    below = 1 + r2 * (k4 + r2 * (k5 + r2 * k6))
    radial = above / below
    # derivative by r^2
    slope = (
        k1 + r2 * (2 * k2 + r2 * 3 * k3) - radial * (k4 + r2 * (2 * k5 + r2 * 3 * k6))
    ) / below
    distorted = torch.stack(
        [
            x * radial + 2 * p1 * x * y + p2 * (r2 + 2 * x * x) + r2 * (s1 + r2 * s2),
            y * radial + 2 * p2 * x * y + p1 * (r2 + 2 * y * y) + r2 * (s3 + r2 * s4),
        ],
        -1,
    )
    across = 2 * x * y * slope + 2 * p1 * x + 2 * p2 * y
    prism_x, prism_y = 2 * s1 + 4 * r2 * s2, 2 * s3 + 4 * r2 * s4
    along_x = radial + 2 * x * x * slope + 2 * p1 * y + 6 * p2 * x
    along_y = radial + 2 * y * y * slope + 2 * p2 * x + 6 * p1 * y
    return distorted, (
        along_x + prism_x * x,
        across + prism_x * y,
        across + prism_y * x,
        along_y + prism_y * y,
    )


def _tilt(tau: Tensor) -> Tensor:
    """Homographies (..., 3, 3) of sensors tilted by (tau_x, tau_y), (..., 2)."""
    (sin_x, sin_y), (cos_x, cos_y) = tau.sin().unbind(-1), tau.cos().unbind(-1)
    zero, one = torch.zeros_like(sin_x), torch.ones_like(sin_x)

    def matrix(*rows: Tensor) -> Tensor:
        return torch.stack(rows, -1).unflatten(-1, (3, 3))

    R = matrix(cos_y, zero, -sin_y, zero, one, zero, sin_y, zero, cos_y) @ matrix(
        one, zero, zero, zero, cos_x, sin_x, zero, -sin_x, cos_x
    )
    # projected along the optical axis onto the sensor
    depth = R[..., 2, 2]
    return (
        matrix(depth, zero, -R[..., 0, 2], zero, depth, -R[..., 1, 2], zero, zero, one)
        @ R
    )


def _transform(homography: Tensor, points: Tensor) -> Tensor:
    moved = points @ homography[..., :2].mT + homography[..., None, :, 2]
    return moved[..., :2] / moved[..., 2:]
