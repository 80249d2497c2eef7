"""Distillation of features, beside that of meshes."""

import numpy as np
import pytest
import torch
from mmpose.registry import MODELS
from small_networks import build_model
from view_batches import make_inputs, make_samples

from hamuco_mm.models import FeatureDistillLoss

FEATURES = dict(loss_distill_features=dict(type='FeatureDistillLoss'))
NAME = 'loss_distill_features'


def test_is_one_minus_the_cosine_between_features():
    loss = FeatureDistillLoss(5, 4, hidden_channels=6, loss_weight=2.0).double()
    rng = np.random.default_rng(0)
    single, interact = rng.normal(size=(2, 3, 5)), rng.normal(size=(2, 3, 4))
    mask = torch.tensor([[True, True, True], [True, True, False]])
    told = loss.predictor(torch.from_numpy(single)).detach().numpy()
    cosines = [
        a @ b / np.linalg.norm(a) / np.linalg.norm(b)
        for a, b in zip(told.reshape(-1, 4), interact.reshape(-1, 4))
    ]
    by_view = 1 - np.array(cosines).reshape(2, 3)
    expected = 2.0 * np.mean([by_view[0].mean(), by_view[1, :2].mean()])
    value = loss(torch.from_numpy(single), torch.from_numpy(interact), mask)
    assert value.item() == pytest.approx(expected)


def test_the_single_view_alone_learns_from_it(config):
    model = build_model({**config, **FEATURES}).train()
    model.loss(make_inputs([3]), make_samples([3]))[NAME].backward()
    assert model.backbone.conv1.weight.grad.abs().sum() > 0
    for part in (model.view_neck, model.view_head, model.head.pose):
        assert all(p.grad is None for p in part.parameters())


def test_steps_bring_the_features_together(config):
    model = build_model({**config, **FEATURES}).eval()
    batch = make_inputs([3, 2]), make_samples([3, 2])
    optimizer = torch.optim.Adam(model.parameters(), 1e-3)
    values = []
    for _ in range(20):
        loss = model.loss(*batch)[NAME]
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        values.append(loss.item())
    assert values[-1] < 0.5 * values[0]


@pytest.mark.parametrize('sizes', [(1, 1), (3, 1)])
def test_every_parameter_gets_a_gradient_before_other_losses_come_on(config, sizes):
    model = build_model({**config, **FEATURES}).train()
    model.loss_factors = {name: float(name == NAME) for name in model.loss_factors}
    model.parse_losses(model.loss(make_inputs(sizes), make_samples(sizes)))[
        0
    ].backward()
    assert all(p.grad is not None for p in model.parameters())


def test_one_view_alone_has_nothing_to_learn(config):
    model = build_model({**config, **FEATURES})
    assert model.loss(make_inputs([1, 1]), make_samples([1, 1]))[NAME] == 0


def test_without_an_interaction_it_is_refused(config):
    config.update(view_neck=None, view_head=None, **FEATURES)
    with pytest.raises(ValueError, match='loss_distill_features teaches'):
        MODELS.build(config)
