"""Frames of one camera: one after another, or some of them by their numbers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_images import make_image, write_video

from hamuco_mm.datasets.frames import (
    VIDEO_SUFFIXES,
    UnreadableVideoError,
    VideoFile,
    image_files,
    is_image,
    is_video,
    open_source,
)

NUM_FRAMES = 7


@pytest.fixture(scope='module')
def video(tmp_path_factory):
    return VideoFile(
        write_video(tmp_path_factory.mktemp('videos') / 'cam.avi', NUM_FRAMES)
    )


@settings(deadline=None, max_examples=20)
@given(numbers=st.sets(st.integers(0, 2 * NUM_FRAMES)))
def test_frames_by_number_are_those_of_the_whole_video(video, numbers):
    """Those beyond the end are left out."""
    every = [frame.image for frame in video]
    assert len(every) == len(video) == NUM_FRAMES
    chosen = dict(video.images(sorted(numbers)))
    assert chosen.keys() == {n for n in numbers if n < NUM_FRAMES}
    assert all((every[n] == image).all() for n, image in chosen.items())


def test_a_video_can_be_read_again(video):
    first, again = ([frame.image for frame in video] for _ in range(2))
    assert np.array_equal(first, again)
    assert video.image_size == first[0].shape[1::-1]
    assert np.abs(first[3].astype(int) - make_image(3)).mean() < 4


def test_a_video_that_is_cut_off_is_told_of(tmp_path, logged):
    path = tmp_path / 'cam.avi'
    write_video(path, NUM_FRAMES)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    video = VideoFile(path)
    count = len(list(video))
    assert 0 < count < len(video) == NUM_FRAMES
    assert f'{path} ends after {count} of {NUM_FRAMES} images' in logged[-1]


@pytest.mark.parametrize('error', [OSError, ValueError])
def test_what_is_no_video(tmp_path, error):
    (tmp_path / 'text.avi').write_text('no video')
    with pytest.raises(error, match='text.avi cannot be read') as raised:
        open_source(tmp_path / 'text.avi')
    assert isinstance(raised.value, UnreadableVideoError)


@pytest.mark.parametrize('suffix', VIDEO_SUFFIXES)
def test_every_kind_of_video(tmp_path, suffix):
    """A video is known by its suffix, whatever its letters, and is read."""
    path = tmp_path / f'cam{suffix.upper()}'
    write_video(tmp_path / 'cam.avi', 3)
    (tmp_path / 'cam.avi').rename(path)
    assert is_video(path) and not is_image(path)
    assert len(list(open_source(path))) == 3


def test_images_of_a_folder_come_in_natural_order(tmp_path):
    for name in ('img10.PNG', 'img2.jpg', 'img1.tif', 'notes.txt'):
        (tmp_path / name).touch()
    names = [path.name for path in image_files(tmp_path)]
    assert names == ['img1.tif', 'img2.jpg', 'img10.PNG']
