"""Training with recorded steps is training.

A CPU has no CUDA graphs: :class:`replayed.RecordedOperations` records and replays
operations instead. The same tests run on a GPU where there is one.
"""

import numpy as np
import pytest
import torch
from replayed import RecordedOperations
from small_networks import build_model
from small_trainings import assert_same, network_config, train
from torch._dynamo.backends.common import aot_autograd

from hamuco_mm.engine import CapturedStepHook


class StandIn(CapturedStepHook):
    """Records operations where there is no GPU."""

    def graph_type(self, runner):
        return super().graph_type(runner) or RecordedOperations


@pytest.fixture(autouse=True)
def nothing_compiled():
    """PyTorch keeps what it has compiled for a whole process."""
    torch.compiler.reset()


def recorded(tmp_path, name):
    """What the log file says of recorded steps."""
    (file,) = (tmp_path / name).glob('*/*.log')
    return [
        line
        for line in file.read_text().splitlines()
        if 'recorded program' in line or 'not recorded' in line
    ]


def test_losses_are_those_of_plain_training(tmp_path):
    plain, _ = train(tmp_path, 'plain')
    hook = StandIn(compile=False)
    found, runner = train(tmp_path, 'recorded', [hook])
    assert_same(found, plain)
    assert {'grad_norm'} <= found[-1].keys()
    said = recorded(tmp_path, 'recorded')
    # the warm-up, and the two losses that take turns
    assert len(said) == 3 and all('run as one' in line for line in said)
    weights = dict(runner.model.named_parameters())
    other, _ = train(tmp_path, 'plain again')
    assert plain[-1] == other[-1]
    assert all(value.isfinite().all() for value in weights.values())


@pytest.mark.parametrize(
    'changes',
    [
        dict(relabelling=dict(type='FusedRelabelling')),
        dict(loss_distill_features=dict(type='FeatureDistillLoss')),
    ],
)
def test_steps_that_the_paper_does_not_have_are_recorded(tmp_path, changes):
    def run(name, hooks=()):
        model = build_model(network_config(**changes))
        return train(tmp_path, name, hooks, model=model)[0]

    plain = run('plain')
    assert_same(run('recorded', [StandIn(compile=False)]), plain)
    said = recorded(tmp_path, 'recorded')
    assert len(said) == 3 and all('run as one' in line for line in said)


def test_checkpoints_of_recorded_and_plain_training_go_on_in_each_other(tmp_path):
    def go_on(name, first, second):
        train(tmp_path, name, first, epochs=2)
        return train(
            tmp_path,
            f'{name} again',
            second,
            load_from=str(tmp_path / name / 'epoch_2.pth'),
            resume=True,
        )

    expected, _ = go_on('plain', [], [])
    assert len(expected) == 6
    for name, hooks in (
        ('there', ([StandIn(compile=False)], [])),
        ('back', ([], [StandIn(compile=False)])),
    ):
        found, runner = go_on(name, *hooks)
        assert_same(found, expected)
        groups = runner.optim_wrapper.optimizer.param_groups
        assert all(isinstance(group['lr'], float) for group in groups)
        assert not any(group['capturable'] for group in groups)


def test_a_smaller_last_batch_runs_op_by_op(tmp_path):
    plain, _ = train(tmp_path, 'plain', number=9)
    found, runner = train(tmp_path, 'recorded', [StandIn(compile=False)], number=9)
    assert_same(found, plain)
    said = recorded(tmp_path, 'recorded')
    assert sum('run as one' in line for line in said) >= 1


