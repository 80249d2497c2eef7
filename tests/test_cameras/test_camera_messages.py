"""What cannot be done with a camera is said in words."""

import numpy as np
import pytest
import torch

from hamuco_mm.cameras import Camera, Cameras, Convention
from hamuco_mm.cameras.files.writing import update_timing

K = np.array([[400.0, 0, 112], [0, 400, 112], [0, 0, 1]])


def test_a_camera_of_unknown_size_is_not_resized():
    with pytest.raises(ValueError, match='image size .* not known'):
        Camera(K).resize((320, 240))


def test_a_camera_without_a_pose_is_no_calibration():
    with pytest.raises(ValueError, match='without extrinsics'):
        Camera(K).as_camera_param()


@pytest.mark.parametrize('dist', [[0.1, 0.2], np.zeros(3)])
def test_coefficients_that_no_lens_has(dist):
    with pytest.raises(ValueError, match=r"camera_param\['dist'\] of cam7"):
        Camera.from_camera_param(dict(K=K, dist=dist), 'cam7')


@pytest.mark.parametrize('R', [np.diag([1.0, 1, -1]), 2 * np.eye(3)])
def test_what_is_no_rotation(R):
    camera = Camera.from_camera_param(dict(K=K, R=R, t=np.zeros(3)))
    with pytest.raises(ValueError, match="'R'. of cam7 is no rotation"):
        camera.check_rotation('cam7')


def test_cameras_without_extrinsics_are_nowhere():
    with pytest.raises(ValueError, match='no extrinsics'):
        _ = Cameras(torch.from_numpy(K)[None]).extrinsics


@pytest.mark.parametrize(
    'options, words',
    [(dict(extrinsics='both'), 'extrinsics should be'), (dict(axes='up'), 'axes')],
)
def test_conventions_that_nobody_has(options, words):
    with pytest.raises(ValueError, match=words):
        Convention(**options)


def test_a_calibration_that_is_damaged_is_not_changed(tmp_path):
    path = tmp_path / 'calibration.json'
    path.write_text('{"read_as": ')
    with pytest.raises(ValueError, match='calibration.json: not readable as JSON'):
        update_timing(path, 2, dict(cam0=3), dict(cam0=1))
    assert path.read_text() == '{"read_as": '
