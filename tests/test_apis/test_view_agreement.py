"""Views that contradict each other do not end with a clean summary."""

import json
import runpy
import sys

import numpy as np
import pytest
from mmengine.structures import InstanceData
from mmpose.structures import PoseDataSample

from hamuco_mm.apis.inferencers.time_steps import TimeStep
from hamuco_mm.apis.inferencers.view_agreement import ViewAgreement
from hamuco_mm.apis.inferencers.view_checks import ViewChecks


def counted(steps, score=0.5):
    """Time steps of two views that agree or not; None is one without calibration."""
    agreement = ViewAgreement()
    for agree in steps:
        known = {} if agree is None else dict(views_agree=agree)
        agreement.add([dict(known, hand_score=score), dict(known, hand_score=0.3)])
    return agreement


def test_time_steps_are_counted():
    agreement = counted([False, True, False, None, False])
    assert (
        agreement.summary()
        == 'views disagree in 3 of 4 time steps, mean hand_score 0.40'
    )
    assert agreement.problem().startswith(agreement.summary())
    # also of a single one
    assert 'in 1 of 1 time step,' in counted([False]).problem()


@pytest.mark.parametrize('steps', [[], [None, None], [True, True, None]])
def test_nothing_is_said_of_views_that_agree(steps):
    assert counted(steps).summary() == '' and counted(steps).problem() is None


def test_half_of_the_time_steps_are_no_problem():
    agreement = counted([False, True])
    assert 'in 1 of 2 time steps' in agreement.summary()
    assert agreement.problem() is None


def test_views_that_agree_by_chance_are_a_problem():
    """Low scores say that crops, or views, are far apart."""
    assert counted([True] * 3, score=0.3).problem() is None
    unsure = counted([True] * 3, score=0.1)
    assert unsure.summary() == ''
    assert unsure.problem().startswith('mean hand_score 0.20: most views agree, but')
    # half of them disagreeing is no problem, the scores are
    assert 'most views agree, but' in counted([False, True], score=0.1).problem()


class Named:
    """A check that names a mistake, or does not."""

    def __init__(self, found):
        self.found = found

    def add(self, *given):
        pass

    def say(self):
        return self.found


@pytest.mark.parametrize('order, side', [(False, False), (True, False), (False, True)])
def test_mistakes_that_have_a_name_are_said_once(order, side, logged):
    sample = PoseDataSample(pred_instances=InstanceData())
    sample.pred_instances.views_agree = np.array([False])
    sample.pred_instances.hand_scores = np.array([0.25], np.float32)
    checks = ViewChecks(Named(order), Named(side))
    for index in range(3):
        checks.add(TimeStep(index, str(index), {}), [sample, sample])
    checks.say()
    said = [message for message in logged if 'views disagree in 3 of 3' in message]
    assert len(said) == (0 if order or side else 1)


def test_the_demo_says_it(
    rig, calibration, repository, tmp_path, monkeypatch, capsys, logged
):
    """A camera was raised by half a metre after its calibration."""
    raised = dict(calibration['cam1'], t=[0, 0.5, 0.7])
    cameras = dict(calibration, cam1=raised)
    (tmp_path / 'rig.json').write_text(
        json.dumps(dict(extrinsics='world2cam', unit='m', cameras=cameras))
    )
    command = (
        f'{rig} --cameras {tmp_path}/rig.json --box-passes 0 --device cpu '
        f'--pred-out-dir {tmp_path}/out'
    )
    monkeypatch.setattr(sys, 'argv', ['hamuco_demo.py', *command.split()])
    runpy.run_path(str(repository / 'demo/hamuco_demo.py'), run_name='__main__')
    assert 'without a hand; views disagree in 2 of 2 time' in capsys.readouterr().out
    assert sum('views disagree in 2 of 2 time steps' in x for x in logged) == 1
