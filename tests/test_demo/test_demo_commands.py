"""The demo scripts as a person runs them."""

import json
import os
import runpy
import subprocess
import sys

import cv2
import numpy as np
import pytest


def run(*command, cwd, status=0) -> str:
    done = subprocess.run(
        [sys.executable, *map(str, command)],
        cwd=cwd,
        env=dict(os.environ, OMP_NUM_THREADS='1'),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert done.returncode == status, done.stdout[-4000:]
    return done.stdout


@pytest.fixture(scope='module')
def recordings(tmp_path_factory):
    """Two cameras' videos of four images, and a calibration of images of twice their
    size."""
    root = tmp_path_factory.mktemp('recordings')
    random = np.random.default_rng(0)
    cameras = {}
    for name, angle in (('left', 0.4), ('right', -0.4)):
        writer = cv2.VideoWriter(
            str(root / f'{name}.avi'), cv2.VideoWriter_fourcc(*'MJPG'), 10, (96, 64)
        )
        for _ in range(4):
            coarse = random.integers(0, 255, (4, 6, 3), np.uint8)
            writer.write(cv2.resize(coarse, (96, 64)))
        writer.release()
        cameras[name] = dict(
            K=[[400, 0, 95.5], [0, 400, 63.5], [0, 0, 1]],
            width=192,
            height=128,
            R=cv2.Rodrigues(np.array([0, angle, 0]))[0].tolist(),
            t=[0, 0, 0.6],
        )
    (root / 'rig.json').write_text(
        json.dumps(dict(extrinsics='world2cam', unit='m', cameras=cameras))
    )
    return root


def test_help_comes_without_torch(repository, tmp_path):
    for script, word in (('hamuco_demo.py', '--cameras'), ('webcam_demo.py', '--onnx')):
        code = (
            'import runpy, sys; sys.argv = ["x", "--help"]\n'
            'try: runpy.run_path(sys.argv[0], run_name="__main__")\n'
            'finally: assert "torch" not in sys.modules'
        )
        code = code.replace('sys.argv[0]', repr(str(repository / 'demo' / script)), 1)
        assert word in run('-c', code, cwd=tmp_path)


@pytest.mark.parametrize(
    'script, arguments, message',
    [
        ('hamuco_demo.py', ['none.png', '--show', '--model', 'none.py'], 'none.py'),
        ('webcam_demo.py', ['--input', 'none.mp4'], 'there is no video none.mp4'),
        ('webcam_demo.py', ['--input', 'hand.png'], 'hand.png is no video'),
    ],
)
def test_wrong_input_is_one_line(
    repository, tmp_path, monkeypatch, script, arguments, message
):
    monkeypatch.chdir(tmp_path)
    cv2.imwrite('hand.png', np.zeros((8, 8, 3), np.uint8))
    monkeypatch.setattr(sys, 'argv', [script, *arguments])
    with pytest.raises(SystemExit, match=f'error: .*{message}'):
        runpy.run_path(str(repository / 'demo' / script), run_name='__main__')


@pytest.mark.parametrize(
    ('box', 'message'),
    [
        ('0.2 0.1 0.8 1', '--bbox has no coordinate above 1: parts of the image'),
        ('10 64 90 99', '--bbox is outside of the images of .*left.avi, .* 96 x 64'),
    ],
)
def test_a_crop_without_a_hand(
    repository, recordings, tmp_path, monkeypatch, box, message
):
    monkeypatch.chdir(tmp_path)
    words = f'--input {recordings}/left.avi --no-show --out-file a.mp4 --bbox {box}'
    words += ' --model none.py'  # it is said before the network is looked for
    monkeypatch.setattr(sys, 'argv', ['webcam_demo.py', *words.split()])
    with pytest.raises(SystemExit, match=f'error: {message}'):
        runpy.run_path(str(repository / 'demo/webcam_demo.py'), run_name='__main__')


@pytest.mark.slow
def test_rig_demo(repository, recordings, tmp_path):
    said = run(
        repository / 'demo/hamuco_demo.py',
        recordings / 'left.avi',
        recordings / 'right.avi',
        '--cameras',
        recordings / 'rig.json',
        '--rescale-intrinsics',
        '--out-dir',
        'out',
        '--bbox',
        20,
        0,
        80,
        60,
        '--batch-size',
        2,
        cwd=tmp_path,
    )
    assert '4 time steps, 8 hands, 0 images without a hand' in said
    assert 'written to' in said and 'pkg_resources' not in said
    stored = json.loads((tmp_path / 'out/predictions/views.json').read_text())
    assert [frame['frame_id'] for frame in stored] == [0, 1, 2, 3]
    right = stored[3]['views']['right']
    assert right['camera']['K'] == [[200, 0, 47.5], [0, 200, 31.5], [0, 0, 1]]
    hand = right['instances'][0]
    assert hand['bbox'] == [20, 0, 80, 60]
    video = cv2.VideoCapture(str(tmp_path / 'out/visualizations/views.mp4'))
    assert video.get(cv2.CAP_PROP_FRAME_COUNT) == 4


@pytest.mark.slow
def test_webcam_demo(repository, recordings, tmp_path):
    said = run(
        repository / 'demo/webcam_demo.py',
        '--input',
        recordings / 'left.avi',
        '--no-show',
        '--out-file',
        'live.mp4',
        '--max-frames',
        3,
        cwd=tmp_path,
    )
    assert '3 images' in said and 'frames per second' in said
    video = cv2.VideoCapture(str(tmp_path / 'live.mp4'))
    assert video.get(cv2.CAP_PROP_FRAME_COUNT) == 3
    assert video.read()[1].shape == (64, 96, 3)


@pytest.mark.slow
def test_a_guess_is_said(repository, tmp_path):
    """Nothing can be found in a black image; whoever asks for it whole gets it."""
    cv2.imwrite(str(tmp_path / 'black.png'), np.zeros((96, 96, 3), np.uint8))
    command = (repository / 'demo/hamuco_demo.py', 'black.png', '--device', 'cpu')
    printed = run(*command, '--pred-out-dir', 'out', cwd=tmp_path)
    assert '1 hand, 0 images without a hand; 1 of the hands is a guess' in printed
    printed = run(*command, '--box-passes', 0, '--pred-out-dir', 'out', cwd=tmp_path)
    assert 'guess' not in printed
