"""A training starts, or goes on, from a checkpoint of its own network."""

import logging
import re

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.dataset import BaseDataset
from mmengine.hooks import EMAHook
from mmpose.registry import MODELS
from one_weight import OneWeight
from torch import nn

from hamuco_mm.engine import MeanTeacherHook
from hamuco_mm.engine.training_runner import (
    TrainingRunner,
    check_stored_model,
    check_stored_schedule,
)


@MODELS.register_module()
class Layers(OneWeight):
    """A loss that needs none of its layers."""

    def __init__(self, width: int, head: int = 1) -> None:
        super().__init__()
        self.backbone = nn.Sequential(*(nn.Linear(width, width) for _ in range(12)))
        self.head = nn.Linear(width, head)

    def forward(self, inputs, mode='tensor', **others):
        return super().forward(inputs, mode)


class Named(BaseDataset):
    """One with several arrays, as those of hands have."""

    METAINFO = dict(sigmas=np.full(3, 0.1), weights=np.ones(3), names=['wrist', 'tip'])

    def load_data_list(self):
        return [dict(inputs=torch.ones(1)) for _ in range(2)]


def runner_of(tmp_path, name: str, epochs: int = 1, width: int = 2, **changes):
    model = dict(type='Layers', width=width, head=changes.pop('head', 1))
    settings = dict(
        model=model,
        work_dir=str(tmp_path / name),
        experiment_name=f'{tmp_path.name}_{name}_{epochs}_{sorted(changes)}_{width}',
        train_dataloader=dict(
            batch_size=1,
            dataset=Named(),
            collate_fn=dict(type='default_collate'),
            sampler=dict(type='DefaultSampler', shuffle=False),
        ),
        train_cfg=dict(by_epoch=True, max_epochs=epochs),
        optim_wrapper=dict(optimizer=dict(type='SGD', lr=0.01)),
        custom_hooks=[EMAHook()],  # it loads weights itself
        default_scope='mmpose',
        cfg=Config(dict(model=model, train_cfg=dict(max_epochs=epochs))),
    )
    return TrainingRunner(**{**settings, **changes})


@pytest.fixture
def checkpoint(tmp_path) -> str:
    """Of a finished training."""
    runner_of(tmp_path, 'first').train()
    return str(tmp_path / 'first' / 'epoch_1.pth')


@pytest.fixture
def warnings():
    """Function: a runner -> the warnings of its training."""

    def train(runner) -> list[str]:
        messages = []
        handler = logging.Handler(logging.WARNING)
        handler.emit = lambda record: messages.append(record.getMessage())
        runner.logger.addHandler(handler)
        runner.train()
        return messages

    return train


def test_epochs_without_a_batch_are_refused(tmp_path):
    loader = dict(
        batch_size=4,
        drop_last=True,
        dataset=Named(),
        collate_fn=dict(type='default_collate'),
        sampler=dict(type='DefaultSampler', shuffle=False),
    )
    with pytest.raises(ValueError, match='2 items, fewer than batch_size=4, .*last=F'):
        runner_of(tmp_path, 'first', train_dataloader=loader).train()


@pytest.mark.parametrize(
    ('keys', 'message'),
    [
        (dict(bakbone=dict(lr_mult=0)), 'bakbone.*of no parameter.*mean backbone'),
        ({'backbone.12': dict(lr_mult=0)}, r"'backbone.12'.*mean backbone"),
        (
            dict(head=dict(lr_mul=0.1)),
            r"custom_keys.head: nobody reads 'lr_mul' .*lr_mult",
        ),
    ],
)
def test_settings_that_reach_no_parameter_are_refused(tmp_path, keys, message):
    def optimizer(keys):
        return dict(
            optimizer=dict(type='SGD', lr=0.01, weight_decay=0.1),
            paramwise_cfg=dict(custom_keys=keys),
        )

    fine = dict(backbone=dict(lr_mult=0.1, momentum=0.5), bias=dict(decay_mult=0))
    runner_of(tmp_path, 'fine', optim_wrapper=optimizer(fine)).train()
    with pytest.raises(ValueError, match=message):
        runner_of(tmp_path, 'slip', optim_wrapper=optimizer(keys)).train()


def test_exceptions_from_decay_may_be_of_other_networks(tmp_path, warnings):
    keys = dict(absolute_pos_embed=dict(decay_mult=0.0))
    optimizer = dict(
        optimizer=dict(type='SGD', lr=0.01, weight_decay=0.1),
        paramwise_cfg=dict(custom_keys=keys),
    )
    runner = runner_of(tmp_path, 'swin', optim_wrapper=optimizer)
    said = [line for line in warnings(runner) if 'absolute_pos_embed' in line]
    assert len(said) == 1 and 'would change nothing' in said[0]


