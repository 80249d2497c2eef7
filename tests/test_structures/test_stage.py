"""One name for each result of the network."""

import json

import pytest

from hamuco_mm.structures import Stage

FIELDS = {'keypoints_cam': 1, 'keypoints_cam_fused': 2, 'keypoints_interact': 3}


def test_a_stage_is_its_value():
    """In configs, names of metrics, JSON and as a key."""
    assert f'{Stage.FUSION}/MPJPE' == 'fusion/MPJPE'
    assert json.dumps({Stage.SINGLE: [Stage.INTERACT]}) == '{"single": ["interact"]}'
    assert {Stage.SINGLE: 1}['single'] == 1 and {'fusion': 2}[Stage.FUSION] == 2


def test_stages_of_fields():
    """From early to late, by the field that is asked for."""
    assert Stage.present(FIELDS) == ['single', 'fusion']
    assert Stage.present(FIELDS, 'keypoints') == ['interact']
    assert Stage.latest(FIELDS) is Stage.FUSION
    assert Stage.latest(FIELDS, 'keypoints') is Stage.INTERACT
    assert Stage.latest({}) is None
    assert Stage.of_views(FIELDS) is Stage.INTERACT
    assert Stage.of_views(FIELDS, 'keypoints_cam') is Stage.SINGLE


@pytest.mark.parametrize('stage', Stage)
def test_a_field_tells_its_stage(stage):
    assert Stage.present([stage.field('vertices')], 'vertices') == [stage]
    assert Stage.parse(stage.value) is stage


def test_unknown_stages_are_named():
    with pytest.raises(ValueError, match="stages .*'interact'.*got 'fused'"):
        Stage.parse('fused', 'stages')
