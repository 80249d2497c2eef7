"""Rotation representations. Pure functions with free leading dimensions."""

import torch
from torch import Tensor


def rot6d_to_matrix(rot6d: Tensor) -> Tensor:
    """Turn the continuous 6D representation into rotation matrices.

    The six numbers are the first two columns of a matrix, interleaved
    (``reshape(3, 2)``), made orthonormal by Gram-Schmidt (Zhou et al., "On
    the Continuity of Rotation Representations in Neural Networks", CVPR
    2019). Degenerate input (a zero or two parallel columns) gives some valid
    rotation with a finite gradient, where the textbook form gives NaN.

    Args:
        rot6d (Tensor): Interleaved columns in shape (..., 6).

    Returns:
        Tensor: Rotation matrices in shape (..., 3, 3).
    """
    columns = rot6d.unflatten(-1, (3, 2))
    x_axis = _unit_or(columns[..., 0], _basis(columns, 0))
    y_raw = columns[..., 1]
    y_raw = y_raw - (x_axis * y_raw).sum(-1, keepdim=True) * x_axis
    y_axis = _unit_or(y_raw, _any_orthogonal(x_axis))
    z_axis = torch.linalg.cross(x_axis, y_axis)
    return torch.stack([x_axis, y_axis, z_axis], dim=-1)


def matrix_to_rot6d(matrix: Tensor) -> Tensor:
    """Inverse of :func:`rot6d_to_matrix`: (..., 3, 3) -> (..., 6)."""
    return matrix[..., :2].flatten(-2)


def axis_angle_to_matrix(axis_angle: Tensor) -> Tensor:
    """Rodrigues' formula with a gradient that is finite at zero.

    Args:
        axis_angle (Tensor): Rotation vectors in radians, shape (..., 3).

    Returns:
        Tensor: Rotation matrices in shape (..., 3, 3).
    """
    squared = (axis_angle * axis_angle).sum(-1)[..., None, None]
    # below this the sine and cosine terms equal their limits in any dtype
    angle = squared.clamp(min=torch.finfo(squared.dtype).tiny ** 0.5).sqrt()
    skew = _skew(axis_angle)
    first = torch.sinc(angle / torch.pi)
    second = 0.5 * torch.sinc(angle / (2 * torch.pi)) ** 2
    eye = torch.eye(3, dtype=skew.dtype, device=skew.device)
    return eye + first * skew + second * (skew @ skew)


def matrix_to_axis_angle(matrix: Tensor) -> Tensor:
    """Rotation vectors of rotation matrices, stable from 0 to pi.

    Goes through the unit quaternion, reading it from the largest of its four
    components (Shepperd's method), so no division is by a small number.

    Args:
        matrix (Tensor): Rotation matrices in shape (..., 3, 3).

    Returns:
        Tensor: Rotation vectors in radians, length at most pi, (..., 3).
    """
    m = matrix
    xx, yy, zz = m[..., 0, 0], m[..., 1, 1], m[..., 2, 2]
    wx, wy, wz = (
        m[..., 2, 1] - m[..., 1, 2],
        m[..., 0, 2] - m[..., 2, 0],
        m[..., 1, 0] - m[..., 0, 1],
    )
    xy, xz, yz = (
        m[..., 0, 1] + m[..., 1, 0],
        m[..., 0, 2] + m[..., 2, 0],
        m[..., 1, 2] + m[..., 2, 1],
    )
    # row k is the quaternion (w, x, y, z) times 4 times its k-th component
    candidates = torch.stack(
        [
            torch.stack([1 + xx + yy + zz, wx, wy, wz], -1),
            torch.stack([wx, 1 + xx - yy - zz, xy, xz], -1),
            torch.stack([wy, xy, 1 - xx + yy - zz, yz], -1),
            torch.stack([wz, xz, yz, 1 - xx - yy + zz], -1),
        ],
        -2,
    )
    best = candidates.diagonal(dim1=-2, dim2=-1).argmax(-1)
    index = best[..., None, None].expand(*best.shape, 1, 4)
    quaternion = candidates.gather(-2, index).squeeze(-2)
    quaternion = torch.nn.functional.normalize(quaternion, dim=-1)
    quaternion = torch.where(quaternion[..., :1] < 0, -quaternion, quaternion)
    cosine, sine_axis = quaternion[..., :1], quaternion[..., 1:]
    squared = (sine_axis * sine_axis).sum(-1, keepdim=True)
    small = squared < 1e-12
    sine = torch.where(small, torch.ones_like(squared), squared).sqrt()
    ratio = torch.where(small, 2 / cosine, 2 * torch.atan2(sine, cosine) / sine)
    return ratio * sine_axis


def rotation_about_z(angle: Tensor) -> Tensor:
    """Rotations about the optical axis: radians (...,) -> (..., 3, 3)."""
    zero, one = torch.zeros_like(angle), torch.ones_like(angle)
    cos, sin = angle.cos(), angle.sin()
    return torch.stack(
        [
            torch.stack([cos, -sin, zero], -1),
            torch.stack([sin, cos, zero], -1),
            torch.stack([zero, zero, one], -1),
        ],
        -2,
    )


def _skew(vector: Tensor) -> Tensor:
    x, y, z = vector.unbind(-1)
    zero = torch.zeros_like(x)
    return torch.stack(
        [
            torch.stack([zero, -z, y], -1),
            torch.stack([z, zero, -x], -1),
            torch.stack([-y, x, zero], -1),
        ],
        -2,
    )


def _unit_or(vector: Tensor, fallback: Tensor) -> Tensor:
    """Normalise, or take ``fallback`` where the length vanishes."""
    squared = (vector * vector).sum(-1, keepdim=True)
    vanishes = squared < 1e-12
    # the inner where keeps the square root away from 0, so that no NaN
    # reaches the gradient through the branch that is not taken
    length = torch.where(vanishes, torch.ones_like(squared), squared).sqrt()
    return torch.where(vanishes, fallback, vector / length)


def _basis(like: Tensor, axis: int) -> Tensor:
    basis = torch.zeros(3, dtype=like.dtype, device=like.device)
    basis[axis] = 1
    return basis


def _any_orthogonal(unit: Tensor) -> Tensor:
    """Some unit vector orthogonal to ``unit``; carries no gradient."""
    unit = unit.detach()
    weakest = torch.nn.functional.one_hot(unit.abs().argmin(-1), 3).to(unit)
    return torch.nn.functional.normalize(torch.linalg.cross(unit, weakest), dim=-1)
