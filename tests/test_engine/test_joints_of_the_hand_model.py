"""Joints of a detector meet weights and hands that have others."""

from types import SimpleNamespace

import pytest
from hand_model_files import write_hand_model
from mmengine.config import Config
from mmengine.dataset import BaseDataset

from hamuco_mm.datasets import MultiViewDataset
from hamuco_mm.engine import HandModelHook
from hamuco_mm.hand_model.topology import FINGERTIP_VERTICES
from hamuco_mm.models.layers.hand_decoder import HandDecoder
from hamuco_mm.synthesis import GeneratedHandDataset


def runner_of(joints, dataset=None, **hand_model):
    """What the hook sees of a runner."""
    head = SimpleNamespace(hand_decoder=HandDecoder(joints=joints, **hand_model))
    loader = SimpleNamespace(dataset=dataset)
    return SimpleNamespace(model=SimpleNamespace(head=head), train_dataloader=loader)


def checkpoint_of(**hand_model) -> dict:
    cfg = Config(dict(model=dict(type='HaMuCo', head=dict(hand_model=hand_model))))
    return dict(meta=dict(cfg=cfg.pretty_text))


@pytest.fixture
def generated():
    return MultiViewDataset(GeneratedHandDataset(num_time_steps=1), lazy_init=True)


@pytest.fixture
def recorded():
    return BaseDataset(lazy_init=True)


def test_generated_hands_are_refused_beside_joints_of_a_detector(generated):
    with pytest.raises(ValueError, match=r"'mediapipe'.*GeneratedHandDataset"):
        HandModelHook().before_train(runner_of('mediapipe', generated))


@pytest.mark.parametrize('joints', [None, 'mediapipe'])
def test_others_are_taken(recorded, joints):
    HandModelHook().before_train(runner_of(joints, recorded))


def test_generated_hands_are_taken_with_own_joints(generated):
    HandModelHook().before_train(runner_of(None, generated))


@pytest.mark.parametrize(
    ('trained', 'now'),
    [
        (dict(path=None, joints='mediapipe'), None),
        (dict(path=None), 'mediapipe'),
        (dict(path=None, joints=None), 'mediapipe'),
    ],
)
def test_weights_of_other_joints_are_warned_of(logged, trained, now):
    HandModelHook().after_load_checkpoint(runner_of(now), checkpoint_of(**trained))
    assert len(logged) == 1
    assert f'joints={trained.get("joints")!r}' in logged[0] and repr(now) in logged[0]


@pytest.mark.parametrize('joints', [None, 'mediapipe'])
def test_weights_of_the_same_joints_are_loaded_in_silence(logged, joints):
    stored = checkpoint_of(path=None, joints=joints)
    HandModelHook().after_load_checkpoint(runner_of(joints), stored)
    assert logged == []


@pytest.mark.parametrize(
    ('trained', 'now', 'name'),
    [
        (dict(fingertips='smplx'), {}, 'fingertips'),
        ({}, dict(fingertips=[1, 2, 3, 4, 5]), 'fingertips'),
        (dict(side='left'), {}, 'side'),
        (dict(path='of/mine/MANO_RIGHT.pkl'), {}, 'path'),
    ],
)
def test_weights_of_another_hand_are_warned_of(logged, trained, now, name):
    HandModelHook().after_load_checkpoint(
        runner_of(None, **now), checkpoint_of(**trained)
    )
    assert len(logged) == 1
    given = f'{name}={trained.get(name)!r}, and the network has'
    assert given in logged[0] and f'model.head.hand_model.{name}=' in logged[0]


def test_weights_of_the_same_hand_said_otherwise(logged):
    own = [int(i) for i in FINGERTIP_VERTICES['smplx']]
    for trained, now in (('smplx', own), (own, 'smplx')):
        HandModelHook().after_load_checkpoint(
            runner_of(None, fingertips=now), checkpoint_of(fingertips=trained)
        )
    assert logged == []


def test_where_the_file_lies_does_not_matter(logged, tmp_path):
    here = str(write_hand_model(tmp_path / 'MANO_RIGHT.npz'))
    HandModelHook().after_load_checkpoint(
        runner_of(None, path=here), checkpoint_of(path='elsewhere/MANO_RIGHT.pkl')
    )
    assert logged == []


def test_weights_without_a_config_are_loaded_in_silence(logged):
    HandModelHook().after_load_checkpoint(runner_of('mediapipe'), dict(meta={}))
    assert logged == []
