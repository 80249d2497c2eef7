"""Windows of time steps are measured as the time steps are."""

import numpy as np
import pytest
from hand_samples import in_windows, make_sample, posed_hands
from mmengine.evaluator import Evaluator
from mmengine.registry import init_default_scope
from mmpose.registry import METRICS

from hamuco_mm.structures import split_items, split_time_steps

NUM_VIEWS = 2
METRIC_TYPES = ('HandMeshMetric', 'ReprojectionMetric')


@pytest.fixture
def steps():
    """Predictions of seven time steps, each of several views."""
    init_default_scope('mmpose')
    meshes, joints = posed_hands(7)
    found = []
    for frame, (vertices, hand) in enumerate(zip(meshes, joints)):
        views = [
            make_sample(
                vertices,
                hand,
                frame,
                view,
                NUM_VIEWS,
                noise=(0.02, 0.01, 0.005),
                seed=10 * frame + view,
            )
            for view in range(NUM_VIEWS)
        ]
        found.append(views)
    return found


def measured(items, batches):
    """By MMEngine's evaluator, which keeps one result for each item."""
    evaluator = Evaluator([METRICS.build(dict(type=name)) for name in METRIC_TYPES])
    for batch in batches:
        evaluator.process([view for item in batch for view in item])
    return evaluator.evaluate(len(items))


def test_metrics_are_those_of_the_time_steps(steps):
    expected = measured(steps, [steps[:4], steps[4:]])
    windows = in_windows(steps, (3, 3, 1))
    found = measured(windows, [windows[:2], windows[2:]])
    assert found.keys() == expected.keys() and len(found) > 20
    for name, value in expected.items():
        assert found[name] == pytest.approx(value, rel=1e-6), name
    # the last time steps count
    for view in windows[-1]:
        view.pred_instances.keypoints_cam[:] += np.linspace(0, 0.1, 21)[:, None]
    worse = measured(windows, [windows])
    assert worse['single/MPJPE'] > found['single/MPJPE']


def test_items_are_windows(steps):
    samples = [view for item in in_windows(steps, (3, 3, 1)) for view in item]
    dicts = [sample.to_dict() for sample in samples]
    assert [len(item) for item in split_items(dicts)] == [6, 6, 2]
    assert split_items(dicts)[1] == [6, 7, 8, 9, 10, 11]
    assert [len(step) for step in split_time_steps(dicts)] == [2] * 7
