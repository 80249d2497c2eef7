"""Cameras of a calibration fit the views and their images, or it is said why not."""

import numpy as np
import pytest
from calibration_files import make_cameras
from hypothesis import given
from hypothesis import strategies as st

from hamuco_mm.cameras import (
    Camera,
    camera_of_images,
    cameras_of_views,
    unusual_principal_point,
)

K = np.array([[600.0, 0, 319.5], [0, 610, 239.5], [0, 0, 1]])
CAMERA = Camera(K, image_size=(640, 480))


def fit(camera, size, resized=True):
    return camera_of_images(camera, 'cam0', size, 'cam0.mp4', resized)


def test_images_of_the_calibrated_size():
    for resized in (True, False):
        assert fit(CAMERA, (640, 480), resized) is CAMERA
    unknown = Camera(K)
    assert fit(unknown, (640, 480), False) is unknown


@given(st.integers(64, 4000), st.sampled_from([(1920, 1080), (640, 480), (1000, 999)]))
def test_any_resize_to_whole_pixels(width, size):
    height = max(1, round(size[1] * width / size[0]))
    resized = fit(Camera(K, image_size=size), (width, height))
    assert resized.image_size == (width, height)
    # edges of the image stay edges
    expected = (K[:2, 2] + 0.5) * [width / size[0], height / size[1]]
    np.testing.assert_allclose(resized.K[:2, 2] + 0.5, expected)


@pytest.mark.parametrize(
    'camera, size, resized, message',
    [
        (CAMERA, (320, 240), False, '640x480.*320x240.*--rescale-intrinsics'),
        (CAMERA, (480, 640), True, 'exchanged.*turned by 90 degrees'),
        (CAMERA, (480, 640), False, 'exchanged.*turned by 90 degrees'),
        (CAMERA, (240, 320), True, 'turned by 90 degrees'),
        (CAMERA, (640, 360), True, 'cropped, padded or stretched'),
        (CAMERA, (640, 360), False, 'cropped, padded or stretched'),
        (CAMERA, (600, 480), True, 'cropped, padded or stretched'),
        (Camera(K), (320, 240), True, "does not say the image size.*'cam0'"),
    ],
)
def test_images_that_are_no_resized_ones(camera, size, resized, message):
    with pytest.raises(ValueError, match=message):
        fit(camera, size, resized)


def test_a_principal_point_of_another_size():
    assert unusual_principal_point(CAMERA, (640, 480)) is None
    told = unusual_principal_point(Camera(K), (320, 240))
    assert told is not None and '(320, 240)' in told


def test_cameras_of_views():
    cameras = make_cameras()
    found = cameras_of_views(cameras, ['cam2', 'top'], 'a.json', dict(top='cam0'))
    assert found == dict(cam2=cameras['cam2'], top=cameras['cam0'])
    with pytest.raises(ValueError, match="a.json has no camera 'side'.*none for side"):
        cameras_of_views(cameras, ['cam0', 'side'], 'a.json')
    with pytest.raises(ValueError, match="cam0 and top have the same camera 'cam0'"):
        cameras_of_views(cameras, ['cam0', 'top'], 'a.json', dict(top='cam0'))
