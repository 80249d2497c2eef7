"""Lens distortion: OpenCV's models, batched.

With ``r^2 = x^2 + y^2`` of a point ``(x, y) = (X / Z, Y / Z)`` on the plane
one metre before the camera,

    x' = x radial + 2 p1 x y + p2 (r^2 + 2 x^2) + s1 r^2 + s2 r^4
    y' = y radial + 2 p2 x y + p1 (r^2 + 2 y^2) + s3 r^2 + s4 r^4
    radial = (1 + k1 r^2 + k2 r^4 + k3 r^6) / (1 + k4 r^2 + k5 r^4 + k6 r^6)

and coefficients in OpenCV's order ``(k1, k2, p1, p2[, k3[, k4, k5, k6[, s1,
s2, s3, s4]]])`` (https://docs.opencv.org/4.x/d9/d0c/group__calib3d.html).
The four coefficients of the fisheye model are something else, see
:mod:`~hamuco_mm.cameras.lenses.fisheye`; cameras of both kinds may share a batch.
"""

import torch
from torch import Tensor

from .fisheye import distort_fisheye, undistort_fisheye

NUM_COEFFICIENTS = (4, 5, 8, 12)
# Newton's method from the distorted point takes 3 to 6 steps for lenses.
_MAX_STEPS = 20


def pad_distortion(dist: Tensor) -> Tensor:
    """Coefficients (..., k), k in 0, 4, 5, 8, 12, as (..., 12) with zeros for
    absent ones.

    Raises:
        ValueError: For another number of coefficients; OpenCV's 14 pass if
            the tilt of the sensor, the last two, is zero.
    """
    number = dist.shape[-1]
    if number == 14 and not dist[..., 12:].any():
        return dist[..., :12]
    if number not in (0, *NUM_COEFFICIENTS):
        raise ValueError(
            f'a distortion of {number} coefficients is not supported: give '
            '4, 5, 8 or 12 in the order k1, k2, p1, p2, k3, k4, k5, k6, s1, '
            "s2, s3, s4 (cv2.calibrateCamera's, without a tilted sensor), or "
            'none'
        )
    return torch.nn.functional.pad(dist, (0, NUM_COEFFICIENTS[-1] - number))


def distort(points: Tensor, dist: Tensor) -> Tensor:
    """Where a lens puts ideal points.

    Args:
        points (Tensor): ``(X / Z, Y / Z)`` in the camera frame, (..., P, 2).
        dist (Tensor): Coefficients (..., k), k one of 0, 4, 5, 8, 12.

    Returns:
        Tensor: Distorted points of the same plane, (..., P, 2).
    """
    return _distort_with_jacobian(points, pad_distortion(dist))[0]


def undistort(points: Tensor, dist: Tensor) -> Tensor:
    """Inverse of :func:`distort`, by Newton's method.

    Args:
        points (Tensor): Distorted points at depth 1, (..., P, 2).
        dist (Tensor): Coefficients (..., k), k one of 0, 4, 5, 8, 12.

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
    # beyond a turning point of the model the plane is mirrored or turned over
    upright = (xx * yy - xy * yx > 0) & (xx + yy > 0)
    valid = ((found - points).abs().amax(-1) <= tolerance) & upright
    return torch.where(valid[..., None], ideal, torch.nan)


def undistort_points(
    pixels: Tensor, K: Tensor, dist: Tensor | None = None, fisheye: Tensor | None = None
) -> Tensor:
    """Pixels as the same camera without distortion would see them.

    Same as ``cv2.undistortPoints(pixels, K, dist, P=K)``, or for a fisheye
    ``cv2.fisheye.undistortPoints``.

    Args:
        pixels (Tensor): Pixels of the real image, (..., P, 2).
        K (Tensor): Intrinsics, (..., 3, 3).
        dist (Tensor, optional): (..., k). None is no distortion.
        fisheye (Tensor, optional): Cameras with a fisheye, whose first four
            coefficients are those of that model; bool (...,).

    Returns:
        Tensor: Pixels (..., P, 2), NaN where :func:`undistort` finds none.
    """
    if dist is None:
        return pixels
    points = _from_pixels(pixels, K)
    ideal = undistort(points, dist)
    if fisheye is not None:
        ideal = torch.where(
            fisheye[..., None, None], undistort_fisheye(points, dist[..., :4]), ideal
        )
    return _to_pixels(ideal, K)


def project_distorted(
    points_cam: Tensor,
    K: Tensor,
    dist: Tensor | None = None,
    fisheye: Tensor | None = None,
) -> Tensor:
    """Perspective projection through a lens, as ``cv2.projectPoints``.

    Args:
        points_cam (Tensor): Points before the camera, metres, (..., P, 3).
        K (Tensor): Intrinsics in pixels, (..., 3, 3).
        dist (Tensor, optional): (..., k). None is no distortion.
        fisheye (Tensor, optional): See :func:`undistort_points`.

    Returns:
        Tensor: Pixels of the real image, (..., P, 2).
    """
    points = points_cam[..., :2] / points_cam[..., 2:]
    if dist is None:
        return _to_pixels(points, K)
    real = distort(points, dist)
    if fisheye is not None:
        real = torch.where(
            fisheye[..., None, None], distort_fisheye(points, dist[..., :4]), real
        )
    return _to_pixels(real, K)


def _distort_with_jacobian(
    points: Tensor, dist: Tensor
) -> tuple[Tensor, tuple[Tensor, ...]]:
    """Distorted points (..., P, 2), and their derivatives by the ideal ones
    (dx'/dx, dx'/dy, dy'/dx, dy'/dy), each (..., P)."""
    x, y = points.unbind(-1)
    k1, k2, p1, p2, k3, k4, k5, k6, s1, s2, s3, s4 = dist[..., None, :].unbind(-1)
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


def _to_pixels(points: Tensor, K: Tensor) -> Tensor:
    return points @ K[..., :2, :2].mT + K[..., None, :2, 2]


def _from_pixels(pixels: Tensor, K: Tensor) -> Tensor:
    return torch.linalg.solve(K[..., :2, :2], (pixels - K[..., None, :2, 2]).mT).mT
