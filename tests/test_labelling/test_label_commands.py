"""pseudo_label.py and clean_labels.py as commands, also in two processes."""

import json
import os
import signal
import subprocess
import sys

import numpy as np
import pytest
from label_trees import LabelTree, write_model
from ranks import free_port, start_ranks

from hamuco_mm.utils.one_writer import only_writer

pytestmark = pytest.mark.slow


@pytest.fixture
def run(tmp_path, repository):
    """Runs a Python command from another directory; returns its output."""

    def run(*command, status=0):
        done = subprocess.run(
            [sys.executable, *map(str, command)],
            cwd=tmp_path,
            text=True,
            env=dict(os.environ, OMP_NUM_THREADS='1', PYTHONPATH=str(repository)),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        assert done.returncode == status, done.stdout[-5000:]
        return done.stdout

    return run


def test_two_processes_label_like_one(run, repository, tmp_path):
    tree = LabelTree(tmp_path, frames=3, cameras=3)
    source = tree.write_rig(labelled=False)
    options = (
        repository / 'tools/misc/pseudo_label.py',
        source,
        *write_model(tmp_path),
        '--shard-size',
        2,
        '--batch-size',
        2,
        '--workers',
        1,
    )
    run(*options, '--out', tree.rig / 'one.json')
    printed = run(
        '-m',
        'torch.distributed.run',
        '--nproc-per-node',
        2,
        '--master-port',
        free_port(),
        *options,
        '--out',
        tree.rig / 'two.json',
        '--launcher',
        'pytorch',
    )
    assert printed.count('done') == 1
    one, two = (
        json.loads((tree.rig / f'{name}.json').read_text()) for name in ('one', 'two')
    )
    assert one['images'] == two['images']
    assert len(one['annotations']) == len(two['annotations']) == 9
    for first, second in zip(one['annotations'], two['annotations']):
        assert first['image_id'] == second['image_id']
        np.testing.assert_allclose(first['keypoints'], second['keypoints'], atol=1e-3)
    assert not list(tree.rig.glob('*.shards'))


def test_a_second_labeller_is_refused(run, repository, tmp_path):
    tree = LabelTree(tmp_path, frames=1, cameras=2)
    out = tree.rig / 'labels.json'
    command = (
        repository / 'tools/misc/pseudo_label.py',
        tree.write_rig(labelled=False),
        *write_model(tmp_path),
        '--workers',
        1,
        '--out',
        out,
    )
    with only_writer(out, beside=True):
        printed = run(*command, status=1)
    assert f'another process is writing {out}: wait until it is done' in printed
    assert 'Traceback' not in printed and not out.exists()
    run(*command)
    assert out.exists()


def test_a_process_that_stops_ends_the_others(run, repository, tmp_path):
    """In a stated time and in words; what is done is kept."""
    tree = LabelTree(tmp_path, frames=10, cameras=4)
    out = tree.rig / 'labels.json'
    command = (
        repository / 'tools/misc/pseudo_label.py',
        tree.write_rig(labelled=False),
        *write_model(tmp_path),
        *('--workers', 0, '--shard-size', 1, '--batch-size', 1, '--out', out),
    )
    first, second = start_ranks(
        [sys.executable, *command, '--launcher', 'pytorch', '--timeout', 10],
        2,
        text=True,
        stdout=subprocess.PIPE,
    )
    try:
        # of the second process, which makes those of odd numbers
        shards = out.with_name(out.name + '.shards')
        while not list(shards.glob('*1.npz')):
            assert first.poll() is None and second.poll() is None
        os.kill(second.pid, signal.SIGSTOP)
        printed, _ = first.communicate(timeout=120)
    finally:
        first.kill()
        second.kill()
    assert first.returncode == 1
    assert 'another process has ended or stopped' in printed
    assert 'none was finished for 10 seconds' in printed and 'Traceback' not in printed
    assert not out.exists()
    assert 'going on: ' in run(*command)
    assert len(json.loads(out.read_text())['annotations']) == 40


def test_files_then_cleaning(run, repository, tmp_path):
    """Labels of OpenPose for a rig without any, one 40 px aside."""
    tree = LabelTree(tmp_path, frames=2, cameras=4)
    source = tree.write_rig(labelled=False)
    moved = [(tree.names[2], 9)]
    for name in tree.names[:-1]:
        path = tmp_path / f'openpose/{name}_keypoints.json'
        path.parent.mkdir(parents=True, exist_ok=True)
        joints = np.column_stack([tree.labels(name, moved), np.full(21, 0.8)])
        path.write_text(
            json.dumps(
                dict(people=[dict(hand_right_keypoints_2d=joints.ravel().tolist())])
            )
        )
    printed = run(
        repository / 'tools/misc/pseudo_label.py',
        source,
        '--openpose',
        tmp_path / 'openpose',
    )
    assert '1 of 8 images have no file' in printed
    made = tree.rig / 'rig_pseudo.json'
    assert len(json.loads(made.read_text())['annotations']) == 7
    clean = repository / 'tools/misc/clean_labels.py'
    printed = run(clean, made, tree.rig / 'clean.json')
    assert '146 agree' in printed and '1 do not' in printed
    assert 'overwrite' in run(clean, made, tree.rig / 'clean.json', status=2)
    hands = json.loads((tree.rig / 'clean.json').read_text())['annotations']
    assert hands[2]['keypoints'][3 * 9 + 2] < 0.01
    assert hands[2]['keypoints'][3 * 8 + 2] > 0.75


def test_what_files_and_images_lack_is_said(run, repository, tmp_path):
    """Sides that nobody states, labels of no image, and what was not used."""
    tree = LabelTree(tmp_path, frames=3, cameras=2)
    tool = (
        repository / 'tools/misc/pseudo_label.py',
        tree.write_rig(labelled=False),
        *('--mediapipe', tmp_path / 'points', '--coordinates', 'pixels'),
    )
    for name in tree.names:
        camera, frame = name.rsplit('/', 1)
        path = tmp_path / f'points/{camera}/hand_{int(frame)}.json'
        path.parent.mkdir(parents=True, exist_ok=True)
        points = (tree.uv[name] + 30).tolist()
        path.write_text(json.dumps(dict(landmarks=points, frame=1)))
        path.with_stem('hand_9').write_text(path.read_text())
    printed = run(*tool, '--out', tree.rig / 'a.json')
    assert '6 of 6 hands have no annotation that says their side' in printed
    assert printed.count('1 of 4 labels belong to no image: hand_9') == 2
    assert 'files have the key "frame", which is not used' in printed
    printed = run(*tool, '--out', tree.rig / 'b.json', '--hand-side', 'right')
    assert 'says their side' not in printed
    printed = run(*tool, '--out', tree.rig / 'c.json', '--label-offset', 1)
    assert '2 of 6 images have no file' in printed