@pytest.mark.parametrize(
    'options, reason',
    [
        (dict(accumulative_counts=2), 'accumulated'),
        (dict(optimizer=dict(type='SGD', lr=1e-3)), 'AdamW'),
        (dict(optimizer=dict(type='AdamW', lr=1e-3)), 'fused'),
    ],
)
def test_what_cannot_be_recorded_is_said_once(tmp_path, options, reason):
    optim_wrapper = dict(optimizer=dict(type='AdamW', lr=1e-3, fused=True))
    changes = dict(optim_wrapper={**optim_wrapper, **options}, epochs=1)
    plain, _ = train(tmp_path, 'plain', **changes)
    found, runner = train(tmp_path, 'recorded', [StandIn(compile=False)], **changes)
    assert_same(found, plain)
    (line,) = recorded(tmp_path, 'recorded')
    assert 'op by op' in line and reason in line


class ReadsANumber(RecordedOperations):
    def capture(self, program):
        return super().capture(lambda: (program(), torch.ones(1).item())[0])


class GivesSomethingElse(RecordedOperations):
    def replay(self):
        self._calls[-1][3][0].fill_(7.0)


@pytest.mark.parametrize(
    'graph, reason', [(ReadsANumber, 'was read'), (GivesSomethingElse, 'op by op')]
)
def test_a_recording_that_fails_changes_nothing(tmp_path, graph, reason):
    class Failing(StandIn):
        def graph_type(self, runner):
            return graph

    plain, _ = train(tmp_path, 'plain', epochs=1)
    found, runner = train(tmp_path, 'failing', [Failing(compile=False)], epochs=1)
    assert_same(found, plain)
    (line,) = recorded(tmp_path, 'failing')
    assert reason in line


def test_without_a_gpu_nothing_is_compiled_or_recorded(tmp_path):
    if torch.cuda.is_available():
        pytest.skip('there is a GPU')
    _, runner = train(tmp_path, 'cpu', [CapturedStepHook()], epochs=1, number=4)
    (line,) = recorded(tmp_path, 'cpu')
    assert 'no GPU' in line
    assert 'train_step' not in vars(runner.model)


class CompilesOnly(StandIn):
    """The stand-in's recorder keeps PyTorch from compiling what comes after."""

    def before_train(self, runner):
        super().before_train(runner)
        del runner.model.train_step


@pytest.mark.slow
def test_losses_are_compiled(tmp_path):
    plain, _ = train(tmp_path, 'plain', epochs=2)
    compiled = []

    def backend(graph, example_inputs):
        compiled.append(graph)
        return graph

    hook = CompilesOnly(backend=aot_autograd(fw_compiler=backend))
    found, runner = train(tmp_path, 'compiled', [hook], epochs=2)
    assert_same(found, plain, rtol=1e-3)
    assert len(compiled) >= 3  # each phase
    assert 'loss_from_targets' not in vars(runner.model)
    (file,) = (tmp_path / 'compiled').glob('*/*.log')
    assert 'could not be compiled' not in file.read_text()


def test_a_compiler_that_fails_is_said(tmp_path):
    def broken(graph, example_inputs):
        raise RuntimeError('no C++ compiler')

    hook = StandIn(backend=broken)
    plain, _ = train(tmp_path, 'plain', epochs=1)
    found, _ = train(tmp_path, 'broken', [hook], epochs=1)
    assert_same(found, plain)
    (file,) = (tmp_path / 'broken').glob('*/*.log')
    said = [line for line in file.read_text().splitlines() if 'compiled' in line]
    assert len([line for line in said if 'could not be' in line]) == 1


def test_the_log_is_that_of_mmengine(tmp_path):
    logs = []
    for name in ('RuntimeInfoHook', 'DeferredRuntimeInfoHook'):
        hooks = dict(
            logger=dict(type='LoggerHook', interval=4),
            runtime_info=dict(type=name),
        )
        _, runner = train(tmp_path, name, default_hooks=hooks, number=10)
        scalars = runner.message_hub.log_scalars
        logs.append({key: scalars[key].data[0] for key in scalars if 'loss' in key})
    plain, deferred = logs
    assert plain.keys() == deferred.keys() and len(plain) > 5
    for name, values in plain.items():
        np.testing.assert_allclose(deferred[name], values, rtol=1e-6)
