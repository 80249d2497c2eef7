"""Lens distortion: OpenCV's radial-tangential and rational model.

With ``r^2 = x^2 + y^2`` of a point ``(x, y) = (X / Z, Y / Z)`` on the plane
one metre before the camera,

    x' = x radial + 2 p1 x y + p2 (r^2 + 2 x^2)
    y' = y radial + 2 p2 x y + p1 (r^2 + 2 y^2)
    radial = (1 + k1 r^2 + k2 r^4 + k3 r^6) / (1 + k4 r^2 + k5 r^4 + k6 r^6)

and coefficients in OpenCV's order ``(k1, k2, p1, p2[, k3[, k4, k5, k6]])``
(https://docs.opencv.org/4.x/d9/d0c/group__calib3d.html). The four
coefficients of the fisheye model are something else.
"""
from typing import Optional, Tuple

import torch
from torch import Tensor

NUM_COEFFICIENTS = (4, 5, 8)
# Newton's method from the distorted point takes 3 to 6 steps for lenses.
_MAX_STEPS = 20


def pad_distortion(dist: Tensor) -> Tensor:
    """Coefficients (..., k), k in 0, 4, 5, 8, as (..., 8), zeros for absent.

    Raises:
        ValueError: For another number of coefficients.
    """
    number = dist.shape[-1]
    if number not in (0, *NUM_COEFFICIENTS):
        raise ValueError(
            f'a distortion of {number} coefficients is not supported: give '
            '4, 5 or 8 in the order k1, k2, p1, p2, k3, k4, k5, k6 '
            "(cv2.calibrateCamera's; its thin prism and tilt models and the "
            'fisheye model are others), or none')
    return torch.nn.functional.pad(dist, (0, NUM_COEFFICIENTS[-1] - number))


def distort(points: Tensor, dist: Tensor) -> Tensor:
    """Where a lens puts ideal points.

    Args:
        points (Tensor): ``(X / Z, Y / Z)`` in the camera frame, (..., P, 2).
        dist (Tensor): Coefficients (..., k), k one of 0, 4, 5, 8.

    Returns:
        Tensor: Distorted points of the same plane, (..., P, 2).
    """
    return _distort_with_jacobian(points, pad_distortion(dist))[0]


def undistort(points: Tensor, dist: Tensor) -> Tensor:
    """Inverse of :func:`distort`, by Newton's method.

    Args:
        points (Tensor): Distorted points at depth 1, (..., P, 2).
        dist (Tensor): Coefficients (..., k), k one of 0, 4, 5, 8.

    Returns:
        Tensor: Ideal points (..., P, 2); NaN where no point is found, as far
        outside the image for a lens whose model turns back there.
    """
    dist = pad_distortion(dist)
    tolerance = 1e4 * torch.finfo(points.dtype).eps
    ideal = points
    for _ in range(_MAX_STEPS):
        found, (xx, xy, yx, yy) = _distort_with_jacobian(ideal, dist)
        x, y = (points - found).unbind(-1)
        det = xx * yy - xy * yx
        step = torch.stack([yy * x - xy * y, xx * y - yx * x], -1)
        ideal = ideal + step / det[..., None]
        if (step.abs() <= tolerance * 1e-4).all():
            break
    found, (xx, xy, yx, yy) = _distort_with_jacobian(ideal, dist)
    # a negative determinant is the mirror image beyond the turning point
    valid = ((found - points).abs().amax(-1) <= tolerance) & (
        xx * yy - xy * yx > 0)
    return torch.where(valid[..., None], ideal, torch.nan)


def undistort_points(pixels: Tensor,
                     K: Tensor,
                     dist: Optional[Tensor] = None) -> Tensor:
    """Pixels as the same camera without distortion would see them.

    Same as ``cv2.undistortPoints(pixels, K, dist, P=K)``.

    Args:
        pixels (Tensor): Pixels of the real image, (..., P, 2).
        K (Tensor): Intrinsics, (..., 3, 3).
        dist (Tensor, optional): (..., k). None is no distortion.

    Returns:
        Tensor: Pixels (..., P, 2), NaN where :func:`undistort` finds none.
    """
    if dist is None:
        return pixels
    return _to_pixels(undistort(_from_pixels(pixels, K), dist), K)


def project_distorted(points_cam: Tensor,
                      K: Tensor,
                      dist: Optional[Tensor] = None) -> Tensor:
    """Perspective projection through a lens, as ``cv2.projectPoints``.

    Args:
        points_cam (Tensor): Points before the camera, metres, (..., P, 3).
        K (Tensor): Intrinsics in pixels, (..., 3, 3).
        dist (Tensor, optional): (..., k). None is no distortion.

    Returns:
        Tensor: Pixels of the real image, (..., P, 2).
    """
    points = points_cam[..., :2] / points_cam[..., 2:]
    if dist is not None:
        points = distort(points, dist)
    return _to_pixels(points, K)


def _distort_with_jacobian(
        points: Tensor, dist: Tensor) -> Tuple[Tensor, Tuple[Tensor, ...]]:
    """Distorted points (..., P, 2), and their derivatives by the ideal ones
    (dx'/dx, dx'/dy, dy'/dx, dy'/dy), each (..., P)."""
    x, y = points.unbind(-1)
    k1, k2, p1, p2, k3, k4, k5, k6 = dist[..., None, :].unbind(-1)
    r2 = x * x + y * y
    above = 1 + r2 * (k1 + r2 * (k2 + r2 * k3))
    below = 1 + r2 * (k4 + r2 * (k5 + r2 * k6))
    radial = above / below
    # derivative by r^2
    slope = (k1 + r2 * (2 * k2 + r2 * 3 * k3) - radial *
             (k4 + r2 * (2 * k5 + r2 * 3 * k6))) / below
    distorted = torch.stack([
        x * radial + 2 * p1 * x * y + p2 * (r2 + 2 * x * x),
        y * radial + 2 * p2 * x * y + p1 * (r2 + 2 * y * y)
    ], -1)
    across = 2 * x * y * slope + 2 * p1 * x + 2 * p2 * y
    along_x = radial + 2 * x * x * slope + 2 * p1 * y + 6 * p2 * x
    along_y = radial + 2 * y * y * slope + 2 * p2 * x + 6 * p1 * y
    return distorted, (along_x, across, across, along_y)


def _to_pixels(points: Tensor, K: Tensor) -> Tensor:
    return points @ K[..., :2, :2].mT + K[..., None, :2, 2]


def _from_pixels(pixels: Tensor, K: Tensor) -> Tensor:
    return torch.linalg.solve(K[..., :2, :2],
                              (pixels - K[..., None, :2, 2]).mT).mT
