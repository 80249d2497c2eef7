"""In the folder of a rig, equal names belong together."""

import cv2
import pytest
from calibration_files import SIZE, make_cameras, write_toml
from json_writing import write_json
from made_images import plain_image

from hamuco_mm.cameras import write_calibration
from hamuco_mm.datasets.rig import scan_folder


@pytest.fixture
def root(tmp_path):
    for camera in ('cam0', 'cam1'):
        for frame in range(3):
            path = tmp_path / f'images/0000/{camera}/{frame:04d}.png'
            path.parent.mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(path), plain_image(frame))
    return tmp_path


def test_names_of_another_form(root):
    """Which other readers of the folder would take for other time steps."""
    assert len(scan_folder(root)['images']) == 6
    for path in sorted((root / 'images/0000/cam1').iterdir()):
        path.rename(path.with_name(f'{int(path.stem)}.png'))
    with pytest.raises(
        ValueError, match=r'0000.png there, .*cam1/0.png here.*rig2coco'
    ):
        scan_folder(root)
    # one that is shared is a time step
    path = root / 'images/0000/cam1/0.png'
    path.rename(path.with_name('0000.png'))
    assert len(scan_folder(root)['images']) == 6


def test_files_of_no_image(root, logged):
    joints = dict(keypoints=[[1, 2, 1]] * 21)
    write_json(root / 'labels/0000/cam0/0001.json', joints)
    write_json(root / 'xyz/0000/0002.json', [[0, 0, 1]] * 21)
    (root / 'labels/0000/cam0/._0001.json').touch()
    scan_folder(root)
    assert not logged
    write_json(root / 'labels/0000/cam0/1.json', joints)
    write_json(root / 'labels/0000/cam9/0001.json', joints)
    write_json(root / 'xyz/0000/2.json', [[0, 0, 1]] * 21)
    scan_folder(root)
    assert [line.split(': ')[1].split(' belong')[0] for line in logged] == [
        '1 files'
    ] * 3
    assert [line.rsplit(' ', 1)[1] for line in logged] == [
        '1.json',
        '0001.json',
        '2.json',
    ]


def test_labels_of_other_formats(root, logged):
    write_json(root / 'labels/0000/cam0/0001.json', dict(keypoints=[[1, 2, 1]] * 21))
    (root / 'labels/0000/cam0/0002.csv').write_text('x,y')
    scan_folder(root)
    (line,) = logged
    assert '1 files are no .json and not read' in line and line.endswith('0002.csv')


def test_calibrations_that_are_not_read(root, logged):
    """Though they may have the cameras that views lack."""
    calibration = root / 'calibration/0000.json'
    calibration.parent.mkdir()
    write_calibration(calibration, make_cameras(2))
    for path in (root / 'images').rglob('*.png'):
        cv2.imwrite(str(path), plain_image(0, SIZE))
    write_toml(root / 'calibration.toml', make_cameras(2))
    (root / 'calibration/take1.json').touch()
    scan_folder(root)
    assert not logged  # all views have one
    calibration.rename(calibration.with_name('old.json'))
    assert not scan_folder(root)['cameras']
    assert logged == [
        f'{root}: 0000/cam0, 0000/cam1 have no camera; not read are calibration.toml, '
        'calibration/old.json, calibration/take1.json: a calibration is called '
        'calibration.json or calibration/<sequence>.json (rig2coco.py --calibration '
        'makes it of others)'
    ]


@pytest.mark.parametrize('name', ['calibration.json', 'calibration/0000.json'])
def test_cameras_of_other_names(root, logged, name):
    (root / 'calibration').mkdir()
    scan_folder(root)
    assert not logged  # not calibrated, as one may be
    cameras = dict(zip(('cam_0', 'cam_1'), make_cameras(2).values()))
    write_calibration(root / name, cameras)
    scan_folder(root)
    prefix = '0000/' * ('/' in name)
    assert logged == [
        f'{root}: 0000/cam0, 0000/cam1 have no camera; no image is of the cameras '
        f'{prefix}cam_0, {prefix}cam_1'
    ]


@pytest.mark.parametrize(
    'content, error',
    [('text', 'no list of joints'), ([[0, 0, 1]] * 20, '21 x 3 numbers')],
)
def test_joints_that_are_none(root, content, error):
    write_json(root / 'xyz/0000/0002.json', content)
    with pytest.raises(ValueError, match=f'0002.json: .*{error}'):
        scan_folder(root)
