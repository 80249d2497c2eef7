"""Meshes that are measured together get the same measures as one by one."""

import pytest
import torch
from hand_samples import posed_hands

from hamuco_mm.evaluation.hand_metrics import mesh_metrics
from hamuco_mm.evaluation.mesh_queue import HandPair, MeshQueue


def make_pairs(count, seed=0):
    """Hands and the same ones with noise."""
    vertices, joints = (torch.as_tensor(x).float() for x in posed_hands(count))
    generator = torch.Generator().manual_seed(seed)
    return HandPair(
        *(
            x + 0.004 * torch.randn(x.shape, generator=generator)
            for x in (vertices, joints)
        ),
        vertices,
        joints,
    )


@pytest.mark.parametrize('sizes', ((1, 2, 4), (130, 3), (7,)))
def test_each_hand_gets_its_own_measures(sizes):
    whole = make_pairs(sum(sizes))
    queue = MeshQueue((5,), 'procrustes')
    results = [{} for _ in whole.joints]
    start = 0
    for size in sizes:
        rows = slice(start, start + size)
        queue.add(HandPair(*(x[rows] for x in whole)), results[rows])
        start += size
    queue.finish()
    expected = mesh_metrics(*whole, f_thresholds=(5,))
    assert set(expected) == {'MPVPE', 'N-MPVPE', 'PA-MPVPE', 'F@5'}
    for name, values in expected.items():
        assert [r[name] for r in results] == pytest.approx(values.tolist(), rel=1e-4)


def test_finished_hands_are_forgotten():
    queue, pairs = MeshQueue((), 'root'), make_pairs(2)
    first, second = [{}, {}], [{}, {}]
    queue.add(pairs, first)
    queue.finish()
    before = [dict(result) for result in first]
    queue.add(HandPair(*(x.flip(0) for x in pairs)), second)
    queue.finish()
    assert first == before
    assert [r['MPVPE'] for r in second] == pytest.approx(
        [r['MPVPE'] for r in reversed(first)]
    )


def test_nothing_added_is_nothing_to_do():
    MeshQueue((5,), 'root').finish()
