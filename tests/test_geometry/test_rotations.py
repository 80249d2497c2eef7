import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from hamuco_mm.geometry import (
    axis_angle_to_matrix,
    matrix_to_axis_angle,
    matrix_to_rot6d,
    rot6d_to_matrix,
    rotation_about_z,
)

numbers = st.floats(-1e3, 1e3)
coordinates = st.lists(st.floats(-1, 1), min_size=3, max_size=3)


def random_rotations(*shape, seed=0):
    number = math.prod(shape)
    matrices = Rotation.random(number, random_state=seed).as_matrix()
    return torch.from_numpy(matrices).reshape(*shape, 3, 3)


def test_rot6d_round_trip_with_leading_dimensions():
    matrices = random_rotations(4, 16)
    rot6d = matrix_to_rot6d(matrices)
    assert rot6d.shape == (4, 16, 6)
    torch.testing.assert_close(rot6d_to_matrix(rot6d), matrices)


def test_rot6d_is_interleaved_columns():
    x_axis, y_axis = [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]
    interleaved = torch.tensor([x_axis, y_axis]).T.flatten()
    matrix = rot6d_to_matrix(3 * interleaved)
    torch.testing.assert_close(matrix[:, 0], torch.tensor(x_axis))
    torch.testing.assert_close(matrix[:, 1], torch.tensor(y_axis))
    torch.testing.assert_close(matrix[:, 2], torch.tensor([1.0, 0.0, 0.0]))


def test_rot6d_gradcheck():
    rot6d = torch.randn(5, 6, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(rot6d_to_matrix, rot6d)


@pytest.mark.parametrize(
    'degenerate', [torch.zeros(6), torch.ones(6), torch.tensor([1.0, 0, 0, 0, 0, 0])]
)
def test_rot6d_of_degenerate_input_is_a_rotation_with_finite_gradient(degenerate):
    rot6d = degenerate.clone().requires_grad_()
    matrix = rot6d_to_matrix(rot6d)
    torch.testing.assert_close(matrix @ matrix.T, torch.eye(3))
    assert torch.linalg.det(matrix).item() == pytest.approx(1)
    matrix.square().sum().backward()
    assert rot6d.grad.isfinite().all()


@given(st.lists(numbers, min_size=6, max_size=6))
def test_rot6d_of_any_numbers_is_a_rotation(rot6d):
    matrix = rot6d_to_matrix(torch.tensor(rot6d, dtype=torch.float64))
    torch.testing.assert_close(matrix @ matrix.T, torch.eye(3).double())
    assert torch.linalg.det(matrix).item() == pytest.approx(1)


@given(coordinates)
def test_axis_angles_below_a_half_turn_come_back(vector):
    vector = torch.tensor(vector, dtype=torch.float64)  # length at most sqrt(3)
    back = matrix_to_axis_angle(axis_angle_to_matrix(vector))
    torch.testing.assert_close(back, vector, atol=1e-9, rtol=0)


@given(coordinates, st.floats(-math.pi, math.pi))
def test_a_rotation_about_z_keeps_z_and_lengths(point, angle):
    point = torch.tensor(point, dtype=torch.float64)
    turned = rotation_about_z(torch.tensor(angle, dtype=torch.float64)) @ point
    assert turned[2] == point[2]
    torch.testing.assert_close(turned.norm(), point.norm())


@pytest.mark.parametrize('angle', [0, 1e-9, 1e-4, 0.5, 2, 3.1, math.pi - 1e-7])
def test_axis_angle_agrees_with_scipy(angle):
    axes = np.random.default_rng(0).normal(size=(20, 3))
    axes /= np.linalg.norm(axes, axis=1, keepdims=True)
    vectors = torch.from_numpy(axes * angle)
    matrices = axis_angle_to_matrix(vectors)
    expected = Rotation.from_rotvec(axes * angle).as_matrix()
    np.testing.assert_allclose(matrices.numpy(), expected, atol=1e-12)
    np.testing.assert_allclose(
        matrix_to_axis_angle(torch.from_numpy(expected)).numpy(),
        Rotation.from_matrix(expected).as_rotvec(),
        atol=1e-6,
    )


def test_axis_angle_of_half_turns():
    half_turns = torch.stack(
        [
            torch.diag(torch.tensor(signs))
            for signs in ([1.0, -1, -1], [-1.0, 1, -1], [-1.0, -1, 1])
        ]
    )
    vectors = matrix_to_axis_angle(half_turns)
    torch.testing.assert_close(vectors.abs(), math.pi * torch.eye(3))


@pytest.mark.parametrize('function', [axis_angle_to_matrix, matrix_to_axis_angle])
def test_axis_angle_gradients(function):
    vectors = torch.randn(6, 3, dtype=torch.float64)
    given = (
        vectors if function is axis_angle_to_matrix else axis_angle_to_matrix(vectors)
    ).requires_grad_()
    if function is axis_angle_to_matrix:
        assert torch.autograd.gradcheck(function, given)
    neutral = torch.zeros(3) if function is axis_angle_to_matrix else torch.eye(3)
    neutral.requires_grad_()
    function(neutral).sum().backward()
    assert neutral.grad.isfinite().all()


def test_matrix_to_axis_angle_gradient_along_the_rotations():
    """Through rotations the round trip is the identity, so its Jacobian is
    the identity's."""
    vectors = torch.randn(6, 3, dtype=torch.float64).requires_grad_()

    def round_trip(v):
        return matrix_to_axis_angle(axis_angle_to_matrix(v))

    assert torch.autograd.gradcheck(round_trip, vectors)


def test_rotation_about_z_agrees_with_scipy():
    angles = torch.tensor([-2.0, 0.0, 0.3, 4.0])
    expected = Rotation.from_rotvec(
        np.array([0, 0, 1]) * angles.numpy()[:, None]
    ).as_matrix()
    np.testing.assert_allclose(rotation_about_z(angles).numpy(), expected, atol=1e-6)
