"""Neighbouring time steps see each other in the interaction."""

import numpy as np
import pytest
import torch
from small_networks import build_model
from view_batches import make_inputs, make_samples

from hamuco_mm.models.layers import FrameAttention
from hamuco_mm.structures import ViewGroups

CHANNELS, HEADS = 8, 2


def layer():
    """One that does something, in double precision."""
    torch.manual_seed(0)
    made = FrameAttention(CHANNELS, HEADS, max_frames=3).double()
    for parameter in made.parameters():
        torch.nn.init.normal_(parameter, std=0.7)
    return made


def graphs_of(groups, seed=0):
    generator = torch.Generator().manual_seed(seed)
    shape = (*groups.mask.shape, 21, CHANNELS)
    grid = torch.randn(shape, generator=generator, dtype=torch.float64)
    return grid.masked_fill(~groups.mask[:, :, None, None], 0.0)


def by_hand(attention, graphs, steps_of, sizes):
    """Joint by joint and head by head."""
    width = CHANNELS // HEADS
    result = graphs.clone()
    rows = attention.qkv(attention.norm(graphs)).detach().numpy()
    bias = attention.distance_bias.detach().numpy()
    for steps in steps_of:
        places = [
            (time, step, view)
            for time, step in enumerate(steps)
            for view in range(sizes[step])
        ]
        for joint in range(21):
            q, k, v = np.split(
                np.stack([rows[step, view, joint] for _, step, view in places]), 3, -1
            )
            attended = np.zeros_like(q)
            for head in range(HEADS):
                part = slice(head * width, (head + 1) * width)
                for i, (time, _, _) in enumerate(places):
                    apart = [min(abs(time - other), 2) for other, _, _ in places]
                    score = k[:, part] @ q[i, part] / np.sqrt(width)
                    share = np.exp(score + bias[head][apart])
                    attended[i, part] = share @ v[:, part] / share.sum()
            added = attention.merge(torch.from_numpy(attended)).detach()
            for (_, step, view), change in zip(places, added):
                result[step, view, joint] += change
    return result


@pytest.mark.parametrize(
    'sizes, frames, steps_of',
    [
        ((2, 2, 2, 2), (4,), [(0, 1, 2, 3)]),
        ((3, 1, 2), (2, 1), [(0, 1), (2,)]),
        ((2, 3), None, [(0,), (1,)]),
    ],
)
def test_equals_attention_written_out(sizes, frames, steps_of):
    groups = ViewGroups(sizes, frames=frames)
    graphs, attention = graphs_of(groups), layer()
    expected = by_hand(attention, graphs, steps_of, sizes)
    result = attention(graphs, groups)
    torch.testing.assert_close(result[groups.mask], expected[groups.mask])


def test_at_the_beginning_it_changes_nothing():
    groups = ViewGroups([2, 2], frames=[2])
    graphs = graphs_of(groups)
    result = FrameAttention(CHANNELS, HEADS).double()(graphs, groups)
    assert torch.equal(result, graphs)


def test_the_past_counts_as_the_future_does():
    groups = ViewGroups([2] * 4, frames=[4])
    graphs, attention = graphs_of(groups), layer()
    forwards = attention(graphs, groups)
    backwards = attention(graphs.flip(0), groups).flip(0)
    torch.testing.assert_close(forwards, backwards)


def test_without_windows_it_says_so_once(logged):
    groups, attention = ViewGroups([2, 2]), layer()
    graphs, neighbours = graphs_of(groups), ViewGroups([2, 2], frames=[2])
    attention(graphs, neighbours)
    assert not logged
    for _ in range(2):
        attention(graphs, groups)
    assert len(logged) == 1 and 'see no neighbours' in logged[0]


def test_widths_that_heads_cannot_share_are_refused():
    with pytest.raises(ValueError, match='num_heads'):
        FrameAttention(9, num_heads=2)


@pytest.fixture
def model(config):
    config['view_neck']['temporal_layer'] = dict(type='FrameAttention')
    model = build_model(config)
    torch.nn.init.normal_(model.view_neck.temporal.merge.weight, std=0.3)
    return model


def in_windows(sizes, frames):
    """Samples whose time steps are neighbours."""
    samples = make_samples(sizes)
    steps = iter(np.split(np.arange(sum(sizes)), np.cumsum(sizes)[:-1]))
    for number in frames:
        for index in range(number):
            for row in next(steps):
                place = dict(frame_index=index, num_frames=number)
                samples[row].set_metainfo(place)
    return samples


def interact_of(model, samples, inputs):
    results = model.predict(inputs, samples)
    return np.concatenate([r.pred_instances.vertices_interact for r in results])


def test_predictions_depend_on_neighbours_and_on_nothing_else(model):
    sizes, frames = (2, 3, 2, 2), (2, 2)
    inputs = make_inputs(sizes)
    changed = inputs.clone()
    changed[0] += 0.5  # the first time step
    before = interact_of(model, in_windows(sizes, frames), inputs)
    after = interact_of(model, in_windows(sizes, frames), changed)
    moved = np.abs(after - before).max((1, 2)) > 1e-6
    assert moved.tolist() == [True] * 5 + [False] * 4
    alone = interact_of(model, make_samples(sizes), inputs)
    assert np.abs(alone - before).max() > 1e-6
    again = interact_of(model, make_samples(sizes), changed)
    assert (np.abs(again - alone).max((1, 2)) > 1e-6).tolist() == [True] * 2 + [
        False
    ] * 7


@pytest.mark.parametrize('sizes, frames', [((2, 2), (2,)), ((2, 1, 3), (2, 1))])
def test_every_parameter_gets_a_gradient(model, sizes, frames):
    losses = model.train().loss(make_inputs(sizes), in_windows(sizes, frames))
    model.parse_losses(losses)[0].backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None and parameter.grad.isfinite().all(), name


def test_under_bfloat16_autocast(model):
    samples, inputs = in_windows((2, 2), (2,)), make_inputs((2, 2))
    with torch.autocast('cpu', torch.bfloat16):
        losses = model.train().loss(inputs, samples)
    assert all(value.isfinite().all() for value in losses.values())


def test_hidden_views_are_not_shown_by_it(config):
    config['view_neck'].update(
        temporal_layer=dict(type='FrameAttention'), random_view_mask=True
    )
    with pytest.raises(ValueError, match='leave one of the two out'):
        build_model(config)
