"""A training in pieces is the training in one."""

import pytest
import torch
from mmengine.hooks import Hook
from mmengine.runner import Runner
from one_weight import OneWeight

from hamuco_mm.engine import PauseHook

EPOCHS, BATCHES = 6, 5


@pytest.fixture
def clock(monkeypatch):
    now = [100.0]
    monkeypatch.setattr('hamuco_mm.engine.hooks.pause_hook.monotonic', lambda: now[0])
    return now


class Second(Hook):
    """Each iteration takes a second; notes how the weight goes."""

    def __init__(self, clock, weights):
        self.clock, self.weights = clock, weights

    def after_train_iter(self, runner, batch_idx, data_batch=None, outputs=None):
        self.clock[0] += 1
        self.weights.append([p.detach().clone() for p in runner.model.parameters()])


def train(work_dir, clock, minutes=None, interval=1, **settings):
    """One piece; returns the runner and the weights after each iteration."""
    weights = []
    hooks = [Second(clock, weights)]
    if minutes:
        hooks.append(PauseHook(minutes))
    options = dict(
        train_cfg=dict(by_epoch=True, max_epochs=EPOCHS),
        param_scheduler=[
            dict(type='CosineAnnealingLR', by_epoch=True, convert_to_iter_based=True)
        ],
    )
    runner = Runner(
        OneWeight(),
        work_dir=str(work_dir),
        train_dataloader=dict(
            batch_size=1,
            dataset=[dict(inputs=torch.ones(1)) for _ in range(BATCHES)],
            collate_fn=dict(type='default_collate'),
            sampler=dict(type='DefaultSampler', shuffle=True),
        ),
        optim_wrapper=dict(optimizer=dict(type='AdamW', lr=0.1)),
        custom_hooks=hooks,
        default_hooks=dict(
            logger=dict(type='LoggerHook', interval=1000),
            checkpoint=dict(type='SafeCheckpointHook', interval=interval),
            epoch_seed=dict(type='EpochSeedHook'),
        ),
        default_scope='mmpose',
        experiment_name=f'pause_{work_dir.name}_{clock[0]}',
        resume=True,
        randomness=dict(seed=0),
        **{**options, **settings},
    )
    runner.train()
    return runner, weights


def test_pieces_are_the_whole(tmp_path, clock):
    _, whole = train(tmp_path / 'whole', clock)
    pieces, epochs = [], []
    while not epochs or epochs[-1] < EPOCHS:
        start = clock[0]
        runner, weights = train(tmp_path / 'pieces', clock, minutes=12 / 60)
        assert clock[0] - start <= 12
        pieces += weights
        epochs.append(runner.epoch)
    assert epochs == [2, 4, 6]
    assert len(pieces) == len(whole) == EPOCHS * BATCHES
    for one, other in zip(pieces, whole):
        torch.testing.assert_close(one, other, rtol=0, atol=0)


def test_a_piece_has_an_epoch_at_least(tmp_path, clock):
    runner, _ = train(tmp_path, clock, minutes=1 / 60)
    assert runner.epoch == 1
    log = next(tmp_path.rglob('*.log')).read_text()
    assert 'stopped after 1 of 6 epochs' in log and '--resume goes on' in log


def test_it_stops_where_a_checkpoint_is(tmp_path, clock):
    runner, _ = train(tmp_path, clock, minutes=12 / 60, interval=2)
    assert runner.epoch == 2
    assert (tmp_path / 'epoch_2.pth').is_file()


def test_a_training_that_ends_in_time_is_not_stopped(tmp_path, clock):
    runner, _ = train(tmp_path, clock, minutes=10)
    assert runner.epoch == EPOCHS
    assert 'stopped after' not in next(tmp_path.rglob('*.log')).read_text()


def test_it_needs_epochs_checkpoints_and_minutes(tmp_path, clock):
    with pytest.raises(ValueError, match='minutes=0'):
        PauseHook(0)
    with pytest.raises(TypeError, match='by_epoch=True'):
        train(
            tmp_path / 'a',
            clock,
            1,
            train_cfg=dict(by_epoch=False, max_iters=3),
            param_scheduler=None,
        )
    with pytest.raises(TypeError, match='needs default_hooks.checkpoint'):
        train(tmp_path / 'b', clock, 1, interval=-1)
