"""Files that do not hold what the inferencer writes."""

import json

import pytest

from hamuco_mm.structures.inferencer_files import read_inferencer_file

HAND = dict(keypoints=[[1.0, 2.0]] * 21, keypoint_scores=[1.0] * 21)
NO_NUMBERS = dict(HAND, keypoints=[['a', 'b']])
RAGGED = dict(HAND, keypoints=[[1.0], [2.0, 3.0]])


def write(path, content):
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def test_a_file_of_hands(tmp_path):
    (sample,) = read_inferencer_file(write(tmp_path / 'hands.json', [HAND]))
    assert sample['frame_id'] == 'hands'
    assert sample['pred_instances']['keypoints'].shape == (1, 21, 2)


def test_fields_have_their_names_back(tmp_path):
    """Files call some fields as MMPose's files do."""
    hand = dict(HAND, bbox=[1, 2, 3, 4], bbox_score=0.5, bbox_origin='given')
    (sample,) = read_inferencer_file(write(tmp_path / 'hands.json', [hand]))
    fields = sample['pred_instances']
    assert fields['bboxes'].tolist() == [[1, 2, 3, 4]]
    assert fields['bbox_scores'].tolist() == [0.5]
    assert not {'bbox', 'bbox_score', 'bbox_origin'} & set(fields)


def test_times_of_a_video(tmp_path):
    steps = [dict(frame_id=0, instances=[HAND])]
    steps.append(dict(frame_id=1, time=0.04, instances=[HAND]))
    first, second = read_inferencer_file(write(tmp_path / 'video.json', steps))
    assert 'time' not in first
    assert second['time'] == 0.04 and second['frame_id'] == 'video/00000001'


@pytest.mark.parametrize(
    'content, words',
    [
        ('[{', 'is not JSON'),
        ([], 'holds no hands'),
        (dict(views={}), 'holds no hands'),
        (dict(images=[]), 'there is no "views"'),
        ([dict(frame_id='one', instances=[])], 'entry 0: there is no "frame_id"'),
        ([dict(frame_id=0, hands=[])], 'entry 0: there is no "instances"'),
        ([dict(bbox=[0, 0, 1, 1])], 'hand 0: there is no "keypoints"'),
        ([NO_NUMBERS], 'hand 0: "keypoints" is no array of numbers'),
        ([RAGGED], 'hand 0: "keypoints" is no array of numbers'),
        ([dict(frame_id=0, time='1', instances=[])], 'entry 0: "time" is no number'),
        (dict(views=dict(left=[HAND])), 'view left: there is no "instances"'),
    ],
)
def test_what_is_no_such_file(tmp_path, content, words):
    path = write(tmp_path / 'hands.json', content)
    with pytest.raises(ValueError, match=words) as error:
        read_inferencer_file(path)
    assert str(path) in str(error.value)