def test_one_hook_averages_the_weights(tmp_path):
    """A second one would leave an average in the network that is trained."""
    hooks = [EMAHook(), MeanTeacherHook()]
    with pytest.raises(ValueError, match='EMAHook and MeanTeacherHook both average'):
        runner_of(tmp_path, 'two', custom_hooks=hooks)
    runner_of(tmp_path, 'one', custom_hooks=hooks[1:])


def test_a_start_from_another_network_is_refused(tmp_path, checkpoint, capfd):
    runner = runner_of(tmp_path, 'second', width=3, load_from=checkpoint)
    with pytest.raises(ValueError, match=f'{checkpoint} has no weights for 25 of 27'):
        runner.train()
    assert not list((tmp_path / 'second').glob('*.pth'))
    assert 'size mismatch' not in ''.join(capfd.readouterr())


def test_a_start_from_a_part_is_said_in_one_line(tmp_path, checkpoint, warnings, capfd):
    runner = runner_of(tmp_path, 'second', head=2, load_from=checkpoint)
    said = [line for line in warnings(runner) if checkpoint in line]
    assert len(said) == 1 and '\n' not in said[0]
    assert '2 of 27 tensors' in said[0] and '(head.weight, head.bias)' in said[0]
    assert 'size mismatch' not in ''.join(capfd.readouterr())
    assert (tmp_path / 'second' / 'epoch_1.pth').is_file()


def test_a_whole_start_says_nothing(tmp_path, checkpoint, warnings):
    said = warnings(runner_of(tmp_path, 'second', load_from=checkpoint))
    assert not [line for line in said if checkpoint in line]


def test_a_training_goes_on_for_longer(tmp_path, checkpoint, warnings):
    runner = runner_of(tmp_path, 'first', epochs=2, resume=True)
    said = warnings(runner)
    assert runner.epoch == 2
    assert not [line for line in said if 'metainfo' in line]


def test_other_data_are_said_when_a_training_goes_on(tmp_path, checkpoint, warnings):
    other = dict(
        batch_size=1,
        dataset=Named(metainfo=dict(sigmas=np.full(3, 0.2))),
        collate_fn=dict(type='default_collate'),
        sampler=dict(type='DefaultSampler', shuffle=False),
    )
    runner = runner_of(tmp_path, 'first', epochs=2, resume=True, train_dataloader=other)
    assert [line for line in warnings(runner) if 'metainfo' in line]


def test_a_training_does_not_go_on_with_another_network(tmp_path, checkpoint):
    runner = runner_of(tmp_path, 'first', epochs=2, width=3, resume=True)
    with pytest.raises(
        ValueError,
        match=f'{checkpoint} is of another model: model.width is 2 there and 3 in '
        '.* Name another --work-dir, .* without --resume: .*load_from=',
    ):
        runner.train()


def test_weights_decide_where_no_config_is_stored(tmp_path, checkpoint):
    content = torch.load(checkpoint, weights_only=False)
    content['meta']['cfg'] = 'import os'
    torch.save(content, checkpoint)
    runner = runner_of(tmp_path, 'first', epochs=2, head=2, resume=True)
    with pytest.raises(
        ValueError, match='has no weights for 2 of 27 tensors.*another --work-dir'
    ):
        runner.train()


MODEL = dict(
    type='HaMuCo',
    backbone=dict(type='ResNet', depth=18, out_indices=(0, 1)),
    head=dict(type='MANOHead', hand_model=dict(path='data/MANO_RIGHT.pkl')),
)


@pytest.mark.parametrize(
    ('changes', 'words'),
    [
        ({'backbone.depth': 50}, 'model.backbone.depth is 18 there and 50 in'),
        ({'backbone.out_indices': [0, 2]}, r'out_indices.1 is 1 there and 2 in'),
        ({'view_neck': dict(type='CVINet')}, 'model.view_neck is not set there'),
        ({'type': 'TopdownPoseEstimator'}, "model.type is 'HaMuCo' there and 'Top"),
        ({'head.hand_model.path': 'data/LEFT.pkl'}, 'model.head.hand_model.path is'),
        ({'head.hand_model.path': '/mano/MANO_RIGHT.pkl'}, None),
        ({'backbone.out_indices': [0, 1]}, None),
        ({'backbone.init_cfg': dict(checkpoint='x.pth')}, None),
        ({'test_cfg': dict(rotation_test=True)}, None),
        ({'relabelling': dict(type='FusedRelabelling')}, None),
        (
            {'loss_distill_features': dict(type='FeatureDistillLoss')},
            'model.loss_distill_features is not set there',
        ),
    ],
)
def test_which_settings_are_of_the_network(changes, words):
    stored = Config(dict(model=MODEL, max_epochs=5)).pretty_text
    cfg = Config(dict(model=MODEL, max_epochs=9))
    cfg.merge_from_dict({f'model.{key}': value for key, value in changes.items()})
    checkpoint = dict(meta=dict(cfg=stored))
    if words is None:
        check_stored_model(checkpoint, 'x.pth', cfg)
    else:
        with pytest.raises(ValueError, match=words):
            check_stored_model(checkpoint, 'x.pth', cfg)


