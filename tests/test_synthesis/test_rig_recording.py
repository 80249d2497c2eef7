"""A generated recording is what it was generated of."""

import dataclasses

import cv2
import numpy as np
import pytest

from hamuco_mm.cameras import read_calibration
from hamuco_mm.datasets.rig import read_label
from hamuco_mm.datasets.rig.recordings import open_recording
from hamuco_mm.synthesis import SceneGenerator
from hamuco_mm.synthesis.rig_recording import write_recording


@pytest.fixture
def scene(exact_generator):
    return exact_generator.scene(0, 4)


def test_recording(exact_generator, scene, tmp_path):
    """Camera 1 begins a frame before the others, which miss a moment."""
    moments = []
    write_recording(
        exact_generator, scene, tmp_path, dict(cam1=1), lambda: moments.append(1)
    )
    assert len(moments) == 4
    lengths = [len(open_recording(tmp_path / f'cam{i}.mp4')) for i in range(3)]
    assert lengths == [3, 4, 3]
    cameras = read_calibration(tmp_path / 'calibration.toml', unit='mm').cameras
    exact = exact_generator.keypoints(scene)
    for name, frame, moment in (
        ('cam0', 0, 1),
        ('cam1', 0, 0),
        ('cam2', 2, 3),
        ('cam1', 3, 3),
    ):
        camera = cameras[name]
        label = read_label(tmp_path / f'labels/{name}/{frame:06d}.json')
        np.testing.assert_allclose(
            label.keypoints, exact[moment, int(name[-1])], atol=1e-3
        )
        assert label.hand_side == 'right'
        joints = scene.motion.joints[moment] @ camera.R.T + camera.t
        np.testing.assert_allclose(camera.project(joints), label.keypoints, atol=1e-2)
    assert not list(tmp_path.glob('*.part*'))
    shown = next(open_recording(tmp_path / 'cam1.mp4').read([3]))[1]
    shown = cv2.imdecode(np.frombuffer(shown, np.uint8), cv2.IMREAD_COLOR)
    rendered = [exact_generator.render(scene, t, [1])[0] for t in (0, 3)]
    difference = [np.abs(shown.astype(int) - r).mean() for r in rendered]
    assert difference[1] < 8 and difference[1] < difference[0] / 1.3


def test_lenses_are_in_the_calibration(exact_generator, tmp_path):
    """Cameras that look past the hand see it through their lenses' rim."""
    config = exact_generator.config
    rig = dataclasses.replace(config.rig, aim_jitter=0.08, distortion=(-0.4, -0.3))
    bent = SceneGenerator(0, 'train', dataclasses.replace(config, rig=rig))
    scene = bent.scene(0, 1)
    write_recording(bent, scene, tmp_path)
    cameras = read_calibration(tmp_path / 'calibration.toml', unit='mm').cameras
    for view, camera in enumerate(cameras.values()):
        label = read_label(tmp_path / f'labels/cam{view}/000000.json')
        joints = scene.motion.joints[0] @ camera.R.T + camera.t
        np.testing.assert_allclose(camera.project(joints), label.keypoints, atol=1e-2)
        straight = dataclasses.replace(camera, dist=np.zeros(0))
        assert np.abs(straight.project(joints) - label.keypoints).max() > 0.1


def test_nothing_is_overwritten(exact_generator, scene, tmp_path):
    (tmp_path / 'calibration.toml').write_text('')
    with pytest.raises(FileExistsError, match='calibration.toml'):
        write_recording(exact_generator, scene, tmp_path)
