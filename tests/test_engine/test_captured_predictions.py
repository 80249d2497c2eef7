"""Predictions of recorded programs are predictions.

A CPU has no CUDA graphs: :class:`replayed.RecordedOperations` records and replays
operations instead. The same tests run on a GPU where there is one.
"""

import copy

import numpy as np
import pytest
import torch
from mmengine.evaluator import BaseMetric
from mmengine.runner import Runner
from mmpose.registry import METRICS
from replayed import RecordedOperations
from small_networks import build_model, model_config
from torch.utils.data import DataLoader
from view_batches import SIZE, make_inputs, make_samples

from hamuco_mm.datasets import multiview_collate
from hamuco_mm.engine import CapturedPredictionHook, CapturedPredictions
from hamuco_mm.models.quarter_turns import looking_once
from hamuco_mm.structures import split_items
from hamuco_mm.utils.cuda_graphs import graph_type_of

FIELDS = [
    name + suffix
    for suffix in ('', '_interact', '_fused')
    for name in ('keypoints', 'keypoints_cam', 'vertices')
]
DEVICE = 'cuda' if torch.cuda.is_available() else 'cpu'


def recorder_of(device):
    return graph_type_of(device) or RecordedOperations


def build():
    model = build_model(model_config((SIZE, SIZE))).to(DEVICE).eval()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.startswith(('head', 'view')):
                parameter.add_(torch.randn_like(parameter), alpha=0.05)
    return model


@torch.no_grad()
def predict(model, sizes, seed, calibrated=True):
    samples = make_samples(sizes, calibrated, seed)
    results = model.predict(make_inputs(sizes, seed).to(DEVICE), samples)
    return {
        name: np.concatenate([r.pred_instances.get(name) for r in results])
        for name in FIELDS
    }


def assert_same(found, expected):
    assert set(found) == set(expected)
    for name, values in expected.items():
        np.testing.assert_allclose(
            found[name], values, rtol=1e-4, atol=1e-4, err_msg=name
        )


@pytest.mark.parametrize('sizes', ((3,), (2, 2), (2, 1)))
@pytest.mark.parametrize('calibrated', (True, False))
def test_recorded_predictions_are_the_same(sizes, calibrated, logged):
    plain = build()
    model = copy.deepcopy(plain)
    CapturedPredictions(model, graph_type_of=recorder_of).install()
    for seed in range(5):
        found = predict(model, sizes, seed, calibrated)
        assert_same(found, predict(plain, sizes, seed, calibrated))
    recorded = [line for line in logged if 'recorded program' in line]
    assert recorded == [
        f'predictions of ({sum(sizes)}, 3, {SIZE}, {SIZE}) images run as one '
        'recorded program'
    ]


def test_means_over_turned_crops_are_recorded():
    plain = build()
    plain.test_cfg = dict(rotation_test=True)
    model = copy.deepcopy(plain)
    CapturedPredictions(model, graph_type_of=recorder_of).install()
    for seed in range(3):
        assert_same(predict(model, (2,), seed), predict(plain, (2,), seed))


def test_looks_at_crops_as_they_are_are_recorded_by_themselves():
    plain = build()
    plain.test_cfg = dict(rotation_test=True)
    model = copy.deepcopy(plain)
    CapturedPredictions(model, graph_type_of=recorder_of).install()
    for seed in range(4):
        assert_same(predict(model, (2,), seed), predict(plain, (2,), seed))
        with looking_once(model), looking_once(plain):
            once = predict(plain, (2,), seed)
            assert_same(predict(model, (2,), seed), once)
        turned = predict(plain, (2,), seed)
        assert not np.allclose(once['keypoints_cam'], turned['keypoints_cam'])


def test_each_size_is_recorded_by_itself(logged):
    plain = build()
    model = copy.deepcopy(plain)
    CapturedPredictions(model, graph_type_of=recorder_of).install()
    for seed in range(4):
        for sizes in ((2,), (1, 1), (3,)):  # (2,) and (1, 1) have as many images
            found = predict(model, sizes, seed)
            assert_same(found, predict(plain, sizes, seed))
    assert sum('as one recorded program' in line for line in logged) == 3


def test_results_are_kept_when_the_program_runs_again():
    model = build()
    CapturedPredictions(model, graph_type_of=recorder_of).install()
    for seed in range(3):
        predict(model, (2,), seed)
    first = predict(model, (2,), 7)
    kept = copy.deepcopy(first)
    predict(model, (2,), 8)
    assert_same(first, kept)


@pytest.mark.parametrize('dtype', (None, torch.bfloat16))
def test_new_weights_are_seen(dtype):
    with torch.autocast(DEVICE, dtype, enabled=dtype is not None):
        check_that_new_weights_are_seen()


