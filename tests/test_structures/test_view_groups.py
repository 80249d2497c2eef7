import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from mmpose.structures import PoseDataSample

from hamuco_mm.structures import ViewGroups, group_sizes


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


SIZES = st.lists(st.integers(1, 5), min_size=1, max_size=6)


@given(SIZES)
def test_every_row_has_one_place_and_comes_back(sizes):
    groups = ViewGroups(sizes)
    rows = torch.arange(1, sum(sizes) + 1)
    grid = groups.to_padded(rows)
    assert grid.shape == groups.mask.shape == (len(sizes), max(sizes))
    assert groups.num_views.tolist() == sizes
    # present places hold the rows in their order, the others 0
    assert torch.equal(grid[groups.mask], rows)
    assert not grid[~groups.mask].any()
    assert torch.equal(groups.to_flat(grid), rows)


@given(SIZES)
def test_empty_places_do_not_reach_the_rows(sizes):
    groups = ViewGroups(sizes)
    rows = torch.randn(sum(sizes), 2)
    filled = groups.to_padded(rows).masked_fill(~groups.mask[..., None], torch.nan)
    assert torch.equal(groups.to_flat(filled), rows)


@given(SIZES, st.randoms(use_true_random=False))
def test_permuted_time_steps_and_views_are_permuted_in_the_grid(sizes, random):
    rows = torch.arange(sum(sizes)).split(sizes)
    order = random.sample(range(len(sizes)), len(sizes))
    views = [random.sample(range(sizes[step]), sizes[step]) for step in order]
    permuted = [rows[step][chosen] for step, chosen in zip(order, views)]
    grid = ViewGroups(sizes).to_padded(torch.cat(rows))
    found = ViewGroups([sizes[step] for step in order]).to_padded(torch.cat(permuted))
    for row, step, chosen in zip(found, order, views):
        assert torch.equal(row[: sizes[step]], grid[step][chosen])


@given(SIZES)
def test_groups_are_read_off_what_says_them(sizes):
    meta = [
        view(str(step), index, size)
        for step, size in enumerate(sizes)
        for index in range(size)
    ]
    assert group_sizes(meta) == sizes
    groups = ViewGroups.from_data_samples(samples(*meta))
    assert groups.sizes == tuple(sizes) and len(groups) == len(sizes)
    assert torch.equal(groups.to('cpu').mask, groups.mask)


@given(st.lists(st.integers(1, 5), min_size=1, max_size=4))
def test_weights_make_the_mean_over_views_and_then_over_time_steps(sizes):
    groups = ViewGroups(sizes)
    several = [step for step, size in enumerate(sizes) if size > 1]
    values = torch.randn(len(sizes), max(sizes), max(sizes))
    views, pairs = [torch.zeros(())], [torch.zeros(())]
    for step in several:
        size = sizes[step]
        square = values[step, :size, :size].clone()
        views.append(square[0].mean() / len(several))
        pairs.append(square.fill_diagonal_(0).mean() / len(several))
    torch.testing.assert_close((groups.view_weights * values[:, 0]).sum(), sum(views))
    torch.testing.assert_close((groups.pair_weights * values).sum(), sum(pairs))


def frame(name, index, number):
    """Both views of a time step of a window."""
    place = dict(frame_index=index, num_frames=number)
    return [view(name, i, 2) | place for i in range(2)]


def test_windows_of_varying_length():
    entries = [*frame('a', 0, 2), *frame('b', 1, 2), {}, *frame('c', 0, 1)]
    groups = ViewGroups.from_data_samples(samples(*entries))
    assert groups.sizes == (2, 2, 1, 2)
    assert groups.windows.sizes == (2, 1, 1) and not groups.regular
    steps = torch.arange(4)
    assert groups.windows.to_padded(steps).tolist() == [[0, 1], [2, 0], [3, 0]]
    assert ViewGroups.from_data_samples(samples({}, {})).windows is None


@pytest.mark.parametrize(
    'entries',
    [
        [*frame('b', 1, 2), *frame('a', 0, 2)],
        [*frame('a', 0, 3), *frame('b', 1, 3)],
    ],
)
def test_windows_out_of_order_are_refused(entries):
    with pytest.raises(ValueError, match='frame_index='):
        ViewGroups.from_data_samples(samples(*entries))


@pytest.mark.parametrize(
    'sizes, frames, expected',
    [
        ((2, 2), None, True),
        ((2, 1), None, False),
        ((2, 2), (2,), True),
        ((2, 2, 2), (2, 1), False),
        ((2, 1), (2,), False),
    ],
)
def test_regular_batches(sizes, frames, expected):
    assert ViewGroups(sizes, frames=frames).regular is expected


def test_windows_of_other_time_steps_are_refused():
    with pytest.raises(ValueError, match='do not hold 3'):
        ViewGroups([2, 2, 2], frames=[2])
