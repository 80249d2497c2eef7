"""What MediaPipe's words for the sides of hands mean, by the depths of the joints."""

import json

import numpy as np
import pytest
from bent_hands import bent_hand, mediapipe_result
from scipy.spatial.transform import Rotation

from hamuco_mm.datasets.labels import LabelNotes
from hamuco_mm.datasets.labels.side_words import found_mirroring, side_by_depth


@pytest.mark.parametrize('side', ['left', 'right'])
def test_side_by_depth(side):
    """From all directions, in other units of depth, and with noise."""
    rng = np.random.default_rng(0)
    for turn in Rotation.random(50, random_state=0):
        hand = turn.apply(bent_hand(side) + rng.normal(scale=0.1, size=(21, 3)))
        assert side_by_depth(hand) == side
        assert side_by_depth(hand * (640, 480, 1e-3)) == side


def test_hands_that_do_not_tell():
    flat = bent_hand()
    flat[:, 2] = 0
    assert side_by_depth(flat) is None
    straight = flat + np.random.default_rng(0).normal(scale=0.1, size=(21, 3))
    assert side_by_depth(Rotation.from_euler('x', 1).apply(straight)) is None
    assert side_by_depth(np.full((21, 3), np.nan)) is None


@pytest.fixture
def write(tmp_path):
    def write(contents):
        for number, content in enumerate(contents):
            (tmp_path / f'{number:03d}.json').write_text(json.dumps(content))
        notes = LabelNotes()
        return found_mirroring(tmp_path, notes), notes.lines()

    return write


def of_release(mirrored, number):
    words = ('Right', 'Left') if mirrored else ('Left', 'Right')
    hands = dict(zip(words, (bent_hand('left'), bent_hand('right'))))
    return [mediapipe_result(hands)] * number


def test_releases_are_told_apart(write):
    assert write(of_release(True, 9)) == (True, [])
    mirrored, (line,) = write(of_release(False, 9))
    assert not mirrored and line.startswith('18 of 18 hands have the side that')


def test_few_or_contrary_hands_do_not_change_what_is_usual(write):
    assert write(of_release(False, 2)) == (True, [])
    assert write(of_release(False, 4) + of_release(True, 4)) == (True, [])


@pytest.mark.parametrize(
    'content',
    [
        [[1, 2]] * 21,
        dict(hand_landmarks=[[]], handedness=[['Left']]),
        dict(hand_landmarks=[[[1, 2]] * 21], handedness=[['Left']]),
        dict(hand_landmarks=5),
        dict(hand_landmarks=[[[1, 2, 3]] * 21], handedness=5),
        dict(left_hand_landmarks=None),
        dict(keypoints=[]),
        'text',
    ],
)
def test_other_files_say_nothing(write, content):
    assert write([content, *of_release(False, 5)])[0] is False
