"""Distillation of features, beside that of meshes."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from mmengine.runner.checkpoint import load_checkpoint, save_checkpoint
from mmpose.registry import MODELS
from small_networks import build_model
from view_batches import make_inputs, make_samples

from hamuco_mm.models import FeatureDistillLoss, MANOHead
from hamuco_mm.utils.weight_loading import complete_loading

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


def test_checkpoints_with_and_without_it_are_the_same_network(config, tmp_path):
    """What it learns serves the training alone."""
    with_it, without = build_model({**config, **FEATURES}), build_model(config)
    for source, target in ((with_it, without), (without, with_it)):
        with torch.no_grad():
            source.head.camera[-1].bias.add_(1.0)
        save_checkpoint(dict(state_dict=source.state_dict()), str(tmp_path / 'a.pth'))
        own = {k: v.clone() for k, v in target.view_losses.state_dict().items()}
        with complete_loading(target, 'a config', 'a.pth'):
            load_checkpoint(target, str(tmp_path / 'a.pth'), 'cpu', strict=True)
        torch.testing.assert_close(target.head.state_dict(), source.head.state_dict())
        torch.testing.assert_close(dict(target.view_losses.state_dict()), own)


def test_a_training_goes_on_with_what_it_has_learned(config, tmp_path):
    first, second = (build_model({**config, **FEATURES}) for _ in range(2))
    with torch.no_grad():
        first.view_losses[NAME].predictor[0].weight.add_(1.0)
    save_checkpoint(dict(state_dict=first.state_dict()), str(tmp_path / 'a.pth'))
    load_checkpoint(second, str(tmp_path / 'a.pth'), 'cpu', strict=True)
    torch.testing.assert_close(
        dict(second.view_losses.state_dict()), dict(first.view_losses.state_dict())
    )


def test_heads_without_features_are_named(config):
    class Bare(MANOHead):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            del self.feature_channels

    class Silent(MANOHead):
        def forward(self, feats):
            return replace(super().forward(feats), features=None)

    for head in (Bare, Silent):
        MODELS.register_module(module=head, force=True)
    config.update(FEATURES)
    config['head']['type'] = 'Bare'
    with pytest.raises(ValueError, match='Bare.*feature_channels'):
        MODELS.build(config)
    config['head']['type'] = 'Silent'
    with pytest.raises(ValueError, match='without features'):
        MODELS.build(config).loss(make_inputs([2]), make_samples([2]))