def check_that_new_weights_are_seen():
    model = build()
    CapturedPredictions(model, graph_type_of=recorder_of).install()
    for seed in range(4):
        predict(model, (2,), seed)
    before = predict(model, (2,), 0)
    other = build()
    with torch.no_grad():
        for parameter in other.head.parameters():
            parameter.add_(torch.randn_like(parameter), alpha=0.05)
    model.load_state_dict(other.state_dict())
    found = predict(model, (2,), 0)
    # a Runner enters autocast for each batch anew
    torch.clear_autocast_cache()
    assert_same(found, predict(other, (2,), 0))
    assert np.abs(found['vertices'] - before['vertices']).max() > 1e-3


def assert_runs_op_by_op(graph_type, logged, reason):
    """Predictions are those of the network, and the log says once why."""
    plain = build()
    model = copy.deepcopy(plain)
    CapturedPredictions(model, graph_type_of=lambda device: graph_type).install()
    for seed in range(5):
        assert_same(predict(model, (2,), seed), predict(plain, (2,), seed))
    told = [line for line in logged if reason in line]
    assert len(told) == 1 and 'op by op' in told[0]


def test_what_cannot_be_recorded_runs_op_by_op_and_is_told_of_once(logged):
    class Broken(RecordedOperations):
        def capture(self, program):
            raise RuntimeError('no graphs today')

    assert_runs_op_by_op(Broken, logged, 'no graphs today')


def test_a_program_that_computes_something_else_is_refused(logged):
    class Wrong(RecordedOperations):
        def capture(self, program):
            self.result = super().capture(program)
            return self.result

        def replay(self):
            super().replay()
            self.result.keypoints.mul_(1.2)

    assert_runs_op_by_op(Wrong, logged, 'keypoints are off')


def test_on_a_cpu_nothing_is_recorded(logged):
    plain = build().cpu()
    model = copy.deepcopy(plain)
    CapturedPredictions(model).install()
    inputs = make_inputs((2,))
    with torch.no_grad():
        for _ in range(4):
            model.predict(inputs, make_samples((2,)))
    assert not any('recorded' in line for line in logged)


class StandIn(CapturedPredictionHook):
    """Records operations where there is no GPU."""

    def graph_type(self, device):
        return recorder_of(device)


@METRICS.register_module(force=True)
class KeepPredictions(BaseMetric):
    """One result a time step: the fused joints of its views."""

    def process(self, data_batch, data_samples):
        for item in split_items(data_samples):
            self.results.append(
                [data_samples[i]['pred_instances']['keypoints_cam_fused'] for i in item]
            )

    def compute_metrics(self, results):
        return dict(joints=np.concatenate([x for item in results for x in item]))


def joints_of_a_test(tmp_path, name, hooks):
    """A Runner's test of ten time steps of two views, twice."""
    items = [
        dict(
            inputs=list(make_inputs((2,), seed).mul(50).add(128).clamp(0, 255).byte()),
            data_samples=make_samples((2,), seed=seed),
        )
        for seed in range(10)
    ]
    runner = Runner(
        build(),
        work_dir=str(tmp_path / name),
        experiment_name=f'{tmp_path.name}_{name}',
        test_dataloader=DataLoader(items, 2, collate_fn=multiview_collate),
        test_evaluator=dict(type='KeepPredictions'),
        test_cfg=dict(),
        custom_hooks=hooks,
        default_scope='mmpose',
    )
    first, second = runner.test()['joints'], runner.test()['joints']
    assert 'predict_from_frames' not in vars(runner.model)
    np.testing.assert_allclose(first, second, atol=1e-5)
    return first


def log_of(tmp_path, name):
    (path,) = (tmp_path / name).rglob('*.log')
    return path.read_text()


def test_a_runner_tests_with_the_hook(tmp_path):
    plain = joints_of_a_test(tmp_path, 'plain', [])
    found = joints_of_a_test(tmp_path, 'recorded', [StandIn()])
    assert found.shape == (20, 21, 3)
    np.testing.assert_allclose(found, plain, atol=1e-5)
    # once, also for the second test
    log = log_of(tmp_path, 'recorded')
    assert log.count('(4, 3, 64, 64) images run as one recorded program') == 1


@pytest.mark.skipif(DEVICE == 'cuda', reason='a GPU records')
def test_the_hook_says_what_it_does_not_do(tmp_path):
    joints_of_a_test(tmp_path, 'hook', [CapturedPredictionHook()])
    log = log_of(tmp_path, 'hook')
    assert log.count('nothing is recorded, as there is no GPU') == 1
