"""Nearest points: the compiled loop and the products against k-d trees."""
import numpy as np
import pytest
import torch
from scipy.spatial import cKDTree

from hamuco_mm.evaluation import nearest
from hamuco_mm.evaluation.nearest import nearest_squared

SIZES = ((40, 40), (40, 31), (29, 41), (3, 2), (5, 1))


def point_sets(num_points, num_others, sets=6):
    rng = np.random.default_rng(num_points)
    return (torch.tensor(rng.uniform(-.1, .1, (sets, count, 3)))
            for count in (num_points, num_others))


def by_tree(points, others):
    return np.stack([
        cKDTree(o).query(p)[0]**2 for p, o in zip(points.numpy(),
                                                  others.numpy())
    ])


@pytest.fixture(params=('loop', 'products'))
def way(request, monkeypatch):
    if request.param == 'loop':
        pytest.importorskip('numba')
    else:
        monkeypatch.setattr(nearest, 'has_compiled_loop', lambda: False)
    return request.param


@pytest.mark.parametrize('sizes', SIZES)
@pytest.mark.parametrize('dtype', (torch.float32, torch.float64))
def test_exact(way, sizes, dtype):
    points, others = point_sets(*sizes)
    found = nearest_squared(points.to(dtype), others.to(dtype))
    for squared, expected in zip(
            found, (by_tree(points, others), by_tree(others, points))):
        assert squared.dtype == dtype
        np.testing.assert_allclose(squared.numpy(), expected, atol=1e-8)


@pytest.mark.parametrize('sizes', SIZES)
def test_the_same_above_enough_and_not_above_it_below(way, sizes):
    points, others = point_sets(*sizes)
    enough = .05**2
    for squared, expected in zip(
            nearest_squared(points, others, enough),
            (by_tree(points, others), by_tree(others, points))):
        squared = squared.numpy()
        np.testing.assert_array_equal(squared < enough, expected < enough)
        far = expected >= enough
        np.testing.assert_allclose(
            squared[far], expected[far], atol=1e-8)


def test_no_sets(way):
    points, others = torch.zeros(0, 5, 3), torch.zeros(0, 4, 3)
    assert [tuple(x.shape) for x in nearest_squared(points, others)] == [
        (0, 5), (0, 4)
    ]


def test_threads_share_the_sets():
    pytest.importorskip('numba')
    points, others = point_sets(20, 20, sets=7)
    expected = nearest_squared(points, others)
    threads = torch.get_num_threads()
    try:
        for count in (1, 2, 3, 9):
            torch.set_num_threads(count)
            for found, reference in zip(
                    nearest_squared(points, others), expected):
                assert torch.equal(found, reference)
    finally:
        torch.set_num_threads(threads)
