"""Finding out which points of the hand a detector calls joints, as a command."""

import json
from functools import partial

import numpy as np
import pytest
from hanco_tree import HanCoTree

from hamuco_mm.cameras import Camera
from hamuco_mm.datasets.hand_fits import HandFitDecoder
from hamuco_mm.hand_model import MANOLayer

STEPS, CAMERAS = 80, 5


@pytest.fixture
def own():
    return MANOLayer().double().J21.numpy()


@pytest.fixture
def detected(tmp_path, own):
    """A tree whose labels are where MediaPipe would see the joints, half a pixel
    off; in one view of each time step they are somewhere else."""
    tree = HanCoTree(tmp_path / 'hands', {0: STEPS}, num_cameras=CAMERAS)
    rng = np.random.default_rng(0)
    decoder = HandFitDecoder(None)
    joints = MANOLayer(joints='mediapipe').double().J21.numpy()
    for frame in range(STEPS):
        fit = np.concatenate(
            [rng.normal(0, 0.3, 48), rng.normal(0, 1, 10), rng.normal(0, 0.02, 3)]
        )
        tree.write_json(
            tree.frame_path('shape', 0, frame),
            dict(
                poses=[fit[:48].tolist()],
                shapes=[fit[48:58].tolist()],
                global_t=[[fit[58:].tolist()]],
            ),
        )
        points = joints @ decoder.vertices(fit)
        for camera in range(CAMERAS):
            key = (0, frame, camera)
            M = tree.M[key]
            view = Camera(tree.K[key], M[:3, :3], M[:3, 3])
            uv = view.project(view.to_camera(points)) + rng.normal(0, 0.5, (21, 2))
            uv += 40 * (camera == frame % CAMERAS)
            label = [uv.tolist(), [1.0] * 21]
            path = tree.root / f'detected/0000/cam{camera}/{frame:08d}.json'
            tree.write_json(path, label)
    return tree.root


@pytest.fixture
def run(run_script):
    return partial(run_script, 'misc/fit_joint_regressor.py')


def test_the_joints_of_a_detector_are_found(run, detected, own, tmp_path, capsys):
    out = tmp_path / 'joints.npz'
    run(detected, '--labels', 'detected', '--out', out)
    printed = capsys.readouterr().out
    assert 'index_tip' in printed

    vertices = HandFitDecoder(None).vertices(np.zeros(61))
    found = MANOLayer(joints=str(out)).double().J21.numpy()
    meant = MANOLayer(joints='mediapipe').double().J21.numpy()
    before = np.linalg.norm((own - meant) @ vertices, axis=-1).mean()
    assert np.linalg.norm((found - meant) @ vertices, axis=-1).mean() < before / 4


def test_data_without_meshes_are_an_error(run, detected, tmp_path):
    for path in (detected / 'shape/0000').iterdir():
        path.unlink()
    with pytest.raises(SystemExit, match='no time step with a calibration and a mesh'):
        run(detected, '--labels', 'detected', '--out', tmp_path / 'joints.npz')


def test_a_folder_of_labels_that_is_not_there_is_an_error(run, detected, tmp_path):
    with pytest.raises(SystemExit, match=r'hands/detect\)'):
        run(detected, '--labels', 'detect', '--out', tmp_path / 'joints.npz')


def test_too_few_hands_are_an_error(run, detected, tmp_path):
    """None of them is left to try the joints on."""
    for path in (detected / 'shape/0000').iterdir():
        if int(path.stem) > 8:
            path.unlink()
    with pytest.raises(SystemExit, match='in 9 of 9 time steps, too few'):
        run(detected, '--labels', 'detected', '--out', tmp_path / 'joints.npz')


def test_labels_that_do_not_agree_are_an_error(run, detected, tmp_path):
    rng = np.random.default_rng(0)
    for path in (detected / 'detected').rglob('*.json'):
        points, confidences = json.loads(path.read_text())
        points = (np.array(points) + rng.normal(0, 60, (21, 2))).tolist()
        path.write_text(json.dumps([points, confidences]))
    with pytest.raises(SystemExit, match=r'detected of .*views agree within 4 px'):
        run(detected, '--labels', 'detected', '--out', tmp_path / 'joints.npz')


def test_a_file_of_another_kind_is_an_error(run, detected, tmp_path, capsys):
    with pytest.raises(SystemExit):
        run(detected, '--labels', 'detected', '--out', tmp_path / 'joints.json')
    assert 'should be a .npz' in capsys.readouterr().err
