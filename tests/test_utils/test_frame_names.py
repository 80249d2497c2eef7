"""What names of time steps and of frames say."""

import pytest

from hamuco_mm.utils.frame_names import (
    sequence_of,
    sequence_of_view,
    split_frame_name,
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
