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
