"""Hands are found by a network that is asked of crops."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hamuco_mm.apis.locating import CropMargins, HandLocator
from hamuco_mm.apis.locating.agreement import (
    HALF_AGREEMENT,
    agreement,
    coverage,
    hand_distance,
    spread,
    support,
)
from hamuco_mm.apis.locating.boxes import joint_boxes, scale_boxes, search_windows
from hamuco_mm.cameras.mirroring import mirror_bbox, mirror_keypoints

PADDING = 1.5
# A hand in the square [-1, 1], whose tight box is 1 / PADDING of it.
MEAN_HAND = np.random.default_rng(0).uniform(-1, 1, (21, 2))
MEAN_HAND = (MEAN_HAND - MEAN_HAND.min(0)) / np.ptp(MEAN_HAND, axis=0) * 2 - 1
MEAN_HAND /= PADDING


def hand_at(x, y, side):
    """Joints whose tight box has this middle and sides."""
    return MEAN_HAND * PADDING * side / 2 + (x, y)


class Beholder:
    """Predicts as networks of crops do: the hand, roughly, where the crop shows it
    at about the size of its training, else the mean hand in the crop."""

    def __init__(self, hands):
        self.hands, self.looks = hands, 0

    def __call__(self, looks):
        self.looks += len(looks)
        return np.stack([self._joints(*look) for look in looks])

    def _joints(self, image, box, rotation):
        crop = scale_boxes(np.asarray(box, float), PADDING)
        middle, side = (crop[:2] + crop[2:]) / 2, (crop[2:] - crop[:2]).max()
        angle = np.deg2rad(rotation)
        turn = np.array(
            [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
        )
        mean = MEAN_HAND @ turn.T * side / 2 + middle
        hand = self.hands[image]
        if hand is None:
            return mean
        size = (hand.max(0) - hand.min(0)).max() * PADDING / side
        off = np.abs((hand.max(0) + hand.min(0)) / 2 - middle).max() / side
        if not (0.4 < size < 1.6 and off < 0.35):
            return mean
        # the worse the crop fits, the more it is drawn to the mean
        blend = min(1.0, (abs(np.log(size)) + off) / 2)
        return (1 - blend) * hand + blend * mean


def locate(hands, last=None, size=(640, 480), passes=3):
    beholder = Beholder(hands)
    locator = HandLocator(beholder, CropMargins(PADDING), passes)
    found = locator([size] * len(hands), last or [None] * len(hands))
    return found, beholder.looks


def assert_found(located, hand, tolerance=0.06):
    box, side = joint_boxes(hand), np.ptp(hand, axis=0).max()
    np.testing.assert_allclose(located.box, box, atol=tolerance * side)


@pytest.mark.parametrize(
    'x, y, side, origin',
    [(330, 230, 300, 'search'), (500, 120, 150, 'search'), (90, 400, 140, 'search')],
)
def test_large_and_small_hands_are_found(x, y, side, origin):
    hand = hand_at(x, y, side)
    (located,), _ = locate([hand])
    assert located.origin == origin and located.sure
    assert_found(located, hand)


def test_what_is_no_hand_is_said_to_be_a_guess():
    (located,), _ = locate([None])
    assert located.origin == 'whole_image' and not located.sure
    assert located.score < 0.5


def test_images_do_not_depend_on_each_other():
    hands = [hand_at(330, 230, 300), None, hand_at(500, 120, 150)]
    together, _ = locate(hands)
    for hand, located in zip(hands, together):
        (alone,), _ = locate([hand])
        np.testing.assert_allclose(located.box, alone.box)
        assert located.origin == alone.origin


def test_a_hand_is_followed_and_found_again():
    before = joint_boxes(hand_at(480, 130, 150))
    moved, away = hand_at(500, 120, 150), hand_at(120, 380, 150)
    (located,), looks = locate([moved], [before])
    assert located.origin == 'tracked'
    assert_found(located, moved, 0.1)
    (again,), searched = locate([away], [before])
    assert again.origin == 'search'
    assert_found(again, away)
    assert looks < searched / 10


@pytest.mark.parametrize('x, y, side', [(330, 230, 300), (500, 120, 150)])
@pytest.mark.parametrize('followed', [False, True])
def test_left_hands_are_found_as_their_mirror_images(x, y, side, followed):
    width, height = size = 640, 480
    hand = hand_at(x, y, side)
    last = [joint_boxes(hand_at(x - 15, y + 8, side))] if followed else [None]
    (right,), _ = locate([hand], last, size)
    beholder = Beholder([hand])

    def look(looks):
        """What the network, which mirrors crops of left hands, says of them."""
        mirrored = [
            (i, mirror_bbox(box, width), -rotation) for i, box, rotation in looks
        ]
        return mirror_keypoints(beholder(mirrored), width)

    mirrored_last = [None if box is None else mirror_bbox(box, width) for box in last]
    locator = HandLocator(look, CropMargins(PADDING))
    (left,) = locator([size], mirrored_last)
    assert left.origin == right.origin
    np.testing.assert_allclose(left.score, right.score)
    np.testing.assert_allclose(left.box, mirror_bbox(right.box, width))


def test_more_passes_come_closer():
    """To the middle of the hand; the size is one of a few around the prediction."""
    hand = hand_at(300, 260, 260)
    error = []
    for passes in (1, 2, 4):
        (located,), _ = locate([hand], passes=passes)
        apart = located.box - joint_boxes(hand)
        error.append(np.abs(apart[:2] + apart[2:]).max())
    assert error[0] > error[1] > error[2]


def test_the_size_is_that_whose_crops_agree():
    """A network may know hands in crops of another size than those around them."""
    hand, middle = hand_at(320, 240, 300), np.array([320, 240])
    rng = np.random.default_rng(0)

    def look(looks):
        sides = [np.ptp(np.reshape(look.box, (2, 2)), axis=0).max() for look in looks]
        noise = 60 * np.abs(np.log(np.array(sides) / 225)) + 1
        return hand + rng.normal(size=(len(looks), 21, 2)) * noise[:, None, None]

    (located,) = HandLocator(look, CropMargins(PADDING))([(640, 480)], [None])
    assert np.ptp(located.box.reshape(2, 2), axis=0).max() < 250
    np.testing.assert_allclose(located.box.reshape(2, 2).mean(0), middle, atol=15)


def test_followed_boxes_do_not_shrink_with_hands_that_are_predicted_too_small():
    hand, side = hand_at(320, 240, 200), 200
    rng = np.random.default_rng(0)

    def look(looks):
        crops = np.array(
            [np.ptp(np.reshape(look.box, (2, 2)), axis=0) for look in looks]
        )
        crops = crops.max(-1)
        small = (320, 240) + MEAN_HAND * PADDING * 0.85 / 2 * crops[:, None, None]
        noise = 40 * np.abs(np.log(crops / side)) + 1
        return small + rng.normal(size=(len(looks), *hand.shape)) * noise[:, None, None]

    box = joint_boxes(hand)
    for _ in range(20):
        (located,) = HandLocator(look, CropMargins(PADDING))([(640, 480)], [box])
        assert located.origin == 'tracked'
        box = located.box
    assert np.ptp(box.reshape(2, 2), axis=0).max() > 0.8 * side


@given(st.integers(20, 900), st.integers(20, 900), st.floats(0.2, 1.2))
def test_windows_cover_an_image_and_its_mirror_image(width, height, scale):
    windows = search_windows((width, height), [scale])
    assert np.allclose(windows[:, 2:] - windows[:, :2], scale * max(width, height))
    rng = np.random.default_rng(0)
    points = rng.uniform(0, [width - 1, height - 1], (50, 2))
    inside = [coverage(point[None, None], windows[None]) for point in points]
    assert np.max(inside, axis=(1, 2)).min() == 1
    mirrored = mirror_bbox(windows, width)
    order, other = (np.lexsort(np.round(w, 6).T) for w in (windows, mirrored))
    np.testing.assert_allclose(windows[order], mirrored[other], atol=1e-6)


@pytest.mark.parametrize('padding, share', [(1.5, 1.5), (1.25, 1.25), (1.0, 1.4)])
def test_crops_are_as_large_as_in_training(padding, share):
    """Around labels as the config pads them; networks of loose boxes get room."""
    margins = CropMargins(padding)
    hand = np.array([100.0, 50, 200, 150])
    crop = scale_boxes(margins.around_hands(hand), padding)
    np.testing.assert_allclose(crop, scale_boxes(hand, share))
    np.testing.assert_allclose(scale_boxes(margins.of_windows(hand), padding), hand)


def test_agreement_is_a_share_of_the_hand():
    hand = hand_at(100, 100, 80)
    noisy = hand + np.random.default_rng(1).normal(0, 2, (4, 1, 21, 2))
    assert spread(np.stack([hand[None]] * 3)) == pytest.approx(0)
    # at any scale, at any place
    np.testing.assert_allclose(spread(noisy), spread(5 * noisy + 30))
    assert agreement(0) == 1 and agreement(HALF_AGREEMENT) == pytest.approx(0.5)
    assert (np.diff(agreement(np.linspace(0, 1, 20))) < 0).all()
    shifted = hand + (8, 6)
    diagonal = np.hypot(80, 80)
    assert hand_distance(shifted, hand) == pytest.approx(10 / diagonal)


def test_support_counts_predictions_of_one_hand():
    hand, other = hand_at(100, 100, 80), hand_at(400, 300, 80)
    found = support(np.stack([hand, hand, hand, other]))
    np.testing.assert_allclose(found, [3, 3, 3, 1], atol=1e-6)


def test_coverage_is_the_share_of_joints_inside():
    points = np.stack([np.arange(10), np.zeros(10)], -1)
    assert coverage(points, np.array([-1, -1, 3.5, 1])) == pytest.approx(0.4)
