"""One hand is followed with one crop an image."""

import cv2
import numpy as np
import pytest

from hamuco_mm.apis import HaMuCoInferencer, LiveEstimator, LiveTracker
from hamuco_mm.apis.live import LiveHand
from hamuco_mm.synthesis import SceneConfig, SceneGenerator

SIZE = (320, 240)


@pytest.fixture(scope='module')
def estimator():
    return LiveEstimator.from_model(HaMuCoInferencer('hamuco', device='cpu').model)


@pytest.fixture(scope='module')
def hand():
    """Picture (128, 128, 3) and joints of a hand, on plain grey."""
    generator = SceneGenerator(0, 'val', SceneConfig(labels=None))
    scene = generator.scene(5, 1)
    grey = np.full((1, 128, 128, 3), 120, np.float32)
    image = generator.render(scene, 0, [0], grey)[0]
    return image, generator.keypoints(scene)[0, 0]


def show(hand, corner):
    """The hand somewhere in a larger image; nowhere for None."""
    image = np.full((SIZE[1], SIZE[0], 3), 120, np.uint8)
    if corner is None:
        return cv2.GaussianBlur(image, (0, 0), 3), None
    x, y = corner
    image[y : y + 128, x : x + 128] = hand[0]
    return image, hand[1] + corner


class Counted:
    """Counts how often an estimator is asked."""

    def __init__(self, estimator):
        self.estimator, self.calls = estimator, 0

    def __call__(self, *args):
        self.calls += 1
        return self.estimator(*args)


def off(hand, joints):
    """Mean error in diagonals of the hand's box."""
    error = np.linalg.norm(hand.keypoints - joints, axis=1).mean()
    return error / np.linalg.norm(np.ptp(joints, axis=0))


def test_a_moving_hand_is_followed_with_one_crop_an_image(estimator, hand):
    counted = Counted(estimator)
    tracker = LiveTracker(counted, check_interval=6)
    errors, calls, sizes = [], [], []
    for step in range(13):
        image, joints = show(hand, (20 + 12 * step, 10 + 6 * step))
        before = counted.calls
        tracked = tracker(image)
        calls.append(counted.calls - before)
        sizes.append(np.ptp(tracked.box.reshape(2, 2), axis=0))
        assert tracked.sure
        assert (tracked.box[:2] < joints.mean(0)).all()
        assert (tracked.box[2:] > joints.mean(0)).all()
        errors.append(off(tracked.hand, joints))
    # found, and then followed with a check now and then
    assert calls[0] > 20
    assert calls[1:6] == calls[7:12] == [1] * 5
    assert calls[6] >= 10 and calls[12] >= 10
    assert max(errors) < 0.15
    np.testing.assert_allclose(sizes[1:6], sizes[:5])  # no drift between checks
    whole = off(estimator(image), joints)
    assert np.mean(errors) < 0.5 * whole


@pytest.mark.slow
def test_a_hand_that_was_lost_is_found_again(estimator, hand):
    tracker = LiveTracker(estimator, check_interval=2)
    assert tracker(show(hand, (30, 20))[0]).sure
    for _ in range(2):  # the box is checked at the second
        gone = tracker(show(hand, None)[0])
    assert not gone.sure and gone.score < 0.5
    image, joints = show(hand, (170, 100))
    for _ in range(2):
        again = tracker(image)
    assert again.sure
    assert off(again.hand, joints) < 0.15


@pytest.mark.slow
def test_searches_in_vain_become_rare(estimator, hand):
    counted = Counted(estimator)
    tracker = LiveTracker(counted, check_interval=2)
    empty, searched = show(hand, None)[0], []
    for step in range(25):
        before = counted.calls
        tracker(empty)
        if counted.calls - before > 1:
            searched.append(step)
    assert searched == [0, 2, 6, 12, 18, 24]


def test_a_hand_that_jumps_is_looked_for_at_once(estimator, hand):
    tracker = LiveTracker(estimator, check_interval=100)
    tracker(show(hand, (10, 10))[0])
    image, joints = show(hand, (180, 100))
    assert off(tracker(image).hand, joints) < 0.15


class TwoHands:
    """A network that sees a hand at ``clear`` wherever a crop has it, and else one at
    ``vague``, which turns a little with crops of images that are bright."""

    clear = np.array([[200.0, 120.0], [240.0, 150.0]])
    vague = np.array([[60.0, 60.0], [100.0, 90.0]])

    def __call__(self, image, box, rotation=0.0):
        keypoints = self.vague
        if image.any():
            left, top = self.clear.min(0)
            right, bottom = self.clear.max(0)
            if box[0] < left and box[1] < top and box[2] > right and box[3] > bottom:
                keypoints = self.clear
            else:
                # by 5 px at 20 degrees, a tenth of the diagonal: 2/3 of that on
                # average make a score of 0.59
                keypoints = keypoints + [rotation / 4, 0.0]
        return LiveHand(keypoints, np.zeros((2, 3)), np.zeros((4, 3)))


def test_a_followed_hand_of_which_crops_disagree_is_looked_for_elsewhere():
    tracker = LiveTracker(TwoHands(), check_interval=1)
    dark = np.zeros((SIZE[1], SIZE[0], 3), np.uint8)
    first = tracker(dark)
    np.testing.assert_array_equal(first.hand.keypoints, TwoHands.vague)
    assert first.score == 1
    second = tracker(np.full_like(dark, 255))
    np.testing.assert_array_equal(second.hand.keypoints, TwoHands.clear)
    assert second.score == 1


def test_left_hands(estimator, hand):
    """In the mirror image."""
    left = LiveEstimator(
        estimator.network, estimator.input_size, estimator.faces, 'left'
    )
    image, joints = show(hand, (100, 60))
    mirrored = np.ascontiguousarray(image[:, ::-1])
    tracked = LiveTracker(left)(mirrored)
    joints = joints.copy()
    joints[:, 0] = SIZE[0] - 1 - joints[:, 0]
    assert tracked.sure and off(tracked.hand, joints) < 0.15


@pytest.mark.parametrize('angle', [40.0, -90.0])
def test_rotated_crops_see_the_same_joints(estimator, hand, angle):
    """Of a network that says where the middle and the right of its crop are."""
    asked = []

    def network(crop):
        asked.append(crop)
        joints = np.array([[48.0, 48.0], [96.0, 48.0]])
        return joints[None], np.zeros((1, 2, 3)), np.zeros((1, 4, 3))

    pointer = LiveEstimator(network, (96, 96), estimator.faces)
    middle, right = pointer(
        np.zeros((240, 320, 3), np.uint8), [100, 50, 196, 146], angle
    )[0]
    np.testing.assert_allclose(middle, [148, 98], atol=1e-6)
    turned = np.deg2rad(-angle)
    np.testing.assert_allclose(
        right - middle, [48 * np.cos(turned), 48 * np.sin(turned)], atol=1e-6
    )
    # what is there in the image is there in the crop
    image = np.zeros((240, 320, 3), np.uint8)
    x, y = np.round(middle + 0.5 * (right - middle)).astype(int)
    cv2.circle(image, (int(x), int(y)), 3, (255, 255, 255), -1)
    pointer(image, [100, 50, 196, 146], angle)
    bright = np.argwhere(asked[-1][0, 0] > 128).mean(0)
    np.testing.assert_allclose(bright, [48, 72], atol=1)


def test_an_interval_that_makes_no_sense(estimator):
    with pytest.raises(ValueError, match='check_interval=0'):
        LiveTracker(estimator, check_interval=0)
