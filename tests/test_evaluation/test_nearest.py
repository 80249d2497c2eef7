"""Near points: the compiled loop and the products against k-d trees."""

import sys

import numpy as np
import pytest
import torch
from scipy.spatial import cKDTree

from hamuco_mm.evaluation import nearest
from hamuco_mm.evaluation.nearest import share_near

SIZES = ((150, 150), (40, 131), (129, 41), (3, 2), (5, 1))
LIMITS = torch.tensor([0.06, 0.02, 0.1])


def point_sets(num_points, num_others, sets=6):
    """Some of the points are close to the other of the same row."""
    rng = np.random.default_rng(num_points)
    others = rng.uniform(-0.1, 0.1, (sets, num_others, 3))
    points = rng.uniform(-0.1, 0.1, (sets, num_points, 3))
    common = min(num_points, num_others) // 2
    points[:, :common] = others[:, :common] + rng.normal(0, 0.01, (sets, common, 3))
    return torch.tensor(points), torch.tensor(others)


def by_tree(points, others):
    """Shares of the points and of the others, both (N, T)."""
    pairs = list(zip(points.numpy(), others.numpy()))
    distances = (
        [cKDTree(o).query(p)[0] for p, o in pairs],
        [cKDTree(p).query(o)[0] for p, o in pairs],
    )
    return tuple(
        (np.stack(d)[..., None] < LIMITS.double().numpy()).mean(1) for d in distances
    )


def assert_shares(found, expected, atol=1e-6):
    for shares, reference in zip(found, expected):
        np.testing.assert_allclose(shares.numpy(), reference, atol=atol)


@pytest.fixture(params=('loop', 'products'))
def way(request, monkeypatch):
    if request.param == 'loop':
        pytest.importorskip('numba')
    else:
        monkeypatch.setattr(nearest, 'compiled_loop', lambda: None)
    return request.param


@pytest.mark.parametrize('sizes', SIZES)
@pytest.mark.parametrize('dtype', (torch.float32, torch.float64))
def test_shares(way, sizes, dtype):
    points, others = point_sets(*sizes)
    found = share_near(points.to(dtype), others.to(dtype), LIMITS.to(dtype))
    expected = by_tree(points, others)
    assert 0 < np.mean(expected[0]) < 1
    assert {shares.dtype for shares in found} == {dtype}
    assert_shares(found, expected)


def test_exact_to_a_micrometre(way):
    """Pairs 15 cm from the origin, just within the limit and just beyond."""
    base = torch.tensor([0.09, -0.08, 0.09]).expand(1, 2, 3)
    for difference, share in ((-2e-6, 1), (2e-6, 0)):
        shift = torch.tensor([0.005 + difference, 0, 0])
        # the first limit is missed by the namesake, so that all are searched
        limits = torch.tensor([0.001, 0.005])
        for shares in share_near(base, base + shift, limits):
            assert shares.tolist() == [[0, share]]


def test_where_the_sets_are_does_not_matter(way):
    points, others = point_sets(90, 90)
    expected = by_tree(points, others)
    # coordinates of four metres are rounded in float32: a pair may change
    for offset, dtype, atol in (
        ((0.3, -2.0, 4.0), torch.float32, 0.012),
        ((3e4, -2e5, 4e5), torch.float64, 1e-6),
    ):
        offset = torch.tensor(offset, dtype=torch.float64)
        found = share_near(
            (points + offset).to(dtype), (others + offset).to(dtype), LIMITS
        )
        assert_shares(found, expected, atol)


def test_a_point_astray_leaves_the_others_alone(way):
    points, others = point_sets(90, 90)
    others[:, 0] = 5
    assert_shares(share_near(points, others, LIMITS), by_tree(points, others))


def test_points_in_a_plane_and_at_one_place(way):
    points, others = point_sets(60, 50)
    points[:3, :, 1] = others[:3, :, 1] = 0
    others[3:] = others[3:, :1]
    assert_shares(share_near(points, others, LIMITS), by_tree(points, others))


def test_sets_far_apart(way):
    points, others = point_sets(20, 20)
    for offset in (1.0, -1.0, 1e4, 1e30):
        for shares in share_near(points.float() + offset, others.float(), LIMITS):
            assert (shares == 0).all()


def test_no_sets(way):
    points, others = torch.zeros(0, 5, 3), torch.zeros(0, 4, 3)
    for shares in share_near(points, others, LIMITS):
        assert shares.shape == (0, 3)


def test_sets_that_are_not_finite_are_near_nothing(way):
    points, others = point_sets(20, 20)
    expected = share_near(points, others, LIMITS)
    points[1] = torch.nan
    points[2, 3] = torch.nan
    others[3, 4, 1] = torch.nan
    for shares, before in zip(share_near(points, others, LIMITS), expected):
        assert torch.equal(shares[[0, 4, 5]], before[[0, 4, 5]])
    precision, recall = share_near(points, others, LIMITS)
    assert (torch.minimum(precision, recall)[1:4] == 0).all()


def test_products_where_numba_does_not_work(monkeypatch):
    points, others = point_sets(20, 20)
    expected = by_tree(points, others)
    monkeypatch.setitem(sys.modules, 'hamuco_mm.evaluation.nearest_loop', None)
    nearest.compiled_loop.cache_clear()
    try:
        assert nearest.compiled_loop() is None
        assert_shares(share_near(points, others, LIMITS), expected, atol=0)
    finally:
        nearest.compiled_loop.cache_clear()
