"""What names of time steps and of frames say."""

import pytest

from hamuco_mm.utils.frame_names import (
    frame_of,
    sequence_of,
    sequence_of_view,
    split_frame_name,
    track_of,
    video_frame_name,
)


@pytest.mark.parametrize(
    ('frame_id', 'sequence'), [('0001/00000005', '0001'), ('a/b/c', 'a/b'), ('7', '')]
)
def test_the_sequence_of_a_time_step(frame_id, sequence):
    assert sequence_of(frame_id) == sequence
    assert sequence_of_view(dict(frame_id=frame_id)) == sequence
    assert sequence_of_view(dict(frame_id=frame_id, sequence='own')) == 'own'


def test_a_time_step_may_be_a_number():
    assert sequence_of_view(dict(frame_id=7)) == ''


def test_frames_of_videos():
    name = video_frame_name('a/b#frame=x.mp4', 12)
    assert split_frame_name(name) == ('a/b#frame=x.mp4', 12)
    assert split_frame_name('a/b.png') is None


@pytest.mark.parametrize(
    ('frame_id', 'sequence', 'track', 'frame'),
    [
        ('take/00000005/left', 'take', 'take/left', 5),
        ('a/b/5/right', 'a/b', 'a/b/right', 5),
        ('5/left', '', 'left', 5),
        ('take/00000005', 'take', 'take', 5),
        ('take/left', 'take', 'take', -1),
        ('take/1st/left', 'take/1st', 'take/1st', -1),
        ('left', '', '', -1),
    ],
)
def test_the_side_of_a_hand_follows_its_time_step(frame_id, sequence, track, frame):
    assert sequence_of(frame_id) == sequence
    assert track_of(frame_id) == track
    assert frame_of(frame_id) == frame
