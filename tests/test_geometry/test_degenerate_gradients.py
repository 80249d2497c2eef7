"""Gradients stay finite where a formula divides by nothing."""

import math

import pytest
import torch

from hamuco_mm import geometry
from hamuco_mm.cameras.lenses.fisheye import distort_fisheye
from hamuco_mm.geometry.hand_translation import fit_centres, fit_translations
from hamuco_mm.geometry.relative_poses import agreed_hands
from hamuco_mm.geometry.rotation_averaging import average_rotations, rotation_angle
from hamuco_mm.geometry.triangulation import triangulate_dlt

AXES = torch.eye(3, dtype=torch.float64)
DIAGONAL = torch.ones(3, dtype=torch.float64) / math.sqrt(3)
TURNS = [*AXES, DIAGONAL, -DIAGONAL]


def half_turn(axis):
    return 2 * axis[:, None] * axis - torch.eye(3, dtype=axis.dtype)


def fitted(source, target, weights=None):
    return geometry.umeyama(source, target, weights).apply(source)


def cameras(like):
    """Three that look along z, from three places on the x axis, (3, 3, 4)."""
    offsets = torch.tensor([[0.0, 0, 1], [1, 0, 1], [2, 0, 1]])
    eye = torch.eye(3).expand(3, 3, 3)
    return geometry.projection_matrix(eye, eye, offsets).to(like)


def triangulated(weights):
    """Of four joints: seen by all, by two, by one and by none; what is not seen
    is NaN."""
    seen = torch.tensor([[1, 1, 1, 0], [1, 1, 0, 0], [1, 0, 0, 0]]) > 0
    points = torch.linspace(-1, 1, 24).view(3, 4, 2).to(weights)
    points = points.masked_fill(~seen[..., None], torch.nan)
    found = triangulate_dlt(points, cameras(weights), weights * seen)
    return found[:2]


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
    'a fit of one point': (lambda x: fitted(x, AXES.to(x)), torch.ones(3, 3)),
    'a fit onto one point': (lambda x: fitted(AXES.to(x), x), torch.ones(3, 3)),
    'a fit without weights': (
        lambda weights: fitted(AXES.to(weights), AXES.to(weights), weights),
        torch.zeros(3),
    ),
    'equal rotations': (lambda R: rotation_angle(R, AXES.to(R)), torch.eye(3)),
    **{
        f'the angle of a half turn about {axis.tolist()}': (
            lambda R: rotation_angle(R, AXES.to(R)),
            half_turn(axis),
        )
        for axis in TURNS
    },
    'the mean of equal rotations': (average_rotations, torch.eye(3).expand(4, 3, 3)),
    'the mean of no rotations': (
        lambda R: average_rotations(R, torch.zeros(4).to(R)),
        torch.eye(3).expand(4, 3, 3),
    ),
    'hands that agree': (
        lambda hands: agreed_hands(
            hands, AXES.to(hands).expand(2, 3, 3), torch.ones(1, 2) > 0
        ),
        torch.eye(3).expand(1, 2, 3, 3),
    ),
    'a place that fits': (
        lambda rays: fit_centres(AXES.to(rays), rays, torch.ones(3).to(rays))[0],
        AXES[:, :2] / (AXES[:, 2:] + 2),
    ),
    'a place that nothing shows': (
        lambda rays: fit_centres(AXES.to(rays), rays, torch.zeros(3).to(rays))[0],
        torch.zeros(3, 2),
    ),
    'cameras that agree': (
        lambda centres: fit_translations(
            AXES.to(centres).expand(2, 3, 3),
            centres,
            AXES.to(centres).expand(3, 2, 3, 3),
        )[0],
        torch.eye(3)[:, None].expand(3, 2, 3),
    ),
    'joints that are not seen': (triangulated, torch.ones(3, 4)),
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


def round_trip(vector):
    return geometry.matrix_to_axis_angle(geometry.axis_angle_to_matrix(vector))


@pytest.mark.parametrize('angle', [0, 1e-12, 1e-9, 1e-5, 1e-2])
def test_gradients_next_to_no_turn(angle):
    vector = (angle * DIAGONAL).requires_grad_()
    assert torch.autograd.gradcheck(round_trip, vector)


@pytest.mark.parametrize('axis', TURNS, ids=str)
@pytest.mark.parametrize('short_of', [1e-3, 1e-6])
def test_gradients_just_before_a_half_turn(axis, short_of):
    vector = ((math.pi - short_of) * axis).requires_grad_()
    assert torch.autograd.gradcheck(round_trip, vector, eps=short_of / 10, atol=1e-3)


def test_gradients_of_a_fisheye_on_its_axis():
    points = torch.zeros(2, 2, requires_grad=True)
    coefficients = torch.tensor([0.1, 0.01, 0.0, 0.0])
    distort_fisheye(points, coefficients).sum().backward()
    torch.testing.assert_close(points.grad, torch.ones(2, 2))
