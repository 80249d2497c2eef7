"""Schedules, samplers and hooks that fit a training to its length."""

import math

import pytest
import torch
from mmengine.config import Config
from mmengine.dataset import DefaultSampler
from mmengine.hooks import Hook
from mmengine.runner import Runner
from one_weight import OneWeight

from hamuco_mm.datasets import RepeatedSampler
from hamuco_mm.engine import BoundedLinearLR, LossScheduleHook, TimeBudgetHook
from hamuco_mm.engine.hooks.time_budget_hook import stretch_schedules

RATE = 0.1
SCHEDULES = [
    dict(type='BoundedLinearLR', start_factor=0.1, length=20, by_epoch=False),
    dict(
        type='CosineAnnealingLR', eta_min=0, by_epoch=True, convert_to_iter_based=True
    ),
]


@pytest.fixture
def clock(monkeypatch):
    """What the hook takes for the time; each step of a model adds to it."""
    now = [100.0]
    monkeypatch.setattr(
        'hamuco_mm.engine.hooks.time_budget_hook.monotonic', lambda: now[0]
    )
    return now


class Slow(OneWeight):
    """A step takes a known time of a clock."""

    def __init__(self, clock=(), seconds=0.0):
        super().__init__()
        self.clock, self.seconds = clock, seconds
        self.loss_factors = {}

    def forward(self, inputs, mode='tensor'):
        if self.clock:
            self.clock[0] += self.seconds
        return super().forward(inputs, mode)


class Rates(Hook):
    """Notes the learning rate of each iteration, and the epochs there are to be."""

    priority = 'LOWEST'

    def __init__(self):
        self.rates, self.epochs = [], []

    def before_train_iter(self, runner, batch_idx, data_batch=None):
        self.rates.append(runner.optim_wrapper.get_lr()['lr'][0])
        self.epochs.append(runner.max_epochs)


def make_runner(work_dir, epochs, batches, hooks=(), schedules=SCHEDULES, model=None):
    noted = Rates()
    runner = Runner(
        model or Slow(),
        work_dir=str(work_dir),
        train_dataloader=dict(
            batch_size=1,
            dataset=[dict(inputs=torch.ones(1)) for _ in range(batches)],
            collate_fn=dict(type='default_collate'),
            sampler=dict(type='DefaultSampler', shuffle=False),
        ),
        train_cfg=dict(by_epoch=True, max_epochs=epochs),
        optim_wrapper=dict(optimizer=dict(type='SGD', lr=RATE)),
        param_scheduler=schedules,
        custom_hooks=[*hooks, noted],
        default_hooks=dict(
            logger=dict(type='LoggerHook', interval=1000),
            checkpoint=dict(type='CheckpointHook', interval=1000),
        ),
        default_scope='mmpose',
        experiment_name=f'length_{work_dir.name}_{epochs}_{batches}',
        cfg=Config(dict(param_scheduler=schedules)),
    )
    return runner, noted


def train(*args, **kwargs):
    runner, noted = make_runner(*args, **kwargs)
    runner.train()
    return runner, noted


@pytest.mark.parametrize(
    ('epochs', 'batches'), [(1, 5), (1, 10), (10, 2), (3, 30), (60, 5)]
)
def test_any_training_has_a_warm_up_a_peak_and_an_end(tmp_path, epochs, batches):
    _, noted = train(tmp_path, epochs, batches)
    rates, total = noted.rates, epochs * batches
    assert len(rates) == total
    assert max(rates) > 0.9 * RATE
    warm_up = min(20, total // 10)
    assert rates.index(max(rates)) <= warm_up
    assert rates[0] == pytest.approx(0.1 * RATE if warm_up > 1 else RATE)
    # what a cosine has before its last step
    assert rates[-1] == pytest.approx(
        RATE * (1 + math.cos(math.pi * (total - 1) / total)) / 2, rel=1e-6
    )


@pytest.mark.parametrize(
    ('settings', 'message'),
    [
        (dict(length=-1), 'length=-1'),
        (dict(length=5, max_part=1.5), 'max_part=1.5'),
        (dict(length=5, by_epoch=True), 'by_epoch=False'),
    ],
)
def test_settings_of_a_warm_up(settings, message):
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=RATE)
    with pytest.raises(ValueError, match=message):
        BoundedLinearLR(optimizer, **settings)


@pytest.mark.parametrize('world_size', [1, 3])
@pytest.mark.parametrize('length', [1, 7, 12, 200])
def test_an_epoch_has_a_least_length(monkeypatch, world_size, length):
    """Each pass has every item; the processes share them."""
    seen = []
    for rank in range(world_size):
        monkeypatch.setattr(
            'mmengine.dataset.sampler.get_dist_info', lambda r=rank: (r, world_size)
        )
        sampler = RepeatedSampler(range(length), min_samples=160, seed=0)
        seen.append(list(sampler))
        assert len(seen[-1]) == len(sampler)
        sampler.set_epoch(1)
        if length > 7:
            assert list(sampler) != seen[-1]
        sampler.set_epoch(0)
        assert list(sampler) == seen[-1]
    every = [index for of_rank in seen for index in of_rank]
    assert len(every) >= 160
    least = math.ceil(160 / length)
    assert all(every.count(index) >= least for index in range(length))
    assert len(every) < 160 + (least + 1) * world_size + length


