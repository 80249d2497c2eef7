"""Nearest distances against all distances."""
import pytest
import torch

from hamuco_mm.evaluation.nearest import nearest_distances
from hamuco_mm.geometry import axis_angle_to_matrix
from hamuco_mm.hand_model import MANOLayer


def all_distances(points, targets):
    distances = torch.cdist(
        points, targets, compute_mode='donot_use_mm_for_euclid_dist')
    return distances.amin(2), distances.amin(1)


def check(points, targets, limit):
    for found, expected in zip(
            nearest_distances(points, targets, limit),
            all_distances(points.double(), targets.double())):
        inside = expected < limit
        assert inside.any() and not inside.all()
        torch.testing.assert_close(
            found[inside].double(), expected[inside], atol=5e-6, rtol=0)
        assert (found[~inside] > limit - 5e-6).all()


@pytest.mark.parametrize('limit', (0.002, 0.005, 0.015))
def test_hands_in_different_poses(limit):
    layer = MANOLayer()
    pose = 0.4 * torch.randn(2, 12, 16, 3)
    meshes = layer(axis_angle_to_matrix(pose), torch.randn(2, 12, 10)).vertices
    # far from the origin, where inner products lose digits
    check(*(meshes + torch.tensor([0.3, -0.2, 0.8])), limit)


def test_sets_of_different_sizes():
    check(torch.rand(5, 70, 3), torch.rand(5, 31, 3), 0.15)


def test_fewer_points_than_blocks():
    check(torch.rand(20, 3, 3), torch.rand(20, 2, 3), 0.4)
