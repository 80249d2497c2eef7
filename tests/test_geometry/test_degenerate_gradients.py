"""Gradients stay finite where a formula divides by nothing."""

import math

import pytest
import torch

from hamuco_mm import geometry
from hamuco_mm.cameras.lenses.fisheye import distort_fisheye

AXES = torch.eye(3, dtype=torch.float64)
DIAGONAL = torch.ones(3, dtype=torch.float64) / math.sqrt(3)
TURNS = [*AXES, DIAGONAL, -DIAGONAL]


def half_turn(axis):
    return 2 * axis[:, None] * axis - torch.eye(3, dtype=axis.dtype)


CASES = {
    'no turn': (geometry.axis_angle_to_matrix, torch.zeros(3)),
    'a full turn': (geometry.axis_angle_to_matrix, 2 * math.pi * DIAGONAL),
    'the identity': (geometry.matrix_to_axis_angle, torch.eye(3)),
    **{
        f'a half turn about {axis.tolist()}': (
            geometry.matrix_to_axis_angle,
            half_turn(axis),
        )
        for axis in TURNS
    },
    'no columns': (geometry.rot6d_to_matrix, torch.zeros(6)),
    'parallel columns': (
        geometry.rot6d_to_matrix,
        torch.tensor([1.0, -2, 0, 0, 3, -6]),
    ),
    'no moments': (geometry.procrustes_rotation, torch.zeros(3, 3)),
    'moments of a ball': (geometry.procrustes_rotation, torch.eye(3)),
    'a point at the camera': (
        lambda points: geometry.project(points, AXES.to(points), min_depth=1e-3),
        torch.zeros(1, 3),
    ),
    'views that are points': (
        lambda spread: geometry.bounded_scale(spread, spread),
        torch.zeros(1),
    ),
    'a ray on the axis': (
        lambda pixels: geometry.viewing_ray_rotation(pixels, AXES.to(pixels)),
        torch.zeros(2),
    ),
    'a camera that looks up': (
        lambda eye: geometry.look_at(eye, torch.zeros(3).to(eye), AXES[1].to(eye)),
        torch.tensor([0.0, 1, 0]),
    ),
}


@pytest.mark.parametrize('dtype', [torch.float32, torch.float64])
@pytest.mark.parametrize('case', CASES)
def test_gradients_are_finite(case, dtype):
    function, point = CASES[case]
    point = point.to(dtype, copy=True).requires_grad_()
    result = function(point)
    weights = torch.arange(1.0, result.numel() + 1).view_as(result)
    (result * weights).sum().backward()
    assert result.isfinite().all()
    assert point.grad.isfinite().all()


@pytest.mark.parametrize('axis', TURNS, ids=str)
@pytest.mark.parametrize('short_of', [1e-3, 1e-6])
def test_gradients_just_before_a_half_turn(axis, short_of):
    vector = ((math.pi - short_of) * axis).requires_grad_()

    def round_trip(v):
        return geometry.matrix_to_axis_angle(geometry.axis_angle_to_matrix(v))

    assert torch.autograd.gradcheck(round_trip, vector, eps=short_of / 10, atol=1e-3)


def test_gradients_of_a_fisheye_on_its_axis():
    points = torch.zeros(2, 2, requires_grad=True)
    coefficients = torch.tensor([0.1, 0.01, 0.0, 0.0])
    distort_fisheye(points, coefficients).sum().backward()
    torch.testing.assert_close(points.grad, torch.ones(2, 2))
