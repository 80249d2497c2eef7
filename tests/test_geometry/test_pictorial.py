from itertools import product

import numpy as np
import pytest
import torch
from test_triangulation import make_rig, project

from hamuco_mm.geometry import pair_triangulation as two_views
from hamuco_mm.geometry.pictorial import (
    best_combination,
    bone_length_limits,
    triangulate_pictorial,
)
from hamuco_mm.geometry.triangulation import triangulate_dlt, triangulate_ransac
from hamuco_mm.hand_model import HAND_BONES, NUM_BETAS, MANOLayer


@pytest.fixture(scope='module')
def hand():
    """Joints (21, 3) of a flat hand, with their middle at the origin."""
    layer = MANOLayer().double()
    mesh = layer(
        torch.eye(3).double().expand(16, 3, 3), torch.zeros(NUM_BETAS).double()
    )
    return mesh.joints - mesh.joints.mean(0)


@pytest.fixture(scope='module')
def limits(hand):
    return bone_length_limits(hand, HAND_BONES)


@pytest.fixture
def triangulate(limits):
    """Function: labels, cameras and options -> points and inliers."""
    return lambda points2d, projection, weights=None, **options: triangulate_pictorial(
        points2d, projection, weights, HAND_BONES, limits, **options
    )


def test_exact_data(triangulate, hand):
    projection, _ = make_rig()
    hands = torch.stack([hand, 1.15 * hand + 0.1])
    found = triangulate(project(hands, projection), projection)
    assert found.inliers.all()
    torch.testing.assert_close(found.points, hands, rtol=0, atol=1e-8)


def test_bones_outvote_a_majority_of_wrong_views(triangulate, hand):
    """Five of eight views agree on the wrong fingertip; three are right."""
    projection, _ = make_rig()
    points2d = project(hand, projection)
    swapped = points2d.clone()
    # the tips of index and little finger, more than a bone apart
    swapped[:5, [8, 20]] = points2d[:5, [20, 8]]
    alone = triangulate_ransac(swapped, projection)
    assert alone.inliers[:, 8].tolist() == [True] * 5 + [False] * 3
    assert (alone.points[8] - hand[8]).norm() > 0.03
    found = triangulate(swapped, projection)
    assert found.inliers[:, 8].tolist() == [False] * 5 + [True] * 3
    torch.testing.assert_close(found.points, hand, rtol=0, atol=1e-8)
    # without the bones' say it follows the majority as well
    free = triangulate(swapped, projection, stiffness=0.0)
    torch.testing.assert_close(free.points, alone.points, rtol=0, atol=1e-8)


def test_confidence_counts(triangulate, hand):
    """Two sure views outvote three unsure ones."""
    projection, _ = make_rig(num_views=5)
    points2d = project(hand, projection)
    elsewhere = project(hand + torch.tensor([0, 0.01, 0]), projection)
    points2d[:3, 7] = elsewhere[:3, 7]
    weights = torch.ones(5, 21)
    threshold = dict(threshold=1.0)
    unsure = triangulate(points2d, projection, weights, **threshold)
    assert unsure.inliers[:, 7].tolist() == [True] * 3 + [False] * 2
    weights[:3, 7] = 0.1
    found = triangulate(points2d, projection, weights, **threshold)
    torch.testing.assert_close(found.points, hand, rtol=0, atol=1e-8)


@pytest.mark.parametrize('seed', range(4))
def test_best_combination_is_the_best_of_all(seed):
    """Against every combination of 4 candidates of 5 joints, one missing."""
    rng = np.random.default_rng(seed)
    bones = ((2, 0), (2, 1), (1, 4), (0, 3))
    limits = torch.tensor([[0.5, 0.9], [0.3, 0.6], [0.4, 0.5], [0.6, 1.0]])
    points = rng.uniform(0, 1, (1, 4, 5, 3))
    score = rng.uniform(0, 1, (1, 4, 5))
    score[0, 2, 1] = -np.inf
    if seed == 3:
        score[:, :, 0] = -np.inf

    def total(choice):
        value = sum(
            score[0, c, j]
            for j, c in enumerate(choice)
            if score[0, :, j].max() > -np.inf
        )
        for (a, b), (low, high) in zip(bones, limits.tolist()):
            if seed == 3 and 0 in (a, b):
                continue
            length = np.linalg.norm(points[0, choice[a], a] - points[0, choice[b], b])
            excess = max(low - length, 0, length - high)
            value -= 2 * (excess / ((low + high) / 2)) ** 2
        return value

    best = best_combination(
        torch.tensor(points).float(), torch.tensor(score).float(), bones, limits, 2.0
    )
    expected = max(map(total, product(range(4), repeat=5)))
    assert total(best[0].tolist()) == pytest.approx(expected, abs=1e-5)


