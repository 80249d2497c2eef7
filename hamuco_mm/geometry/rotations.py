"""Rotation representations. Pure functions with free leading dimensions."""

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from .precision import in_own_precision


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
    rotations = _GramSchmidt.apply(rot6d.reshape(-1, 3, 2))
    return rotations.view(*rot6d.shape[:-1], 3, 3)


def matrix_to_rot6d(matrix: Tensor) -> Tensor:
    """Inverse of :func:`rot6d_to_matrix`: (..., 3, 3) -> (..., 6)."""
    return matrix[..., :2].flatten(-2)


@in_own_precision
def axis_angle_to_matrix(axis_angle: Tensor) -> Tensor:
    """Rodrigues' formula with a gradient that is finite at zero.

    Args:
        axis_angle (Tensor): Rotation vectors in radians, shape (..., 3).

    Returns:
        Tensor: Rotation matrices in shape (..., 3, 3).
    """
    angle = _length(axis_angle)[..., None]
    turn = skew(axis_angle)
    first = torch.sinc(angle / torch.pi)
    second = 0.5 * torch.sinc(angle / (2 * torch.pi)) ** 2
    eye = torch.eye(3, dtype=turn.dtype, device=turn.device)
    return eye + first * turn + second * (turn @ turn)


def matrix_to_axis_angle(matrix: Tensor) -> Tensor:
    """Rotation vectors of rotation matrices, stable from 0 to pi.

    Goes through the unit quaternion, reading it from the largest of its four
    components (Shepperd's method), so no division is by a small number. The
    gradient is that along the rotations, and finite at half turns too, where
    both signs are right.

    Args:
        matrix (Tensor): Rotation matrices in shape (..., 3, 3).

    Returns:
        Tensor: Rotation vectors in radians, length at most pi, (..., 3).
    """
    return _Logarithm.apply(matrix)


def quaternion_form(matrix: Tensor) -> Tensor:
    """The quadratic form ``q^T N q = trace(R(q)^T matrix)`` of unit quaternions.

    Horn, "Closed-form solution of absolute orientation using unit quaternions",
    JOSA A 1987. Of a rotation matrix it is four times the outer product of its
    quaternion with itself, minus the identity.

    Args:
        matrix (Tensor): (..., 3, 3).

    Returns:
        Tensor: N, symmetric, in the order (w, x, y, z), (..., 4, 4).
    """
    eye = torch.eye(3, dtype=matrix.dtype, device=matrix.device)
    trace = matrix.diagonal(dim1=-2, dim2=-1).sum(-1, keepdim=True)[..., None]
    symmetric = matrix + matrix.transpose(-1, -2) - trace * eye
    vector = torch.linalg.cross(eye.expand_as(matrix), matrix, dim=-2)
    vector = vector.sum(-1, keepdim=True)
    left = torch.cat([trace, vector], -2)
    right = torch.cat([vector.transpose(-1, -2), symmetric], -2)
    return torch.cat([left, right], -1)


def largest_row(outer: Tensor) -> Tensor:
    """Of a vector's outer product with itself, the row that is farthest from 0:
    the vector times its largest component (Shepperd's method), (..., N, N) ->
    (..., N)."""
    best = outer.diagonal(dim1=-2, dim2=-1).argmax(-1)[..., None, None]
    return outer.gather(-2, best.expand_as(outer[..., :1, :])).squeeze(-2)


def quaternion_to_matrix(quaternion: Tensor) -> Tensor:
    """Unit quaternions (w, x, y, z), (..., 4) -> rotations (..., 3, 3)."""
    cosine, axis = quaternion[..., :1, None], quaternion[..., 1:]
    eye = torch.eye(3, dtype=axis.dtype, device=axis.device)
    outer = axis[..., None] * axis[..., None, :]
    return (2 * cosine.square() - 1) * eye + 2 * (outer + cosine * skew(axis))


def rotation_about_z(angle: Tensor) -> Tensor:
    """Rotations about the optical axis: radians (...,) -> (..., 3, 3)."""
    zero, one = torch.zeros_like(angle), torch.ones_like(angle)
    cos, sin = angle.cos(), angle.sin()
    rows = [cos, -sin, zero, sin, cos, zero, zero, zero, one]
    return torch.stack(rows, -1).unflatten(-1, (3, 3))


