"""What metrics need of samples, and say where it is missing."""

import numpy as np
import pytest
from mmengine.registry import init_default_scope
from mmpose.registry import METRICS

from hamuco_mm.evaluation.metrics.absolute_hands import absolute_hand, check_root
from hamuco_mm.structures import PredictedViews

NAMES = dict(img_path='0/cam0/1.jpg', img_id=0)
HAND = dict(
    keypoints=np.zeros((1, 21, 2)),
    keypoints_cam=np.random.default_rng(0).normal(size=(1, 21, 3)),
)


@pytest.mark.parametrize(
    'hand, options, words',
    [
        (dict(keypoints=HAND['keypoints']), dict(), 'no predicted 3D joints of single'),
        (HAND, dict(), 'no camera_param'),
        (HAND, dict(root='truth'), 'no true joints'),
        (HAND, dict(stage='fusion'), 'no predicted 3D joints of fusion'),
    ],
)
def test_hands_without_what_places_them(hand, options, words):
    with pytest.raises(KeyError, match=words) as error:
        absolute_hand(dict(NAMES, pred_instances=hand), **options)
    assert '0/cam0/1.jpg' in str(error.value)


def test_hands_without_2d_joints_are_not_fitted():
    sample = dict(
        NAMES,
        pred_instances=dict(keypoints_cam=HAND['keypoints_cam']),
        camera_param=dict(K=np.eye(3)),
    )
    with pytest.raises(KeyError, match='no predicted 2D joints of single'):
        absolute_hand(sample)


def test_an_unknown_root():
    with pytest.raises(ValueError, match='root should be one of .*thumb'):
        check_root('thumb')


def test_challenges_need_a_json_file_and_meshes(tmp_path):
    init_default_scope('mmpose')
    with pytest.raises(ValueError, match='should end with .json'):
        METRICS.build(dict(type='DumpFreiHAND', out_file=str(tmp_path / 'pred.txt')))
    metric = METRICS.build(
        dict(
            type='DumpFreiHAND',
            out_file=str(tmp_path / 'pred.json'),
            root='truth',
            use_scale=False,
        )
    )
    truth = dict(keypoints_cam=HAND['keypoints_cam'])
    sample = dict(NAMES, pred_instances=HAND, gt_instances=truth)
    with pytest.raises(KeyError, match='no predicted vertices'):
        metric.process(None, [sample])


def test_views_without_3d_joints_have_no_stage():
    views = PredictedViews.from_samples(
        [dict(NAMES, frame_id='0/1', pred_instances=dict(keypoints=HAND['keypoints']))]
    )
    with pytest.raises(ValueError, match='no predicted 3D joints'):
        _ = views.latest_stage
