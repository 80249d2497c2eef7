import numpy as np
import pytest

from hamuco_mm.datasets.bbox import bbox_from_keypoints


@pytest.fixture
def hand():
    rng = np.random.default_rng(0)
    points = rng.uniform((50, 80), (110, 190), (21, 2))
    points[:2] = (50, 80), (110, 190)
    return points, np.full(21, 0.8)


def test_tight_around_confident_joints(hand):
    np.testing.assert_allclose(
        bbox_from_keypoints(*hand), [50, 80, 110, 190], rtol=1e-6
    )


def test_joints_without_confidence_do_not_count(hand):
    points, confidence = hand
    points[5], confidence[5] = (-400, 900), 0.1
    np.testing.assert_allclose(
        bbox_from_keypoints(points, confidence), [50, 80, 110, 190], rtol=1e-6
    )


def test_a_lonely_joint_far_away_does_not_count(hand):
    points, confidence = hand
    points[5] = 400, 80
    np.testing.assert_allclose(
        bbox_from_keypoints(points, confidence), [50, 80, 110, 190], rtol=1e-6
    )


def test_the_wrist_of_a_fist_counts():
    rng = np.random.default_rng(1)
    points = 100 + rng.uniform(-12, 12, (21, 2))
    points[0], points[1] = (55, 100), (75, 100)
    box = bbox_from_keypoints(points, np.ones(21))
    assert box[0] == 55


def test_few_confident_joints_use_all_with_any_confidence(hand):
    points, confidence = hand
    confidence[:] = 0.05
    confidence[7] = 0.9
    np.testing.assert_allclose(
        bbox_from_keypoints(points, confidence), [50, 80, 110, 190], rtol=1e-6
    )


def test_no_confidence_gives_no_box(hand):
    assert bbox_from_keypoints(hand[0], np.zeros(21)) is None


@pytest.mark.parametrize('num', [1, 2, 21])
def test_coinciding_joints_give_a_box_with_an_area(num):
    confidence = np.zeros(21)
    confidence[:num] = 1
    box = bbox_from_keypoints(np.full((21, 2), 30.0), confidence)
    np.testing.assert_array_equal(box, [26, 26, 34, 34])
