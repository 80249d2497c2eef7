"""Hands of the other side than was said are noticed where views contradict."""

import numpy as np
import pytest
from mmengine.structures import InstanceData
from mmpose.structures import PoseDataSample

from hamuco_mm.apis import HaMuCoInferencer
from hamuco_mm.apis.inferencers.hand_side_check import HandSideCheck
from hamuco_mm.apis.inferencers.time_steps import TimeStep
from hamuco_mm.synthesis import SceneConfig, SceneGenerator
from hamuco_mm.synthesis.rig import RigConfig


def views(scores):
    """Samples with these ``hand_scores``, a hand each; None is a view without."""
    samples = []
    for score in scores:
        sample = PoseDataSample(pred_instances=InstanceData())
        if score is not None:
            sample.pred_instances.hand_scores = np.array([score], np.float32)
        samples.append(sample)
    return samples


def check(given, other, logged, steps=4, side='right'):
    """What is said of time steps whose views have the scores ``given``, and ``other``
    as the other side; and which steps were predicted as that."""
    asked = []

    def predict(steps, as_side):
        assert as_side != side
        asked.extend(step.index for step in steps)
        return [views(other) for _ in steps]

    said = HandSideCheck(side, predict)
    logged.clear()
    for index in range(steps):
        said.add(TimeStep(index, str(index), {}), views(given))
    assert said.say() == said.say() == bool(logged)
    return logged[:], asked


def test_the_side_that_fits_is_named(logged):
    messages, asked = check([0.1, 0.2, None], [0.4, 0.6, None], logged)
    assert len(messages) == 1 and asked == [0, 1, 2, 3]
    assert 'left hands' in messages[0] and '--hand-side left' in messages[0]
    assert '0.15' in messages[0] and '0.50' in messages[0]
    messages, _ = check([0.1, 0.2], [0.4, 0.6], logged, side='left')
    assert '--hand-side right' in messages[0]


def test_hands_that_views_agree_on_are_not_predicted_again(logged):
    assert check([0.4, 0.5], [0.9, 0.9], logged) == ([], [])


@pytest.mark.parametrize(
    'other', [[0.2, 0.25], [0.28, 0.31], [0.38, 0.39], [None, None]]
)
def test_nothing_is_said_where_no_side_is_clearly_better(other, logged):
    messages, asked = check([0.2, 0.25], other, logged)
    assert not messages and asked == [0, 1, 2, 3]


def test_few_hands_tell_nothing(logged):
    assert check([0.1, 0.1], [0.9, 0.9], logged, steps=2) == ([], [])


def test_time_steps_without_a_hand_are_not_kept(logged):
    """Of a camera that sees nothing for hours."""
    asked = []
    check_ = HandSideCheck('right', lambda steps, side: asked.extend(steps) or [])
    for index in range(9):
        scores = [0.1, 0.1] if index > 5 else [None, None]
        check_.add(TimeStep(index, str(index), {}), views(scores))
    check_.say()
    assert [step.index for step in asked] == [6, 7, 8]


def test_a_long_video_is_looked_at_once(logged):
    messages, asked = check([0.1, 0.1], [0.9, 0.9], logged, steps=40)
    assert len(messages) == 1 and asked == [0, 1, 2, 3]


@pytest.mark.slow
def test_a_right_hand_given_as_a_left_one(logged):
    """The network of the package, on a hand and cameras that it has not seen."""
    generator = SceneGenerator(
        0, config=SceneConfig(image_size=256, rig=RigConfig(num_views=3))
    )
    scene = generator.scene(0, 16)
    names = ['cam0', 'cam1', 'cam2']
    images = {name: [] for name in names}
    for moment in (4, 8, 12):
        for name, image in zip(names, generator.render(scene, moment)):
            images[name].append(np.ascontiguousarray(image))
    cameras = {
        name: dict(K=K, R=R, t=t)
        for name, K, R, t in zip(
            names, scene.rig.K, scene.rig.R_world2cam, scene.rig.t_world2cam
        )
    }
    inferencer = HaMuCoInferencer('hamuco', device='cpu')
    said = {}
    for side in ('right', 'left'):
        logged.clear()
        assert len(list(inferencer(images, cameras=cameras, hand_side=side))) == 3
        said[side] = logged[:]
    assert not any('seem to be' in message for message in said['right'])
    # and not that the views disagree, which is less
    assert len(said['left']) == 1 and '--hand-side right' in said['left'][0]
