"""Recordings with generated pictures of the same hands."""

import json
import shutil
import sys

import cv2
import numpy as np
import pytest

from hamuco_mm.cameras import pinhole_pixels, points_in_camera


@pytest.fixture
def render_again(repository, demo_data, tmp_path, run_command):
    """Runs the tool on the small data set; returns the new one and what was printed."""

    def run(*options, root=demo_data, status=0):
        out = tmp_path / 'again'
        tool = repository / 'tools/misc/render_again.py'
        printed = run_command(sys.executable, tool, root, out, *options, status=status)
        return out, printed

    return run


@pytest.mark.slow
def test_the_same_hands_in_other_pictures(render_again, demo_data):
    out, _ = render_again('--look', 'rig', '--seed', '3')
    images = sorted(path.relative_to(out) for path in out.glob('rgb/*/cam*/*.jpg'))
    assert images == sorted(
        path.relative_to(demo_data) for path in demo_data.glob('rgb/*/cam*/*.jpg')
    )
    for name in images[::9]:
        before, after = (cv2.imread(str(root / name)) for root in (demo_data, out))
        assert before.shape == after.shape
        assert np.abs(before.astype(int) - after).mean() > 10
    for path in sorted(out.glob('xyz/*/*.json')):
        sequence, frame = path.parent.name, path.stem
        joints = np.array(json.loads(path.read_text()))
        known = np.array(json.loads((demo_data / path.relative_to(out)).read_text()))
        assert np.linalg.norm(joints - known, axis=-1).mean() < 2e-3
        calib = json.loads((out / f'calib/{sequence}/{frame}.json').read_text())
        K, M = np.array(calib['K']), np.array(calib['M'])
        pixels = pinhole_pixels(points_in_camera(joints, M[:, :3, :3], M[:, :3, 3]), K)
        for camera, exact in enumerate(pixels):
            label = out / f'rgb_2D_keypoints/{sequence}/cam{camera}/{frame}.json'
            keypoints, confidences = json.loads(label.read_text())
            np.testing.assert_allclose(keypoints, exact, atol=1e-3)
            assert set(confidences) == {1.0}


@pytest.mark.slow
def test_labels_of_the_recording(render_again, demo_data):
    out, _ = render_again('--keep-labels')
    for kind in ('xyz', 'rgb_2D_keypoints'):
        labels = list(out.glob(f'{kind}/**/*.json'))
        assert labels
        for path in labels:
            assert path.read_bytes() == (demo_data / path.relative_to(out)).read_bytes()


@pytest.mark.slow
def test_what_it_does_not_do(render_again, tmp_path):
    root = tmp_path / 'wide'
    for name in ('rgb/0000/cam0', 'rgb_2D_keypoints/0000/cam0'):
        (root / name).mkdir(parents=True)
    picture = root / 'rgb/0000/cam0/00000000.jpg'
    cv2.imwrite(str(picture), np.zeros((40, 64, 3), np.uint8))
    out, printed = render_again(root=root, status=1)
    assert f'{root} has no calib' in printed
    for kind in ('calib', 'xyz'):
        (root / kind).mkdir()
    _, printed = render_again(root=root, status=1)
    assert f'{picture} has 64x40 pixels' in printed and 'Traceback' not in printed
    _, printed = render_again('--photos', root / 'xyz', status=1)
    assert f'{root / "xyz"}' in printed and 'Traceback' not in printed
    assert not out.exists()
    out.mkdir()
    (out / 'mine.txt').touch()
    _, printed = render_again(status=1)
    assert f'{out} is not empty' in printed


@pytest.mark.slow
def test_an_image_without_a_camera(render_again, demo_data, tmp_path):
    root = tmp_path / 'recording'
    shutil.copytree(demo_data, root)
    for folder in ('rgb', 'rgb_2D_keypoints'):
        shutil.copytree(root / folder / '0000/cam0', root / folder / '0000/cam9')
    _, printed = render_again(root=root, status=1)
    assert f'{root}/calib/0000/00000000.json' in printed and 'has no cam9' in printed
    assert 'Traceback' not in printed
