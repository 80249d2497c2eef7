"""Exchanged cameras are noticed by the hands that views show."""

import numpy as np
import pytest
from mmengine.structures import InstanceData
from mmpose.structures import PoseDataSample
from scipy.spatial.transform import Rotation

from hamuco_mm.apis.inferencers.camera_order import CameraOrder

NAMES = ['left', 'middle', 'right']


def rig_cameras():
    cameras = {}
    for name, angle in zip(NAMES, (-40, 5, 60)):
        R = Rotation.from_euler('y', angle, degrees=True).as_matrix()
        K = np.array([[600.0, 0, 320], [0, 600, 240], [0, 0, 1]])
        cameras[name] = dict(K=K, R=R, t=np.array([0, 0, 0.8]))
    return cameras


def predictions(given, num_steps=6, noise=3.0):
    """Samples of hands that move, as ``rig_cameras`` see them; their metainfo has the
    cameras ``given``."""
    rng = np.random.default_rng(0)
    shape = rng.uniform(-0.08, 0.08, (21, 3))
    for step in range(num_steps):
        joints = shape @ Rotation.random(random_state=step).as_matrix().T
        joints = joints + rng.uniform(-0.1, 0.1, 3)
        samples = []
        for name, camera in rig_cameras().items():
            local = joints @ camera['R'].T + camera['t']
            pixels = local @ camera['K'].T
            pixels = pixels[:, :2] / pixels[:, 2:] + rng.normal(0, noise, (21, 2))
            sample = PoseDataSample(
                metainfo=dict(frame_id=str(step), view=name, camera_param=given[name])
            )
            sample.pred_instances = InstanceData(keypoints=pixels[None])
            samples.append(sample)
        yield samples


def problem(given, camera_names=None, **kwargs):
    order = CameraOrder(camera_names)
    for samples in predictions(given, **kwargs):
        order.add(samples)
    return order.problem()


def test_the_right_order_is_no_problem():
    assert problem(rig_cameras()) is None
    # nor are many errors of the network
    assert problem(rig_cameras(), noise=12.0) is None


@pytest.mark.parametrize('order', [(1, 0, 2), (0, 2, 1), (1, 2, 0)])
def test_the_exchange_is_named(order):
    cameras = rig_cameras()
    given = {name: cameras[NAMES[k]] for name, k in zip(NAMES, order)}
    said = problem(given)
    # what is called `name` now holds the camera of another view
    for view, name in enumerate(NAMES):
        holder = NAMES[order.index(view)]
        assert (f'{name} has that of {holder}' in said) == (name != holder)
        assert (f'{name}={holder}' in said) == (name != holder)


def test_the_remedy_has_the_names_of_the_calibration():
    cameras = rig_cameras()
    given = {name: cameras[NAMES[k]] for name, k in zip(NAMES, (1, 0, 2))}
    said = problem(given, dict(left='A', middle='B', right='C'))
    assert '--camera-names left=B middle=A)' in said


def test_it_is_said_once_and_remembered(logged):
    cameras = rig_cameras()
    exchanged = {name: cameras[NAMES[k]] for name, k in zip(NAMES, (1, 0, 2))}
    for given, found in ((cameras, False), (exchanged, True)):
        order = CameraOrder()
        for samples in predictions(given):
            order.add(samples)
        assert [order.say(), order.say()] == [found, found]
        assert len(logged) == found


def test_few_time_steps_tell_nothing():
    cameras = rig_cameras()
    given = {name: cameras[NAMES[k]] for name, k in zip(NAMES, (1, 0, 2))}
    assert problem(given, num_steps=2) is None
