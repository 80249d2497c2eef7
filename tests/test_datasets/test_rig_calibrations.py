"""rig2coco.py says of each view whether it is calibrated, and why not."""

import json

import cv2
import numpy as np
import pytest
from calibration_files import make_cameras, write_json
from made_images import plain_image

from hamuco_mm.cameras import FORMATS

SIZE = (64, 48)
K = [[60, 0, 32], [0, 60, 24], [0, 0, 1]]
POSE = dict(R=np.eye(3).tolist(), t=[0, 0, 1])


@pytest.fixture
def recording(tmp_path):
    """Three folders of two images."""
    root = tmp_path / 'recording'
    for name in ('cam0', 'cam1', 'cam2'):
        (root / name).mkdir(parents=True)
        for frame in range(2):
            cv2.imwrite(str(root / name / f'{frame}.png'), plain_image(frame, SIZE))
    return root


@pytest.fixture
def calibrated(recording, convert, tmp_path):
    """Converts with cameras by name."""

    def run(cameras, *options):
        path = tmp_path / 'calibration.json'
        path.write_text(
            json.dumps(dict(cameras=cameras, extrinsics='world2cam', unit='m'))
        )
        return convert(recording, '--calibration', path, *options)

    return run


def entry(**fields):
    return dict(K=K, width=SIZE[0], height=SIZE[1], **fields)


def test_all_views(calibrated):
    told = calibrated({f'cam{i}': entry(**POSE) for i in range(3)})
    assert told.strip().endswith('0 labels, calibrated')


def test_a_view_without_a_pose_is_named(calibrated):
    cameras = {f'cam{i}': entry(**POSE) for i in range(3)}
    cameras['cam1'] = entry()
    told = calibrated(cameras)
    assert '2 of 3 views calibrated, others not: 0000/cam1: no pose (R and t)' in told


def test_no_view_has_a_pose(calibrated):
    told = calibrated({f'cam{i}': entry() for i in range(3)})
    assert 'not calibrated (0000/cam0: no pose' in told


def test_another_recording_without_a_calibration(calibrated, convert, recording):
    calibrated({f'cam{i}': entry(**POSE) for i in range(3)})
    told = convert(recording, '--sequence', 'take2')
    assert '3 of 6 views calibrated' in told
    assert 'take2/cam0: no camera in the calibration' in told


def test_what_is_not_used_is_said(calibrated):
    cameras = {f'cam{i}': entry(**POSE, rms=0.1) for i in range(3)}
    told = calibrated(dict(cameras, cam9=entry(**POSE)))
    assert 'not used: rms (of cam0, cam1, cam2)' in told
    assert 'cameras cam9' in told


def test_a_principal_point_of_other_images(calibrated):
    cameras = {f'cam{i}': dict(K=K, **POSE) for i in range(3)}
    cameras['cam2']['K'] = [[120, 0, 64], [0, 120, 48], [0, 0, 1]]
    told = calibrated(cameras)
    assert told.count('principal point') == 1
    assert 'warning: cam2: the principal point (64, 48)' in told


@pytest.mark.parametrize(
    'change, options, message',
    [
        (dict(width=48, height=64), ['--rescale-intrinsics'], 'turned by 90 degrees'),
        (dict(width=64, height=64), ['--rescale-intrinsics'], 'cropped, padded'),
        (dict(width=None), ['--rescale-intrinsics'], 'does not say the image size'),
        ({}, ['--camera-names', 'cam0=cam1'], "same camera 'cam1'"),
        ({}, ['--format', 'kalibr'], "has not the form of Kalibr's camchain"),
    ],
)
def test_what_is_refused(calibrated, change, options, message):
    cameras = {f'cam{i}': entry(**POSE) for i in range(3)}
    cameras['cam1'].update(change)
    told = calibrated(cameras, *options)
    assert told.startswith('error: ') and message in told


def test_an_option_that_names_a_camera_twice(recording, convert, tmp_path, capsys):
    path = write_json(tmp_path / 'a.json', make_cameras())
    options = ['--calibration', path, '--camera-names', 'cam0=a', 'cam0=b']
    assert convert(recording, *options) == '2'
    assert '--camera-names names cam0 twice' in capsys.readouterr().err


def test_every_format_can_be_named(recording, convert, capsys):
    assert convert(recording, '--format', 'none') == '2'
    told = capsys.readouterr().err
    assert all(f"'{name}'" in told or f' {name}' in told for name in FORMATS)