@pytest.mark.parametrize('min_samples, passes', [(1, 3), (50, 5)])
def test_an_epoch_passes_through_the_data_set_a_number_of_times(min_samples, passes):
    sampler = RepeatedSampler(range(10), min_samples=min_samples, times=3, seed=0)
    assert sorted(sampler) == sorted(passes * list(range(10)))
    assert len(sampler) == passes * 10


def test_a_large_data_set_is_passed_through_as_ever():
    for shuffle in (True, False):
        one = DefaultSampler(range(50), shuffle=shuffle, seed=3)
        other = RepeatedSampler(range(50), min_samples=50, shuffle=shuffle, seed=3)
        for epoch in range(2):
            one.set_epoch(epoch)
            other.set_epoch(epoch)
            assert list(one) == list(other)
    with pytest.raises(ValueError, match='no items'):
        RepeatedSampler([], min_samples=5)


def test_losses_between_views_come_on_in_short_trainings(tmp_path):
    """A warm-up of 10 epochs and a growth over 10, in 2 epochs of 10 iterations."""
    name = 'loss_distill'
    factors = []

    class Noted(Hook):
        priority = 'LOWEST'

        def before_train_iter(self, runner, batch_idx, data_batch=None):
            factors.append(runner.model.loss_factors[name])

    hook = LossScheduleHook(10, 10, scheduled=[name], alternate=[], max_part=0.5)
    runner, _ = make_runner(tmp_path, 2, 10, [hook, Noted()])
    runner.model.loss_factors = {name: 1.0}
    runner.train()
    assert factors[:5] == [0] * 5
    assert 0 < factors[5] < 0.01
    assert factors[6:10] == pytest.approx([0.2, 0.4, 0.6, 0.8])
    assert factors[10:] == [1] * 10


def test_a_stretched_schedule_is_that_of_the_new_length(tmp_path):
    """From any iteration on, forward and back."""
    expected = train(tmp_path / 'whole', 6, 10)[1].rates
    runner, _ = make_runner(tmp_path / 'stretched', 2, 10)

    class Stretch(Hook):
        priority = 'HIGH'

        def after_train_iter(self, runner, batch_idx, data_batch=None, outputs=None):
            if runner.iter == 7:
                runner.train_loop._max_epochs = 6
                runner.train_loop._max_iters = 60
                stretch_schedules(runner, runner.iter)

    runner.register_hook(Stretch())
    runner.train()
    rates = next(h for h in runner.hooks if isinstance(h, Rates)).rates
    assert rates[8:] == pytest.approx(expected[8:])


@pytest.mark.parametrize(
    'schedules',
    [SCHEDULES, [dict(type='CosineAnnealingLR', eta_min=0, by_epoch=True)]],
)
@pytest.mark.parametrize('epochs', [2, 500])
def test_a_training_ends_with_its_time(tmp_path, clock, epochs, schedules):
    """With fewer epochs than the config has, or more, and a completed schedule."""
    start = clock[0]
    runner, noted = train(
        tmp_path, epochs, 15, [TimeBudgetHook(2)], schedules, Slow(clock, 1.0)
    )
    assert clock[0] - start == runner.iter == 120
    assert runner.epoch == runner.max_epochs == noted.epochs[-1] == 8
    assert max(noted.rates) > 0.9 * RATE
    assert noted.rates[-1] < 0.05 * RATE


def test_a_training_that_becomes_slower_completes_its_schedule(tmp_path, clock):
    model = Slow(clock, 1.0)

    class Slower(Hook):
        def before_train_epoch(self, runner):
            if runner.epoch == 3:
                model.seconds = 2.0

    start = clock[0]
    runner, noted = train(tmp_path, 5, 15, [TimeBudgetHook(2), Slower()], model=model)
    assert 3 < runner.epoch < 8
    assert clock[0] - start <= 120 + 30
    assert noted.rates[-1] < 0.05 * RATE


def test_an_epoch_that_takes_longer_than_the_time(tmp_path, clock):
    runner, noted = train(
        tmp_path, 5, 30, [TimeBudgetHook(0.1)], model=Slow(clock, 1.0)
    )
    assert runner.epoch == 1
    assert noted.rates[-1] < 0.05 * RATE
    assert 'sample_interval' in next(tmp_path.rglob('*.log')).read_text()


def test_time_needs_epochs_and_minutes(tmp_path):
    with pytest.raises(ValueError, match='minutes=0'):
        TimeBudgetHook(0)
    runner, _ = make_runner(tmp_path, 1, 5, [TimeBudgetHook(1)])
    runner._train_loop = dict(type='IterBasedTrainLoop', max_iters=3)
    with pytest.raises(TypeError, match='by_epoch=True'):
        runner.train()
