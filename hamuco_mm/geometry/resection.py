"""Camera poses from known points."""

import cv2
import numpy as np
import torch
from torch import Tensor

from .pose_bundle import Bundle, pixel_sigma, reprojection, view_costs
from .precision import in_own_precision

_MIN_POINTS = 12
# RANSAC's threshold in standard deviations of a pixel coordinate.
_INLIER = 2.5


@in_own_precision
def resect_cameras(
    bundle: Bundle, keypoints: Tensor, weights: Tensor, K: Tensor
) -> Bundle:
    """Estimate camera poses again from the points, where that lowers the cost.

    A bundle adjustment goes downhill from where it starts; a camera that
    starts turned by a right angle may stay there. The points, which the
    other cameras determine, then give its pose: perspective-n-point in a RANSAC
    (OpenCV's ``solvePnPRansac`` with SQPnP). The first camera stays.

    Args:
        bundle (Bundle): Cameras and points.
        keypoints (Tensor): Finite pixels, (T, V, J, 2).
        weights (Tensor): (T, V, J) non-negative, 0 for unseen.
        K (Tensor): Intrinsics (T, V, 3, 3).

    Returns:
        Bundle: With the poses that improved replaced; the same object if none
        did.
    """
    pixels, _ = reprojection(bundle, K)
    sigma = pixel_sigma(pixels - keypoints, weights)
    before = view_costs(bundle, keypoints, weights, K, sigma)
    R, t = bundle.R_world2cam.clone(), bundle.t_world2cam.clone()
    rays = torch.cat([keypoints, torch.ones_like(keypoints[..., :1])], -1)
    rays = rays @ torch.linalg.inv(K).transpose(-1, -2)
    for view in range(1, len(R)):
        seen = weights[:, view] > 0
        if seen.sum() < _MIN_POINTS:
            continue
        focal = K[:, view, 0, 0][seen.any(-1)].median()
        pose = _camera_of(
            bundle.points[seen].cpu().numpy(),
            rays[:, view][seen][:, :2].cpu().numpy(),
            float(_INLIER * sigma / focal),
        )
        if pose is not None:
            R[view], t[view] = map(torch.from_numpy, pose)
    placed = Bundle(R, t, bundle.points)
    better = view_costs(placed, keypoints, weights, K, sigma) < before
    if not better[1:].any():
        return bundle
    return Bundle(
        torch.where(better[:, None, None], R, bundle.R_world2cam),
        torch.where(better[:, None], t, bundle.t_world2cam),
        bundle.points,
    )


def _camera_of(
    points: np.ndarray, rays: np.ndarray, threshold: float
) -> tuple[np.ndarray, np.ndarray] | None:
    """R (3, 3) and t (3,) of a camera that sees points (N, 3) along rays (N, 2), up to
    a threshold; None where there is none."""
    try:
        found, turn, move, _ = cv2.solvePnPRansac(  # type: ignore[call-overload]
            points,
            rays,
            np.eye(3),
            None,
            iterationsCount=500,
            reprojectionError=threshold,
            flags=cv2.SOLVEPNP_SQPNP,
        )
    except cv2.error:  # rays or points that are all the same
        return None
    return (cv2.Rodrigues(turn)[0], move[:, 0]) if found else None
