"""A network learns from its own average."""

import copy

import pytest
import torch
from mmengine.hooks import Hook
from mmengine.runner import load_checkpoint
from one_weight import OneWeight
from replayed import RecordedOperations
from small_networks import build_model
from small_trainings import assert_same, network_config, train
from view_batches import make_inputs, make_samples

from hamuco_mm.engine import CapturedStepHook, MeanTeacherHook
from hamuco_mm.models.losses import FusedPointsLoss
from hamuco_mm.structures import HandTargets

SIZES = (3, 1)


class Recorder(CapturedStepHook):
    """Records operations where there is no GPU."""

    def graph_type(self, runner):
        return super().graph_type(runner) or RecordedOperations


def losses_of(model):
    targets = HandTargets.from_data_samples(make_samples(SIZES))
    return model.loss_from_targets(make_inputs(SIZES), targets)


def other_network():
    model = build_model(network_config())
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(1.05)
    return model


def test_the_single_view_learns_from_the_teachers_hand():
    model, teacher = build_model(network_config()), other_network()
    targets = HandTargets.from_data_samples(make_samples(SIZES))
    frames = targets.frames
    plain = losses_of(model)
    model.set_teacher(teacher)
    taught = losses_of(model)
    groups = frames.groups
    single = model.estimate(make_inputs(SIZES), groups).single
    expected = FusedPointsLoss()(
        groups.to_padded(single.mesh.points),
        teacher.fused_points(make_inputs(SIZES), frames),
        groups.mask,
    )
    torch.testing.assert_close(taught['loss_distill'], expected)
    assert abs(taught['loss_distill'] - plain['loss_distill']) > 1e-4
    del taught['loss_distill'], plain['loss_distill']
    torch.testing.assert_close(taught, plain)


def test_an_equal_teacher_changes_nothing():
    model = build_model(network_config())
    plain = losses_of(model)
    model.set_teacher(build_model(network_config()))
    torch.testing.assert_close(losses_of(model), plain)
    model.set_teacher(None)
    torch.testing.assert_close(losses_of(model), plain)


def test_the_teacher_is_no_part_of_the_network():
    model, teacher = build_model(network_config()), other_network()
    names = set(model.state_dict())
    model.set_teacher(teacher)
    assert set(model.state_dict()) == names
    model.train()
    assert not teacher.training
    losses_of(model)['loss_distill'].backward()
    assert any(parameter.grad is not None for parameter in model.parameters())
    assert all(parameter.grad is None for parameter in teacher.parameters())


def test_one_pass_less_while_the_distillation_is_off(monkeypatch):
    model, teacher = build_model(network_config()), other_network()
    monkeypatch.setattr(teacher, 'fused_points', None)  # not to be called
    model.set_teacher(teacher)
    model.loss_factors['loss_distill'] = 0.0
    assert 'loss_distill' not in losses_of(model)


def test_in_a_training_the_teacher_follows_and_is_saved(tmp_path):
    plain, _ = train(tmp_path, 'plain')
    losses, runner = train(tmp_path, 'taught', averaging='MeanTeacherHook')
    # one epoch of warm-up, without distillation, is the same
    steps = len(losses) // 3
    assert_same(losses[:steps], plain[:steps])
    assert losses[-1]['loss_distill'] != pytest.approx(plain[-1]['loss_distill'])
    (hook,) = (hook for hook in runner.hooks if isinstance(hook, MeanTeacherHook))
    average = hook.ema_model.module.state_dict()
    saved = build_model(network_config())
    load_checkpoint(saved, str(tmp_path / 'taught' / 'epoch_3.pth'), strict=True)
    for name, value in saved.state_dict().items():
        torch.testing.assert_close(average[name], value)
    assert any(
        not torch.equal(average[name], value)
        for name, value in runner.model.state_dict().items()
    )
    # the teacher is gone with the training
    runner.model.eval()
    distilled = losses_of(runner.model)['loss_distill']
    runner.model.set_teacher(None)
    torch.testing.assert_close(losses_of(runner.model)['loss_distill'], distilled)


def test_a_resumed_training_has_the_same_teacher(tmp_path):
    whole, _ = train(tmp_path, 'whole', averaging='MeanTeacherHook')
    rest, _ = train(
        tmp_path,
        'rest',
        averaging='MeanTeacherHook',
        load_from=str(tmp_path / 'whole' / 'epoch_2.pth'),
        resume=True,
    )
    assert 0 < len(rest) < len(whole)
    assert_same(rest, whole[-len(rest) :])


def test_recorded_steps_see_the_teacher_move(tmp_path):
    settings = dict(averaging='MeanTeacherHook')
    plain, _ = train(tmp_path, 'plain', **settings)
    found, _ = train(tmp_path, 'recorded', [Recorder(compile=False)], **settings)
    assert_same(found, plain)


class FirstTeacher(Hook):
    """Keeps the weights of the teacher in the first step."""

    def before_train_iter(self, runner, batch_idx, data_batch=None):
        if runner.iter == 0:
            (teacher,) = runner.model._teachers
            self.weights = copy.deepcopy(teacher.state_dict())


def test_the_first_teacher_has_the_weights_that_were_loaded(tmp_path):
    """And not those that the network was built with."""
    start, keep = other_network().state_dict(), FirstTeacher()
    torch.save(dict(state_dict=start), tmp_path / 'start.pth')
    train(
        tmp_path,
        'taught',
        [keep],
        epochs=1,
        averaging='MeanTeacherHook',
        load_from=str(tmp_path / 'start.pth'),
    )
    torch.testing.assert_close(keep.weights, start)


def test_a_network_without_distillation_is_refused(tmp_path):
    model = build_model(network_config(loss_distill=None))
    with pytest.raises(TypeError, match='loss_distill'):
        train(tmp_path, 'refused', averaging='MeanTeacherHook', model=model)


def test_another_network_is_refused(tmp_path):
    hook = MeanTeacherHook()
    with pytest.raises(TypeError, match='EMAHook averages the weights of any model'):
        train(tmp_path, 'refused', model=OneWeight(), custom_hooks=[hook])
