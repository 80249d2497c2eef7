"""Trainings of a small real network with MMEngine's Runner, in seconds."""

import numpy as np
import pytest
import torch
from mmengine.hooks import Hook
from mmengine.registry import init_default_scope
from mmengine.runner import Runner
from small_networks import build_model, model_config
from torch.utils.data import Dataset
from view_batches import SIZE, make_samples

VIEWS = 3


class TimeSteps(Dataset):
    """Random views of time steps, as the multi-view data sets give them."""

    metainfo = {}

    def __init__(self, number, views=VIEWS):
        self.number = number
        self.views = views

    def __len__(self):
        return self.number

    def __getitem__(self, index):
        rng = np.random.default_rng(index)
        images = rng.integers(0, 256, (self.views, 3, SIZE, SIZE), np.uint8)
        samples = make_samples([self.views], seed=index)
        return dict(
            inputs=[torch.from_numpy(image) for image in images],
            data_samples=samples,
        )


class Watch(Hook):
    """Keeps the losses of each iteration."""

    def __init__(self):
        self.losses = []

    def after_train_iter(self, runner, batch_idx, data_batch=None, outputs=None):
        self.losses.append({name: float(value) for name, value in outputs.items()})


def network_config(**changes):
    config = model_config((SIZE, SIZE))
    config['data_preprocessor']['type'] = 'HandDataPreprocessor'
    config.update(
        loss_consistency_2d=dict(type='ViewConsistency2DLoss'),
        loss_consistency_fusion=dict(type='FusedPointsLoss'),
        loss_distill=dict(type='FusedPointsLoss'),
    )
    config.update(changes)
    return config


def train(
    tmp_path, name, hooks=(), epochs=3, number=12, averaging='EMAHook', **changes
):
    """Train a small network; its losses, and the runner."""
    init_default_scope('mmpose')
    watch = Watch()
    settings = dict(
        model=build_model(network_config()),
        work_dir=str(tmp_path / name),
        # MMEngine keeps one logger, with its file, for each name
        experiment_name=f'{tmp_path.name}_{name}',
        train_dataloader=dict(
            dataset=TimeSteps(number),
            batch_size=2,
            sampler=dict(type='DefaultSampler', shuffle=False),
            collate_fn=dict(type='multiview_collate'),
        ),
        train_cfg=dict(by_epoch=True, max_epochs=epochs),
        optim_wrapper=dict(
            optimizer=dict(type='AdamW', lr=1e-3, fused=True),
            clip_grad=dict(max_norm=0.5),
            paramwise_cfg=dict(custom_keys=dict(backbone=dict(lr_mult=0.5))),
        ),
        param_scheduler=[
            dict(type='LinearLR', start_factor=0.1, end=4, by_epoch=False),
            dict(type='StepLR', step_size=1, gamma=0.7),
        ],
        default_hooks=dict(
            logger=dict(type='LoggerHook', interval=4),
            checkpoint=dict(type='CheckpointHook', interval=1),
            runtime_info=dict(type='DeferredRuntimeInfoHook'),
        ),
        custom_hooks=[
            dict(type='LossScheduleHook', warmup_epochs=1, ramp_epochs=1.5),
            dict(type=averaging),
            *hooks,
            watch,
        ],
        randomness=dict(seed=0),
        default_scope='mmpose',
    )
    settings.update(changes)
    runner = Runner(**settings)
    runner.train()
    return watch.losses, runner


def assert_same(found, expected, rtol=2e-4):
    assert len(found) == len(expected)
    for step, (one, other) in enumerate(zip(found, expected)):
        assert one.keys() >= other.keys(), step
        for name, value in other.items():
            assert one[name] == pytest.approx(value, rel=rtol, abs=1e-6), (step, name)
