"""Frames of one camera: one after another, or some of them by their numbers."""

import operator

import cv2
import numpy as np
import pytest
from changed_videos import turn_mp4
from hypothesis import given, settings
from hypothesis import strategies as st
from made_images import (
    brightness_of,
    make_image,
    plain_image,
    write_plain_video,
    write_video,
)

from hamuco_mm.datasets.frames import (
    VIDEO_SUFFIXES,
    UnreadableVideoError,
    VideoFile,
    Webcam,
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


def test_what_is_no_image_of_a_folder(tmp_path):
    for name in ('2.png', '._2.png', '.hidden.jpg', 'Thumbs.db', 'desktop.ini'):
        (tmp_path / name).touch()
    (tmp_path / 'folder.png').mkdir()
    assert [path.name for path in image_files(tmp_path)] == ['2.png']


@pytest.mark.parametrize(
    'degrees, corner', [(90, 'top right'), (180, 'bottom right'), (270, 'bottom left')]
)
def test_a_video_that_is_to_be_turned(tmp_path, degrees, corner):
    path = tmp_path / 'phone.mp4'
    image = np.zeros((48, 64, 3), np.uint8)
    image[:16, :16] = 255
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*'mp4v'), 30, (64, 48))
    for _ in range(3):
        writer.write(image)
    writer.release()
    turn_mp4(path, degrees)
    video = VideoFile(path)
    shown = dict(video.images([2]))[2]
    assert video.image_size == shown.shape[1::-1]
    assert shown.shape[:2] == ((48, 64) if degrees == 180 else (64, 48))
    corners = {
        'bottom left': shown[-8:, :8],
        'bottom right': shown[-8:, -8:],
        'top right': shown[:8, -8:],
    }
    assert max(corners, key=lambda place: corners[place].mean()) == corner


def test_a_rotation_that_opencv_does_not_apply(tmp_path, monkeypatch):
    opened = cv2.VideoCapture

    class FixedCapture:
        """What cannot be set otherwise; OpenCV's own class has no subclasses."""

        def __init__(self, path):
            self.capture = opened(path)
            # newer releases of OpenCV begin with it
            self.capture.set(cv2.CAP_PROP_ORIENTATION_AUTO, 0)

        def set(self, *setting):
            return False

        def __getattr__(self, name):
            return getattr(self.capture, name)

    path = write_plain_video(tmp_path / 'phone.mp4', range(2))
    turn_mp4(path, 90)
    monkeypatch.setattr(cv2, 'VideoCapture', FixedCapture)
    with pytest.raises(UnreadableVideoError, match='turned by 90 degrees'):
        VideoFile(path)


@pytest.mark.parametrize('suffix', ['.mpg', '.mkv', '.webm', '.avi', '.mp4', '.mjpeg'])
def test_every_image_of_a_video_has_a_time(tmp_path, suffix):
    """Also the last one, and where the file does not state how many there are."""
    codec = {'.mpg': 'mpg1', '.webm': 'VP80', '.mp4': 'mp4v'}.get(suffix, 'MJPG')
    path = tmp_path / f'cam{suffix}'
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*codec), 25, (64, 48))
    for number in range(NUM_FRAMES):
        writer.write(plain_image(number))
    writer.release()
    video = VideoFile(path)
    expected = np.arange(NUM_FRAMES) / 25
    np.testing.assert_allclose(video.times(), expected, atol=1e-3)
    np.testing.assert_allclose([frame.time for frame in video], expected, atol=1e-3)
    assert operator.length_hint(video, NUM_FRAMES) == NUM_FRAMES


def test_a_webcam(tmp_path):
    with pytest.raises(UnreadableVideoError, match='webcam 97 cannot be read'):
        open_source('webcam:97')
    # OpenCV opens a file in place of a camera
    frames = list(Webcam(str(write_plain_video(tmp_path / 'cam.avi', range(3))), 'top'))
    assert [brightness_of(frame.image) for frame in frames] == [0, 1, 2]
    assert frames[2].path == 'top_00000002.jpg'


@pytest.mark.parametrize(
    'address', ['rtsp://10.0.0.5:554/cam', 'https://example.org/hand.mp4']
)
def test_videos_on_a_network(address):
    with pytest.raises(ValueError, match='record it .* and name the file'):
        open_source(address)


def test_an_image_that_is_gone(tmp_path):
    cv2.imwrite(str(tmp_path / '0.png'), plain_image(0))
    source = open_source(tmp_path)
    (tmp_path / '0.png').unlink()
    (frame,) = source
    assert frame.image is None and '0.png cannot be read (' in frame.problem


def test_what_is_no_source(tmp_path):
    (tmp_path / 'notes.txt').touch()
    with pytest.raises(
        ValueError, match='notes.txt is neither an image .* nor a video'
    ):
        open_source(tmp_path / 'notes.txt')
