"""Cameras: perspective and weak perspective projection, extrinsics.

Camera frames are OpenCV's: x right, y down, z forward.
"""

import torch
from torch import Tensor

from .precision import in_own_precision


@in_own_precision
def world_to_camera(
    points_world: Tensor, R_world2cam: Tensor, t_world2cam: Tensor
) -> Tensor:
    """Express world points (..., P, 3) in a camera frame.

    Args:
        points_world (Tensor): Points in metres, (..., P, 3).
        R_world2cam (Tensor): (..., 3, 3).
        t_world2cam (Tensor): Metres, (..., 3).

    Returns:
        Tensor: Points in the camera frame, metres, (..., P, 3).
    """
    return points_world @ R_world2cam.transpose(-1, -2) + t_world2cam[..., None, :]


@in_own_precision
def project(points_cam: Tensor, K: Tensor, min_depth: float | None = None) -> Tensor:
    """Perspective projection of camera-frame points.

    Args:
        points_cam (Tensor): Points in front of the camera, (..., P, 3).
        K (Tensor): Intrinsics in pixels, (..., 3, 3).
        min_depth (float, optional): Smaller depths count as this one, so that
            a point that gets behind a camera has finite pixels. Metres.

    Returns:
        Tensor: Pixels in shape (..., P, 2).
    """
    homogeneous = points_cam @ K.transpose(-1, -2)
    depth = homogeneous[..., 2:]
    if min_depth is not None:
        depth = depth.clamp(min=min_depth)
    return homogeneous[..., :2] / depth


@in_own_precision
def projection_matrix(K: Tensor, R_world2cam: Tensor, t_world2cam: Tensor) -> Tensor:
    """``K [R | t]``: world metres to homogeneous pixels, (..., 3, 4)."""
    return K @ torch.cat([R_world2cam, t_world2cam[..., None]], -1)


def project_weak_perspective(points: Tensor, camera: Tensor) -> Tensor:
    """Weak-perspective projection into the crop's [-1, 1] square.

    ``uv = 2 * s * xy + t`` (paper, section 3.1): the factor 2 makes ``s`` the
    crop's sides per metre.

    Args:
        points (Tensor): Root-relative points in metres, (..., P, 3).
        camera (Tensor): Scale and translation (s, tx, ty), (..., 3).

    Returns:
        Tensor: Normalised crop coordinates in shape (..., P, 2).
    """
    scale, translation = camera[..., None, :].split([1, 2], -1)
    return torch.addcmul(translation, points[..., :2], scale, value=2)


@in_own_precision
def viewing_ray_rotation(pixels: Tensor, K: Tensor) -> Tensor:
    """The smallest rotation that brings a pixel's viewing ray onto the
    optical axis.

    A camera turned by it looks straight at what the pixel shows. A crop around
    that pixel looks as such a camera sees it, wherever it was in the image.

    Args:
        pixels (Tensor): Pixels without lens distortion, (..., 2).
        K (Tensor): Intrinsics in pixels, (..., 3, 3).

    Returns:
        Tensor: ``R_cam2ray`` in shape (..., 3, 3); the identity for the
        principal point.
    """
    ones = torch.ones_like(pixels[..., :1])
    ray = torch.linalg.solve(K, torch.cat([pixels, ones], -1)[..., None])
    x, y, z = torch.nn.functional.normalize(ray[..., 0], dim=-1).unbind(-1)
    # I + [a] + [a]^2 / (1 + z) with the axis a = ray x (0, 0, 1)
    factor = 1 / (1 + z)
    # fmt: off
    rows = (1 - x * x * factor, -x * y * factor, -x,
            -x * y * factor, 1 - y * y * factor, -y,
            x, y, z)
    # fmt: on
    return torch.stack(rows, -1).unflatten(-1, (3, 3))


def look_at(eye: Tensor, target: Tensor, up: Tensor) -> Tensor:
    """Rotation of a camera at ``eye`` that looks at ``target``.

    Args:
        eye (Tensor): Camera centre in the world, (..., 3).
        target (Tensor): Point on the optical axis, (..., 3).
        up (Tensor): World direction that appears upwards in the image; must
            not be parallel to the optical axis. (..., 3).

    Returns:
        Tensor: ``R_world2cam`` in shape (..., 3, 3).
    """
    forward = torch.nn.functional.normalize(target - eye, dim=-1)
    right = torch.linalg.cross(forward, up.expand_as(forward))
    right = torch.nn.functional.normalize(right, dim=-1)
    down = torch.linalg.cross(forward, right)
    return torch.stack([right, down, forward], -2)
