import pytest
import torch
from view_batches import make_samples

from hamuco_mm.structures import HandTargets, TensorTree


def targets(sizes=(2, 2), **kwargs):
    return HandTargets.from_data_samples(make_samples(sizes, **kwargs))


def test_tensors_are_replaced_in_their_order():
    first, second = targets(seed=0), targets(seed=1)
    changed = first.with_tensors(second.tensors())
    torch.testing.assert_close(changed.tensors(), second.tensors())
    assert torch.equal(changed.keypoints, second.keypoints)
    assert torch.equal(changed.frames.R_world2crop, second.frames.R_world2crop)
    assert not torch.equal(changed.keypoints, first.keypoints)


@pytest.mark.parametrize('sizes', ((2, 2), (3, 1)))
@pytest.mark.parametrize('calibrated', (True, False))
def test_numbers_alone_do_not_change_the_layout(sizes, calibrated):
    first = targets(sizes, calibrated=calibrated, seed=0)
    second = targets(sizes, calibrated=calibrated, seed=1)
    assert hash(first.layout()) == hash(second.layout())
    assert first.layout() == second.layout()


def test_all_else_changes_the_layout():
    batches = [
        targets(),
        targets((2, 1, 1)),
        targets((3, 1)),
        targets((1, 3)),
        targets(calibrated=False),
        targets().to('meta'),
    ]
    assert len({batch.layout() for batch in batches}) == len(batches)


def test_inner_structures_move_along():
    moved = targets((3, 1)).to('meta')
    assert {tensor.device.type for tensor in moved.tensors()} == {'meta'}
    assert isinstance(moved.frames.groups, TensorTree)
    assert moved.frames.groups.sizes == (3, 1)