def test_other_losses_are_said(logged):
    """A training may go on with them."""
    stored = Config(dict(model=dict(MODEL, loss_distill=dict(loss_weight=5.0))))
    cfg = Config(dict(model=dict(MODEL, loss_distill=dict(loss_weight=1.0))))
    check_stored_model(dict(meta=dict(cfg=stored.pretty_text)), 'x.pth', cfg)
    (message,) = logged
    assert (
        'x.pth was trained with other losses: model.loss_distill.loss_weight is 5.0 there'
        in message
    )
    cfg.model.backbone.depth = 50
    with pytest.raises(ValueError, match='model.backbone.depth'):
        check_stored_model(dict(meta=dict(cfg=stored.pretty_text)), 'x.pth', cfg)


TRAINED = dict(
    train_cfg=dict(by_epoch=True, max_epochs=2, val_interval=1),
    param_scheduler=[dict(type='CosineAnnealingLR', eta_min=1e-5)],
    optim_wrapper=dict(optimizer=dict(type='Adam', lr=0.001), clip_grad=None),
)


@pytest.mark.parametrize(
    ('changes', 'words'),
    [
        ({'train_cfg.max_epochs': 4}, 'train_cfg.max_epochs is 2 there and 4 in'),
        ({'optim_wrapper.optimizer.lr': 0.02}, 'optimizer.lr is 0.001 there and 0.02'),
        ({'param_scheduler.0.eta_min': 0}, 'param_scheduler.0.eta_min is 1e-05 there'),
        ({'param_scheduler': None}, 'and None in'),
        ({'train_cfg.val_interval': 2}, None),
        ({'optim_wrapper.accumulative_counts': 2}, None),
        ({'custom_hooks': [dict(type='PauseHook', minutes=8)]}, None),
        ({}, None),
    ],
)
def test_a_schedule_that_is_ignored_is_said(changes, words, logged):
    checkpoint = dict(meta=dict(cfg=Config(TRAINED).pretty_text))
    cfg = Config(TRAINED)
    cfg.merge_from_dict(changes)
    check_stored_schedule(checkpoint, 'x.pth', cfg)
    assert len(logged) == (words is not None)
    for message in logged:
        assert words in message
        assert message.endswith('without --resume: --cfg-options load_from=x.pth')


def test_a_longer_training_without_a_schedule_says_nothing(logged):
    stored = Config(dict(TRAINED, param_scheduler=None))
    cfg = Config(dict(TRAINED, param_scheduler=None))
    cfg.train_cfg.max_epochs = 4
    check_stored_schedule(dict(meta=dict(cfg=stored.pretty_text)), 'x.pth', cfg)
    assert not logged


def test_a_resumed_training_says_its_schedule_once(tmp_path, warnings):
    rate = dict(
        param_scheduler=[dict(type='CosineAnnealingLR', T_max=1, by_epoch=True)]
    )
    settings = dict(train_cfg=dict(by_epoch=True, max_epochs=1), **rate)
    model = dict(type='Layers', width=2, head=1)
    runner_of(
        tmp_path, 'first', cfg=Config(dict(model=model, **settings)), **rate
    ).train()
    settings['train_cfg']['max_epochs'] = 2
    longer = Config(dict(model=model, **settings))
    said = warnings(
        runner_of(tmp_path, 'first', epochs=2, resume=True, cfg=longer, **rate)
    )
    assert len([line for line in said if 'another schedule' in line]) == 1


def by_batches(counts: bool, batches: int) -> dict:
    """Settings of a runner: the length of its epochs, and a schedule that counts
    batches, or epochs."""
    return dict(
        train_dataloader=dict(
            batch_size=1,
            dataset=Named(indices=batches),
            collate_fn=dict(type='default_collate'),
            sampler=dict(type='DefaultSampler', shuffle=False),
        ),
        param_scheduler=[
            dict(
                type='CosineAnnealingLR',
                by_epoch=True,
                convert_to_iter_based=counts,
            )
        ],
    )


@pytest.mark.parametrize(
    ('counts', 'before', 'after', 'words'),
    [
        (True, 1, 2, '1 batches .* are 2 now.* ends in epoch 2. For'),
        (True, 2, 1, '2 batches .* are 1 now.* ends in epoch 5. For'),
        (True, 2, 2, None),
        (False, 1, 2, None),
    ],
)
def test_epochs_of_another_length_are_said(
    tmp_path, warnings, counts, before, after, words
):
    first = runner_of(tmp_path, 'first', epochs=3, **by_batches(counts, before))
    first.train()
    record = tmp_path / 'first' / 'last_checkpoint'
    record.write_text(str(tmp_path / 'first' / 'epoch_1.pth'))
    second = runner_of(
        tmp_path, 'first', epochs=3, resume=True, **by_batches(counts, after)
    )
    said = [line for line in warnings(second) if 'batches an epoch' in line]
    assert len(said) == (words is not None)
    for line in said:
        assert re.search(words, line)
