"""One network for any number of views, trained with views hidden or not."""

import copy

import numpy as np
import pytest
import torch
from mmpose.registry import MODELS
from view_batches import make_inputs, make_samples

from hamuco_mm.models.layers import hide_random_views, keep_random_views

from .test_hamuco import PREDICTIONS, build, fields, predict

SIZES = (8, 1, 3, 2)


@pytest.fixture
def mask():
    """Present views of 400 time steps of four sizes, (400, 8)."""
    sizes = torch.tensor(SIZES).repeat(100)
    return torch.arange(8) < sizes[:, None]


@pytest.mark.parametrize('calibrated', [True, False])
def test_one_batch_of_many_sizes(config, calibrated):
    """Each time step as by itself, in any order of steps and views, so that
    neither the empty places nor the neighbours count."""
    model = build(config)
    samples = make_samples(SIZES, calibrated)
    inputs = make_inputs(SIZES)
    expected = predict(model, inputs, samples)
    starts = np.cumsum([0, *SIZES[:-1]])
    rng = np.random.default_rng(0)
    rows = np.concatenate(
        [starts[step] + rng.permutation(SIZES[step]) for step in (2, 0, 3, 1)]
    )
    shuffled = [copy.deepcopy(samples[row]) for row in rows]
    sizes = [SIZES[step] for step in (2, 0, 3, 1)]
    for sample, index in zip(shuffled, np.concatenate([np.arange(s) for s in sizes])):
        sample.set_metainfo(dict(view_index=int(index)))
    results = predict(model, inputs[rows], shuffled)
    for name in PREDICTIONS:
        np.testing.assert_allclose(
            fields(results, name), fields(expected, name)[rows], atol=2e-4
        )


@pytest.mark.parametrize('num_views', [1, 2, 5])
def test_hidden_views_are_absent_ones(config, num_views):
    """The first views alone: what the network gives without the others."""
    model = build(config)
    samples, inputs = make_samples([8]), make_inputs([8])
    alone = [copy.deepcopy(sample) for sample in samples[:num_views]]
    for sample in alone:
        sample.set_metainfo(dict(num_views=num_views))
    expected = predict(model, inputs[:num_views], alone)
    # beside a time step of eight views they are five present, three masked
    both = predict(model, torch.cat([inputs[:num_views], inputs]), alone + samples)
    for name in PREDICTIONS:
        np.testing.assert_allclose(
            fields(both, name)[:num_views], fields(expected, name), atol=2e-4
        )


def test_random_masks_do_nothing_in_prediction(config):
    samples, inputs = make_samples(SIZES), make_inputs(SIZES)
    model = build(config)
    expected = predict(model, inputs, samples)
    config['view_neck']['random_view_mask'] = True
    masked = MODELS.build(config)
    masked.load_state_dict(model.state_dict())
    results = predict(masked, inputs, samples)
    for name in PREDICTIONS:
        np.testing.assert_array_equal(fields(results, name), fields(expected, name))


def test_random_masks_change_what_is_learnt(config):
    config['view_neck']['random_view_mask'] = True
    model = build(config).train()
    samples, inputs = make_samples([8]), make_inputs([8])
    losses = {
        float(model.loss(inputs, samples)['loss_kpt_interact'].detach())
        for _ in range(4)
    }
    assert len(losses) > 1


def test_some_present_view_is_always_kept(mask):
    torch.manual_seed(0)
    counts = set()
    for _ in range(50):
        kept = mask & keep_random_views(mask)
        assert kept.any(1).all()
        counts.update(kept[::4].sum(1).tolist())
    assert counts == set(range(1, 9))


def test_hidden_views_leave_the_view_itself(mask):
    torch.manual_seed(0)
    counts = set()
    for _ in range(50):
        visible = hide_random_views(mask) & mask[:, None]
        assert visible.diagonal(dim1=1, dim2=2)[mask].all()
        counts.update(visible[::4].sum(2).flatten().tolist())
    # of eight, one to seven others are hidden
    assert counts == set(range(1, 8))
    # which ones differs between the views of a time step
    assert any((step != step[0]).any() for step in visible[::4, :, :])