def skew(vector: Tensor) -> Tensor:
    """The matrices of the cross products with vectors, (..., 3) -> (..., 3, 3)."""
    eye = torch.eye(3, dtype=vector.dtype, device=vector.device)
    columns = vector[..., None].expand(*vector.shape, 3)
    return torch.linalg.cross(columns, eye.expand_as(columns), dim=-2)


class _GramSchmidt(torch.autograd.Function):
    """Two columns (M, 3, 2) -> rotations (M, 3, 3).

    The gradient is written out: it takes a fifth of the operations that
    recording each step would.
    """

    @staticmethod
    def forward(ctx: Any, columns: Tensor) -> Tensor:
        first, second = columns.unbind(-1)
        eye = torch.eye(3, dtype=columns.dtype, device=columns.device)
        x_axis, first_scale = _unit_or(first, eye[0])
        projection = (x_axis * second).sum(-1, keepdim=True)
        weakest = eye[x_axis.abs().argmin(-1)]
        y_axis, second_scale = _unit_or(
            second - projection * x_axis, _unit(torch.linalg.cross(x_axis, weakest))
        )
        z_axis = torch.linalg.cross(x_axis, y_axis)
        rotation = torch.stack([x_axis, y_axis, z_axis], dim=-1)
        ctx.save_for_backward(rotation, projection, first_scale, second_scale)
        return rotation

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        """As of a QR decomposition, whose Q this is: what turns the axes is the
        part of ``R^T G`` that is not symmetric, and a column moves only the axes
        after its own."""
        rotation, projection, first_scale, second_scale = ctx.saved_tensors
        turn = torch.bmm(rotation.mT, gradient)
        to_axes = torch.bmm(rotation, (turn - turn.mT).tril(-1))
        to_first, to_second, _ = to_axes.unbind(-1)
        to_second = second_scale * to_second
        to_first = first_scale * (to_first - projection * to_second)
        return torch.stack([to_first, to_second], -1)


class _Logarithm(torch.autograd.Function):
    """Rotations (..., 3, 3) -> rotation vectors (..., 3).

    The gradient is written out, as that of :class:`_GramSchmidt`.
    """

    @staticmethod
    def forward(ctx: Any, matrix: Tensor) -> Tensor:
        eye = torch.eye(4, dtype=matrix.dtype, device=matrix.device)
        # the outer product of the quaternion (w, x, y, z) with itself, times 4
        quaternion = largest_row(quaternion_form(matrix) + eye)
        cosine, sine_axis = quaternion[..., :1], quaternion[..., 1:]
        sine = _length(sine_axis)
        # of both signs, the one whose angle is at most pi
        ratio = 2 * torch.atan(sine / cosine) / sine
        vector = ratio * sine_axis
        ctx.save_for_backward(matrix, vector)
        return vector

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        """By the inverse of the right Jacobian of SO(3) (Sola et al., "A micro
        Lie theory for state estimation in robotics", 2018, equation 144)."""
        matrix, vector = ctx.saved_tensors
        angle = _length(vector)
        half = 0.5 * angle
        factor = (1 - half.cos() / torch.sinc(half / torch.pi)) / angle.square()
        across = torch.linalg.cross(vector, gradient)
        twice_across = torch.linalg.cross(vector, across)
        turn = gradient - 0.5 * across + factor * twice_across
        # the product with the matrix of a cross product, row by row
        return torch.linalg.cross(matrix, 0.5 * turn[..., None, :])


def _length(vector: Tensor) -> Tensor:
    """(..., N) -> (..., 1); not 0, but so small that sine and cosine are those of 0
    in any dtype."""
    squared = vector.square().sum(-1, keepdim=True)
    return squared.clamp(min=torch.finfo(squared.dtype).tiny ** 0.5).sqrt()


def _unit_or(vector: Tensor, fallback: Tensor) -> tuple[Tensor, Tensor]:
    """Normalise, or take ``fallback`` where the length vanishes.

    Returns:
        tuple[Tensor]: The unit vectors, and what they were multiplied by, 0
        where the length vanishes, (..., 1).
    """
    squared = vector.square().sum(-1, keepdim=True)
    vanishes = squared < 1e-12
    scale = squared.rsqrt().masked_fill(vanishes, 0)
    return torch.where(vanishes, fallback, scale * vector), scale


def _unit(vector: Tensor) -> Tensor:
    return torch.nn.functional.normalize(vector, dim=-1)
