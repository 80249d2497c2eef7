"""Predictions where nobody says where the hand is."""

import json

import numpy as np
import pytest
from made_images import SIZE, make_image, write_video

from hamuco_mm.apis import HaMuCoInferencer
from hamuco_mm.structures.inferencer_files import read_inferencer_file
from hamuco_mm.synthesis import SceneConfig, SceneGenerator

WEIGHTS = 'hamuco_mm://res18w32_generated-wild.pth'
FOUND = ('search', 'tracked', 'views', 'whole_image')


@pytest.fixture(scope='module')
def locating():
    return HaMuCoInferencer('hamuco-demo', device='cpu')


def test_where_the_box_is_from_and_a_score(locating, tmp_path):
    (result,) = locating(make_image(0), out_dir=str(tmp_path))
    ((hand,),) = result['predictions']
    assert hand['bbox_origin'] in FOUND
    assert 0 <= hand['hand_score'] <= hand['bbox_score'] < 1
    # the box says all: given, it leads to the same hand
    (again,) = locating(make_image(0), bboxes=hand['bbox'])
    ((same,),) = again['predictions']
    assert same['bbox_origin'] == 'given' and same['bbox_score'] == 1
    np.testing.assert_allclose(same['keypoints'], hand['keypoints'], atol=1e-2)
    (path,) = (tmp_path / 'predictions').iterdir()
    (stored,) = json.loads(path.read_text())
    assert stored['bbox_origin'] == hand['bbox_origin']
    (sample,) = read_inferencer_file(path)
    np.testing.assert_allclose(
        sample['pred_instances']['keypoints'][0], hand['keypoints']
    )


def test_no_passes_take_the_whole_image(locating, single_view):
    (result,) = locating(make_image(1), box_passes=0)
    ((hand,),) = result['predictions']
    assert hand['bbox'] == [0, 0, SIZE, SIZE] and hand['bbox_origin'] == 'whole_image'
    ((same,),) = next(single_view(make_image(1)))['predictions']
    assert same == hand
    with pytest.raises(ValueError, match='box_passes -1 should be at least 0'):
        locating(make_image(1), box_passes=-1)


def test_left_hands_are_located_in_the_mirror_image(locating):
    image = make_image(2)
    ((right,),) = next(locating(image))['predictions']
    mirrored = image[:, ::-1].copy()
    ((left,),) = next(locating(mirrored, hand_side='left'))['predictions']
    assert left['bbox_origin'] == right['bbox_origin']
    x1, y1, x2, y2 = right['bbox']
    np.testing.assert_allclose(
        left['bbox'], [SIZE - 1 - x2, y1, SIZE - 1 - x1, y2], atol=1e-2
    )


def test_the_same_image_again_is_tracked_only_in_videos(locating, tmp_path):
    """Once a hand is found for sure; a list has nothing to do with each other."""
    video = write_video(tmp_path / 'hand.avi', 2)
    as_images, as_video = (
        [next(iter(r['predictions'][0]))['bbox_origin'] for r in results]
        for results in (locating([make_image(0)] * 2), locating(video, track=False))
    )
    assert 'tracked' not in as_images + as_video


def test_a_score_of_views(multi_view, calibration):
    """Given boxes have no passes: what the views agree on is left of the score."""
    views = {name: make_image(i) for i, name in enumerate(calibration)}
    box = [20, 20, 110, 110]
    (result,) = multi_view(views, bboxes=box, cameras=calibration)
    for (hand,) in result['predictions']:
        assert hand['bbox_origin'] == 'given' and hand['bbox_score'] == 1
        off = np.linalg.norm(
            np.subtract(hand['keypoints_interact'], hand['keypoints_fused']), axis=-1
        )
        assert off.mean() > 0 and hand['hand_score'] < 1


def test_calibrated_views_are_located_together(repository, calibration):
    inferencer = HaMuCoInferencer(
        str(repository / 'configs/hamuco_demo.py'), WEIGHTS, device='cpu'
    )
    views = {name: make_image(i) for i, name in enumerate(calibration)}
    (result,) = inferencer(views, cameras=calibration, box_passes=1)
    for (hand,) in result['predictions']:
        assert hand['bbox_origin'] in FOUND
        if hand['views_agree']:
            assert hand['bbox_origin'] == 'views'


def test_only_the_prediction_is_a_mean_over_turned_crops():
    """How much predictions of crops differ says where the hand is: their means differ
    less, and cost four times as much."""
    found, crops = [], []
    for turns in (False, True):
        inferencer = HaMuCoInferencer(
            'hamuco', device='cpu', cfg_options={'model.test_cfg.rotation_test': turns}
        )
        seen = []
        inferencer.model.backbone.register_forward_pre_hook(
            lambda _, inputs, seen=seen: seen.append(len(inputs[0]))
        )
        (result,) = inferencer(make_image(0), box_passes=1)
        ((hand,),) = result['predictions']
        found.append(hand)
        crops.append(sum(seen))
    once, turned = found
    assert turned['bbox'] == once['bbox'] and turned['bbox_score'] == once['bbox_score']
    assert turned['keypoints'] != once['keypoints']
    assert crops[1] - crops[0] == 3


@pytest.fixture(scope='module')
def around_a_hand():
    """Pictures of a generated hand in larger ones, and the boxes of its joints."""
    generator = SceneGenerator(2, 'train', SceneConfig(image_size=160))
    scene = generator.scene(0, 1)
    pictures = {}
    for view, picture in enumerate(generator.render(scene, 0)[:4]):
        large = np.full((240, 320, 3), 110, np.uint8)
        large[40:200, 90:250] = picture
        pictures[f'cam{view}'] = large
    joints = scene.rig.project(scene.motion.joints[0])[:4] + (90, 40)
    return pictures, np.concatenate([joints.min(1), joints.max(1)], 1)


def test_views_without_a_calibration_are_located_together(around_a_hand):
    """Each is boxed by the fused hand, as its own crop has it."""
    views, boxes = around_a_hand
    inferencer = HaMuCoInferencer('hamuco', device='cpu')
    (result,) = inferencer(views)
    hands = [hand for (hand,) in result['predictions']]
    assert [hand['bbox_origin'] for hand in hands].count('views') >= 3
    for hand, box in zip(hands, boxes):
        assert 0 < hand['bbox_score'] < 1
        centre = np.reshape(hand['bbox'], (2, 2)).mean(0)
        off = np.linalg.norm(centre - box.reshape(2, 2).mean(0))
        assert off < 0.15 * np.linalg.norm(box[2:] - box[:2])
        if hand['bbox_origin'] == 'views':
            fused = np.array(hand['keypoints_fused'])
            seen = (fused.min(0) + fused.max(0)) / 2
            assert np.linalg.norm(centre - seen) < 0.03 * np.linalg.norm(
                np.ptp(fused, 0)
            )


def test_views_that_are_not_fused_are_located_alone(around_a_hand, locating):
    (result,) = locating(around_a_hand[0])
    for (hand,) in result['predictions']:
        assert hand['bbox_origin'] in ('search', 'whole_image')