def test_missing_labels(triangulate, hand):
    """A joint that one view or none has is NaN and spares its neighbours."""
    projection, _ = make_rig()
    points2d = project(hand, projection)
    weights = torch.ones(8, 21)
    weights[1:, 5] = 0
    weights[:, 14] = 0
    weights[3] = 0
    points2d[weights == 0] = torch.nan
    found = triangulate(points2d, projection, weights)
    missing = torch.zeros(21, dtype=torch.bool)
    missing[[5, 14]] = True
    assert found.points[missing].isnan().all()
    assert not found.inliers[:, missing].any() and not found.inliers[3].any()
    torch.testing.assert_close(
        found.points[~missing], hand[~missing], rtol=0, atol=1e-8
    )
    assert triangulate(points2d[:1], projection[:1]).points.isnan().all()


def test_without_agreement_it_is_the_dlt(triangulate, hand):
    projection = make_rig()[0][:2]
    points2d = project(hand, projection)
    points2d[0, :, 1] += 40  # off the epipolar line
    found = triangulate(points2d, projection, threshold=1.0)
    assert not found.inliers.any()
    torch.testing.assert_close(found.points, triangulate_dlt(points2d, projection))


def test_views_in_any_order_chunks_of_any_size(triangulate, hand, monkeypatch):
    projection, _ = make_rig()
    generator = torch.Generator().manual_seed(0)
    noise = torch.randn(2, 3, 8, 21, 2, generator=generator)
    points2d = (project(hand, projection) + 6 * noise).float()
    found = triangulate(points2d, projection)
    assert found.points.shape == (2, 3, 21, 3)
    assert found.inliers.shape == (2, 3, 8, 21)
    assert found.points.dtype == torch.float32
    order = torch.randperm(8, generator=generator)
    monkeypatch.setattr(two_views, 'CHUNK_ELEMENTS', 1)
    other = triangulate(points2d[:, :, order], projection[order])
    assert torch.equal(other.inliers, found.inliers[:, :, order])
    torch.testing.assert_close(other.points, found.points, rtol=0, atol=1e-6)


def test_far_from_the_origin(triangulate, hand):
    """Single precision of the candidates does not depend on where the
    world's origin is."""
    projection, _ = make_rig()
    points2d = project(hand, projection)
    away = torch.tensor([50.0, -30, 8]).double()
    shifted = projection.clone()
    shifted[..., 3] -= projection[..., :3] @ away
    found = triangulate(points2d, shifted, threshold=0.1)
    assert found.inliers.all()
    torch.testing.assert_close(found.points, hand + away, rtol=0, atol=1e-7)


def test_bone_length_limits():
    joints = torch.tensor([[0.0, 0, 0], [3, 4, 0], [3, 4, 2]])
    found = bone_length_limits(joints, ((0, 1), (1, 2)), tolerance=0.1)
    torch.testing.assert_close(found, torch.tensor([[4.5, 5.5], [1.8, 2.2]]))


def test_bad_input(hand, limits):
    projection, _ = make_rig()
    points2d = project(hand, projection)

    def run(bones=HAND_BONES, limits=limits, threshold=10.0):
        triangulate_pictorial(points2d, projection, None, bones, limits, threshold)

    with pytest.raises(ValueError, match=r'bone \(0, 5\)'):
        run(bones=HAND_BONES[1:] + HAND_BONES[:1])
    with pytest.raises(ValueError, match=r'bone \(0, 1\)'):
        run(bones=HAND_BONES + HAND_BONES[:1])
    with pytest.raises(ValueError, match='joint 30'):
        run(bones=((0, 30),), limits=limits[:1])
    with pytest.raises(ValueError, match='limits'):
        run(limits=limits[1:])
    with pytest.raises(ValueError, match='threshold'):
        run(threshold=0.0)
