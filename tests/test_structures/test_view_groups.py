import pytest
import torch
from mmpose.structures import PoseDataSample

from hamuco_mm.structures import ViewGroups


def samples(*meta):
    result = []
    for entry in meta:
        sample = PoseDataSample()
        sample.set_metainfo(entry)
        result.append(sample)
    return result


def view(frame, index, number):
    return dict(frame_id=frame, view_index=index, num_views=number)


def test_groups_of_varying_size_become_a_grid_and_rows_again():
    groups = ViewGroups.from_data_samples(
        samples(
            view('a', 0, 2),
            view('a', 1, 2),
            {},
            view('b', 0, 3),
            view('b', 1, 3),
            view('b', 2, 3),
        )
    )
    assert groups.sizes == (2, 1, 3)
    assert groups.num_views.tolist() == [2, 1, 3]
    assert groups.mask.tolist() == [
        [True, True, False],
        [True, False, False],
        [True, True, True],
    ]
    rows = torch.arange(1.0, 13).view(6, 2)
    grid = groups.to_padded(rows)
    assert grid.shape == (3, 3, 2)
    assert not grid[~groups.mask].any()
    assert torch.equal(grid[1, 0], rows[2])
    assert torch.equal(groups.to_flat(grid), rows)


def test_full_groups_round_trip():
    groups = ViewGroups([4, 4])
    rows = torch.randn(8, 5, 3)
    assert torch.equal(groups.to_flat(groups.to_padded(rows)), rows)
    assert torch.equal(groups.to_padded(rows)[1, 2], rows[6])


def test_the_same_frame_twice_in_a_batch_stays_two_groups():
    twice = [view('a', 0, 2), view('a', 1, 2)] * 2
    assert ViewGroups.from_data_samples(samples(*twice)).sizes == (2, 2)


@pytest.mark.parametrize(
    'broken',
    [
        [view('a', 0, 2)],
        [view('a', 1, 2), view('a', 0, 2)],
        [view('a', 0, 2), view('b', 1, 2)],
    ],
)
def test_broken_order_is_refused(broken):
    with pytest.raises(ValueError, match='multiview_collate'):
        ViewGroups.from_data_samples(samples(*broken))


def test_gradient_flows_through_both_ways():
    groups = ViewGroups([1, 2])
    rows = torch.randn(3, 4, requires_grad=True)
    groups.to_flat(groups.to_padded(rows) * 2).sum().backward()
    assert torch.equal(rows.grad, torch.full((3, 4), 2.0))
