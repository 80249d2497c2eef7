"""docs/your_own_rig.md, command by command, as it is written there."""

import csv
import json
import os
import re
import subprocess
import sys

import cv2
import numpy as np
import pytest

pytestmark = pytest.mark.slow


def commands_of(page, kind='bash'):
    """Commands of the page's blocks of a kind, and their exit statuses."""
    blocks = re.findall(rf'```{kind}\n(.*?)```', page.read_text(), re.DOTALL)
    for command in '\n'.join(blocks).replace('\\\n', ' ').splitlines():
        status = re.search(r'# exit status (\d)', command)
        yield command, int(status[1]) if status else 0


def prepare(root, repository):
    """Lay out a folder as the repository; the function that runs a command there."""
    for name in ('tools', 'configs', 'demo'):
        (root / name).symlink_to(repository / name)
    # `python` is the one that runs the tests
    (root / 'bin').mkdir()
    python = root / 'bin/python'
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    environment = dict(
        os.environ,
        PATH=f'{root / "bin"}{os.pathsep}{os.environ["PATH"]}',
        PYTHONPATH=str(repository),
        OMP_NUM_THREADS='1',
    )

    def run(command, status=0):
        done = subprocess.run(
            ['bash', '-c', command],
            cwd=root,
            text=True,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        assert done.returncode == status, f'{command}:\n{done.stdout[-5000:]}'
        return done.stdout

    return run


@pytest.fixture(scope='module')
def outputs(repository, tmp_path_factory):
    """What each command printed, and the directory they ran in."""
    root = tmp_path_factory.mktemp('own_rig')
    run = prepare(root, repository)
    commands = list(commands_of(repository / 'docs/your_own_rig.md'))
    return root, [(command, run(command, status)) for command, status in commands]


def of(printed, tool):
    return [text for command, text in printed if tool in command]


def test_every_part_of_the_page_has_a_command(outputs):
    _, printed = outputs
    for tool in (
        'generate_rig_videos',
        'rig2coco',
        'check_rig',
        'dataset_statistics',
        'browse_dataset',
        'train.py',
        'test.py',
        'draw_predictions',
        'hamuco_demo',
        'make_3d_page',
        'export_predictions',
    ):
        assert of(printed, tool), tool


def test_the_data_set_is_what_was_recorded(outputs):
    """Of the 16 moments, cam1 shows all and the others the last 12."""
    root, _ = outputs
    rig = json.loads((root / 'data/my_rig/rig.json').read_text())
    assert {image['camera'] for image in rig['images']} == {'cam0', 'cam1', 'cam2'}
    assert len(rig['annotations']) == len(rig['images']) == 3 * 12
    labels = {a['image_id']: a for a in rig['annotations']}
    for image in rig['images'][:3]:
        picture = cv2.imread(str(root / 'data/my_rig' / image['file_name']))
        assert picture.shape[:2] == (image['height'], image['width'])
        joints = np.array(labels[image['id']]['keypoints']).reshape(21, 3)
        assert (joints[:, :2] > 0).all() and (joints[:, :2] < 256).all()


def test_the_check_names_the_mistake_and_is_content_with_its_remedy(outputs):
    root, printed = outputs
    wrong, right = of(printed, 'check_rig')
    assert 'cam1 is 4 frames late' in wrong
    assert '--offset cam1=4' in wrong
    assert 'OK: cameras and labels fit each other' in right
    report = json.loads((root / 'work_dirs/my_rig/check.json').read_text())
    report = report['0000']
    assert report['ok'] and 0.1 < report['hand_size'] < 0.25
    # labels are exact but for their digits
    assert report['overall']['mean_px'] < 0.1


def test_the_page_shows_what_the_check_prints(outputs, repository):
    page = (repository / 'docs/your_own_rig.md').read_text()
    shown = re.search(r'NOT OK:.*?(?=```)', page, re.DOTALL)[0].strip()
    wrong = of(outputs[1], 'check_rig')[0]
    assert shown in wrong


def test_statistics(outputs):
    root, _ = outputs
    numbers = json.loads((root / 'work_dirs/my_rig/statistics.json').read_text())
    counts = numbers['counts']
    assert counts['cameras'] == 3 and counts['sequences'] == 1
    assert counts['images'] == counts['labelled'] == counts['calibrated']
    assert numbers['reprojection']['cam1']['median_px'] < 0.1


def test_pictures(outputs):
    root, _ = outputs
    for folder, least in (('original', 10), ('crops', 4)):
        files = sorted((root / 'work_dirs/my_rig' / folder).glob('*.jpg'))
        assert len(files) >= least
        picture = cv2.imread(str(files[0]))
        assert picture.std() > 10 and min(picture.shape[:2]) > 300
    assert (root / 'work_dirs/my_rig/views.png').is_file()


def test_training_and_prediction(outputs):
    root, printed = outputs
    metrics = json.loads((root / 'work_dirs/my_rig/metrics.json').read_text())
    for kind in ('single', 'interact', 'fusion'):
        assert 0 < metrics[f'{kind}/reprojection_px'] < 100
    # the package's weights have seen generated hands before
    assert metrics['single/reprojection_px'] < 25
    assert 'Epoch(val)' in of(printed, 'train.py')[0]
    assert (root / 'work_dirs/my_rig_uncalibrated/epoch_1.pth').is_file()


def test_results_of_a_new_recording(outputs):
    """Tables with a row a frame and camera, and a row a frame; a page; a GLB."""
    root, _ = outputs
    new = root / 'work_dirs/my_rig/new'
    with open(new / 'predictions/hands.csv', newline='') as file:
        rows = list(csv.DictReader(file))
    assert {row['camera'] for row in rows} == {'cam0', 'cam1', 'cam2'}
    assert len(rows) == 3 * 8
    with open(new / 'files/hands.csv', newline='') as file:
        placed = list(csv.DictReader(file))
    assert len(placed) == 8
    assert all(np.isfinite(float(row['wrist_world_z_m'])) for row in placed)
    assert all(0 <= float(row['world_fit_error_m']) < 0.02 for row in placed)
    assert (new / 'page.html').read_text().count('data:image/jpeg') == len(rows)
    assert [path.read_bytes()[:4] for path in (new / 'files').glob('*.glb')] == [
        b'glTF'
    ]


def write_landmarks(root, images, landmarks):
    """What mediapipe_landmarks.py writes, from exact labels of the recording."""
    for image in (root / images).glob('*/*/*.jpg'):
        name = f'{image.parent.name}/{int(image.stem):06d}.json'
        label = root / 'data/kitchen_videos/labels' / name
        points = np.array(json.loads(label.read_text())['keypoints'])[:, :2] / 256
        content = dict(
            hand_landmarks=[[dict(x=x, y=y, z=0.0) for x, y in points.tolist()]],
            # as from a selfie camera: a right hand is called left
            handedness=[[dict(category_name='Left', score=0.9)]],
        )
        file = root / landmarks / image.relative_to(root / images).with_suffix('.json')
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(content))


