"""The schedule in a real Runner, over epochs and over a resume."""

import pytest
import torch
from mmengine.hooks import Hook
from mmengine.runner import Runner
from one_weight import OneWeight
from torch.utils.data import DataLoader

from hamuco_mm.engine import LossScheduleHook

NAMES = ('loss_consistency_2d', 'loss_consistency_fusion', 'loss_distill')


class Model(OneWeight):
    """A model with the schedule's attribute."""

    def __init__(self, names=NAMES):
        super().__init__()
        self.loss_factors = dict.fromkeys(names, 1.0)


class Recorder(Hook):
    """Notes the factors that each training iteration runs with."""

    priority = 'LOWEST'

    def __init__(self):
        self.seen = []

    def before_train_iter(self, runner, batch_idx, data_batch=None):
        self.seen.append((runner.iter, dict(runner.model.loss_factors)))


def train(work_dir, epochs, hook, model=None, resume=False):
    recorder = Recorder()
    data = [dict(inputs=torch.ones(1)) for _ in range(3)]
    runner = Runner(
        model or Model(),
        work_dir=str(work_dir),
        train_dataloader=DataLoader(data),
        optim_wrapper=dict(optimizer=dict(type='SGD', lr=1e-3)),
        train_cfg=dict(by_epoch=True, max_epochs=epochs),
        default_hooks=dict(
            checkpoint=dict(type='CheckpointHook', interval=1),
            logger=dict(type='LoggerHook', interval=1),
        ),
        custom_hooks=[hook, recorder],
        resume=resume,
        experiment_name=f'schedule_{work_dir.name}_{epochs}_{resume}',
    )
    runner.train()
    return recorder.seen


def test_phases_and_turns(tmp_path):
    seen = train(tmp_path, 4, LossScheduleHook(warmup_epochs=2))
    assert len(seen) == 12
    for iteration, factors in seen:
        if iteration < 6:
            assert set(factors.values()) == {0}
            continue
        assert factors['loss_distill'] == 1
        assert factors['loss_consistency_2d'] == float(iteration % 2 == 0)
        assert factors['loss_consistency_fusion'] == float(iteration % 2)


@pytest.mark.parametrize(
    ('settings', 'is_told'),
    [
        (dict(warmup_epochs=2), True),
        (dict(warmup_epochs=10), True),
        (dict(warmup_epochs=1), False),
        (dict(warmup_epochs=10, max_part=0.5), False),
        (dict(warmup_epochs=10, scheduled=()), False),
    ],
)
def test_losses_that_never_come_on_are_told_once(tmp_path, capfd, settings, is_told):
    seen = train(tmp_path, 2, LossScheduleHook(**settings))
    assert ''.join(capfd.readouterr()).count('never come on') == is_told
    assert is_told == all(factors['loss_distill'] == 0 for _, factors in seen)


def test_a_resumed_run_goes_on_the_same(tmp_path):
    hook = dict(warmup_epochs=1, ramp_epochs=2)
    whole = train(tmp_path / 'whole', 4, LossScheduleHook(**hook))
    first = train(tmp_path / 'parts', 3, LossScheduleHook(**hook))
    second = train(tmp_path / 'parts', 4, LossScheduleHook(**hook), resume=True)
    assert first + second == whole


def test_ramp_grows_linearly(tmp_path):
    seen = train(tmp_path, 3, LossScheduleHook(warmup_epochs=1, ramp_epochs=1))
    factors = [factors['loss_distill'] for _, factors in seen]
    assert factors == pytest.approx([0, 0, 0, 1e-3, 1 / 3, 2 / 3, 1, 1, 1])


def test_a_loss_left_out_does_not_take_its_turn(tmp_path):
    seen = train(tmp_path, 1, LossScheduleHook(warmup_epochs=0), model=Model(NAMES[1:]))
    assert all(f['loss_consistency_fusion'] == 1 for _, f in seen)


def test_a_model_without_factors_is_refused(tmp_path):
    model = Model()
    del model.loss_factors
    with pytest.raises(TypeError, match='custom_hooks'):
        train(tmp_path, 1, LossScheduleHook(), model=model)


def test_a_name_that_no_loss_can_have_is_refused(tmp_path):
    hook = LossScheduleHook(scheduled=('loss_destill',))
    with pytest.raises(ValueError, match='no loss_destill .*mean loss_distill'):
        train(tmp_path, 1, hook)


def test_losses_that_a_model_leaves_out_may_be_scheduled(tmp_path):
    class Other(Model):
        def __init__(self, loss_mine=None, **kwargs):
            super().__init__(**kwargs)

    hook = LossScheduleHook(scheduled=('loss_mine', 'loss_distill'))
    train(tmp_path, 1, hook, model=Other(names=()))
