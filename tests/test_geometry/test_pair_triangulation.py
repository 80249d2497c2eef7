from itertools import combinations

import cv2
import numpy as np
import pytest
import torch
from test_triangulation import make_rig, project

from hamuco_mm.geometry.pair_triangulation import choose, pair_hypotheses

PAIRS = list(combinations(range(5), 2))


@pytest.fixture(scope='module')
def rig():
    return make_rig(num_views=5, num_joints=30)


def hypotheses_of(points2d, projection, valid=None):
    if valid is None:
        valid = torch.ones(points2d.shape[:-1], dtype=torch.bool)
    return pair_hypotheses(points2d, projection, valid)


def test_exact_data_agree_with_opencv(rig):
    projection, points = rig
    points2d = project(points, projection)
    found = hypotheses_of(points2d, projection)
    assert found.points.shape == (len(PAIRS), 30, 3) and found.valid.all()
    for world, (a, b) in zip(found.points + found.origin, PAIRS):
        homogeneous = cv2.triangulatePoints(
            projection[a].numpy(),
            projection[b].numpy(),
            points2d[a].T.numpy(),
            points2d[b].T.numpy(),
        )
        expected = (homogeneous[:3] / homogeneous[3]).T
        np.testing.assert_allclose(world, expected, atol=5e-6)
    assert found.errors.max() < 1e-2


def test_noisy_data_are_near_the_optimal_correction(rig):
    """Squared errors in the pair's own views, against the least possible
    ones, which OpenCV finds by Hartley and Sturm's method."""
    projection, points = rig
    generator = torch.Generator().manual_seed(0)
    points2d = project(points, projection)
    points2d = points2d + 3 * torch.randn(points2d.shape, generator=generator).double()
    found = hypotheses_of(points2d, projection)
    for row, (a, b) in enumerate(PAIRS):
        P, Q = projection[a].numpy(), projection[b].numpy()
        centre = np.append(-np.linalg.solve(P[:, :3], P[:, 3]), 1)
        x, y, z = Q @ centre
        F = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]]) @ Q @ np.linalg.pinv(P)
        labels = [points2d[v].numpy()[None] for v in (a, b)]
        corrected = cv2.correctMatches(F / np.abs(F).max(), *labels)
        least = sum(((new - old) ** 2).sum() for new, old in zip(corrected, labels))
        squared = found.errors[[a, b], row].double().square().sum()
        assert least * 0.99 < squared < least * 1.03


def test_errors_are_those_of_the_projection(rig):
    projection, points = rig
    points2d = project(points, projection)
    moved = points2d.clone()
    moved[3] += torch.tensor([3.0, -4.0])
    errors = hypotheses_of(moved, projection).errors
    without = [row for row, pair in enumerate(PAIRS) if 3 not in pair]
    torch.testing.assert_close(
        errors[3, without], torch.full((len(without), 30), 5.0), atol=1e-2, rtol=0
    )
    assert errors[0, without].max() < 1e-2


def test_behind_a_camera_nothing_is_seen(rig):
    projection, points = rig
    points2d = project(points, projection)
    # the point where the first two rays meet is behind the third camera
    behind = projection.clone()
    away = torch.linalg.solve(behind[2, :, :3], behind[2, :, 3])
    behind[2, :, 3] -= behind[2, :, :3] @ (2.5 * away)
    found = hypotheses_of(points2d, behind)
    assert found.errors[2, PAIRS.index((0, 1))].isinf().all()


def test_views_not_used_may_have_no_camera(rig):
    projection, points = rig
    points2d = project(points, projection)
    valid = torch.ones(5, 30, dtype=torch.bool)
    valid[1] = False
    valid[2, 7] = False
    broken = projection.clone()
    broken[1] = torch.nan
    points2d[1] = torch.nan
    found = hypotheses_of(points2d, broken, valid)
    for row, pair in enumerate(PAIRS):
        assert found.valid[row, 0] == (1 not in pair)
        assert found.valid[row, 7] == (1 not in pair and 2 not in pair)
        if 1 not in pair:
            torch.testing.assert_close(
                found.points[row] + found.origin, points, atol=5e-6, rtol=0
            )


def test_choose():
    values = torch.arange(2 * 3 * 4 * 5).view(2, 3, 4, 5)
    pair = torch.tensor([[0, 1, 2, 3, 0], [3, 3, 3, 3, 3]])
    found = choose(values, pair)
    assert found.shape == (2, 3, 5)
    assert found[0, 1].tolist() == [
        values[0, 1, h, j].item() for j, h in enumerate(pair[0].tolist())
    ]