def test_from_videos_alone(repository, tmp_path):
    """All commands of that block; MediaPipe, which has an environment of its own, is
    stood in for, and the training is cut to one epoch."""
    run = prepare(tmp_path, repository)
    generate = 'python tools/misc/generate_rig_videos.py --cameras 3 --exact-labels'
    run(f'{generate} --frames 8 data/kitchen_videos')
    run(f'{generate} --frames 4 data/kitchen_new')
    printed = []
    for command, _ in commands_of(repository / 'docs/your_own_rig.md', 'console'):
        if 'mediapipe_landmarks.py' in command:
            write_landmarks(tmp_path, *command.split()[-2:])
        elif 'venv' not in command:
            command = command.replace('epoch_10', 'epoch_1').replace(
                '--cfg-options', '--cfg-options train_cfg.max_epochs=1'
            )
            printed.append((command, run(command)))
    assert 'OK: cameras and labels fit each other' in of(printed, 'check_rig')[0]
    rows = list(
        csv.DictReader((tmp_path / 'work_dirs/kitchen/new/files/hands.csv').open())
    )
    assert len(rows) == 4
    assert list((tmp_path / 'work_dirs/kitchen/new/files').glob('*.glb'))
    assert (tmp_path / 'work_dirs/kitchen/new/page.html').is_file()
