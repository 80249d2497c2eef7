"""Videos that are written, by their container and rate."""

import cv2
import numpy as np
import pytest

from hamuco_mm.utils.video_files import VideoFile


def written(path, fps, pictures=3):
    """Number and rate of the pictures of a new video."""
    with VideoFile(path, fps) as video:
        for level in np.linspace(0, 255, pictures):
            video.write(np.full((32, 48, 3), level, np.uint8))
    capture = cv2.VideoCapture(str(path))
    rate, count = capture.get(cv2.CAP_PROP_FPS), 0
    while capture.grab():
        count += 1
    return count, rate


@pytest.mark.parametrize('fps', [0.5, 29.97002997, 65.536, 117.95147, 239.8437, 960.13])
def test_any_rate(tmp_path, fps):
    """Those of slow motion, whose mean is no round number, too."""
    assert written(tmp_path / 'a.mp4', fps) == (3, pytest.approx(fps, rel=1e-4))


@pytest.mark.parametrize('suffix', ['.MP4', '.avi', '.mkv', '.wmv', '.mpg'])
@pytest.mark.parametrize('fps', [7.5, 25.0])
def test_containers_that_miscount(tmp_path, suffix, fps):
    """A Windows Media or MPEG file says how long it lasts, not how many it has."""
    assert written(tmp_path / f'a{suffix}', fps, pictures=50)[0] == 50


def test_a_container_of_other_codecs(tmp_path):
    with pytest.raises(OSError, match='suffix .webm cannot be .*: .mp4 can'):
        VideoFile(tmp_path / 'a.webm', 30)
    assert not list(tmp_path.iterdir())
