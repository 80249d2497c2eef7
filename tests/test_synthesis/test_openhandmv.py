"""OpenHandMV: three splits, the same bytes, checksums of every file."""

import dataclasses
import json
import os
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

from hamuco_mm.datasets import HanCoDataset
from hamuco_mm.datasets.storage import LmdbImages
from hamuco_mm.datasets.storage.lmdb_images import forget_images
from hamuco_mm.synthesis import SettingsConflict, hanco_files
from hamuco_mm.synthesis.openhandmv import (
    PRESETS,
    Preset,
    generate_openhandmv,
    verify_openhandmv,
)

VERY_SMALL = Preset(train=2, val=1, test=1, frames=2, views=2, image_size=32)
KINDS = ('rgb', 'rgb_2D_keypoints', 'calib', 'xyz', 'shape')


def files(root: Path) -> dict:
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in root.rglob('*')
        if path.is_file()
    }


@pytest.fixture(scope='module')
def root(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp('made') / 'openhandmv'
    generate_openhandmv(str(folder), VERY_SMALL)
    return folder


@pytest.fixture
def copy(root, tmp_path) -> Path:
    return Path(shutil.copytree(root, tmp_path / 'copy'))


@pytest.mark.slow  # the workers import the package anew
def test_workers_change_nothing(root, tmp_path):
    generate_openhandmv(str(tmp_path), VERY_SMALL, workers=2)
    assert files(tmp_path) == files(root)


@pytest.mark.parametrize('packed', [False, True])
def test_interrupted_run_is_resumed(root, tmp_path, monkeypatch, packed):
    if packed:
        pytest.importorskip('lmdb')
    preset = dataclasses.replace(VERY_SMALL, packed=packed)
    write = hanco_files.write_images

    def fail_in_the_second_sequence(generator, scene, folder):
        if scene.index == 1:
            os.makedirs(f'{folder}/cam0')
            raise KeyboardInterrupt
        write(generator, scene, folder)

    monkeypatch.setattr(hanco_files, 'write_images', fail_in_the_second_sequence)
    with pytest.raises(KeyboardInterrupt):
        generate_openhandmv(str(tmp_path), preset)
    assert not (tmp_path / 'openhandmv.json').exists()
    monkeypatch.setattr(hanco_files, 'write_images', write)
    record = generate_openhandmv(str(tmp_path), preset)
    assert (
        record['digest'] == json.loads((root / 'openhandmv.json').read_text())['digest']
    )
    if not packed:
        assert files(tmp_path) == files(root)
        return
    forget_images()
    made = files(root)
    for kind in KINDS:
        database = LmdbImages(tmp_path / f'{kind}.lmdb')
        expected = {
            name.removeprefix(f'{kind}/'): content
            for name, content in made.items()
            if name.startswith(f'{kind}/')
        }
        assert len(database) == len(expected)
        assert {name: database.get(name) for name in expected} == expected
        database.close()
        assert not (tmp_path / kind).exists()
    found = verify_openhandmv(str(tmp_path))
    assert not found.problems and found.num_files == 4 * 14 + 6
    forget_images()


def test_splits_share_nobody_and_nothing(root):
    seen = {}
    for split in ('train', 'val', 'test'):
        dataset = HanCoDataset(str(root), split=split, pipeline=[])
        assert len(dataset) == (8 if split == 'train' else 4)
        items = [dataset[i] for i in range(len(dataset))]
        seen[split] = dict(
            subject={tuple(_shape(root, item)) for item in items},
            pose={tuple(np.ravel(item['keypoints_cam'])) for item in items},
            rig={tuple(np.ravel(item['camera_param']['R'])) for item in items},
            image={Path(item['img_path']).read_bytes() for item in items},
        )
    for kind, in_train in seen['train'].items():
        assert in_train.isdisjoint(seen['val'][kind])
        assert in_train.isdisjoint(seen['test'][kind])
        assert seen['val'][kind].isdisjoint(seen['test'][kind])


def _shape(root, item):
    path = root / 'shape' / f'{item["frame_id"]}.json'
    return json.loads(path.read_text())['shapes'][0]


def test_labels_are_wrong_and_the_truth_is_exact(root):
    dataset = HanCoDataset(str(root), split='test', hand_model=dict(), pipeline=[])
    errors = []
    for i in range(len(dataset)):
        item = dataset[i]
        camera = item['camera_param']
        exact, _ = cv2.projectPoints(
            item['keypoints_cam'][0].astype(float),
            np.zeros(3),
            np.zeros(3),
            camera['K'].astype(float),
            None,
        )
        errors.append(np.linalg.norm(exact[:, 0] - item['keypoints'][0], axis=-1))
        # the mesh of the fit has these joints
        distance = np.linalg.norm(
            item['vertices'][0][:, None] - item['keypoints_cam'][0], axis=-1
        )
        assert distance.min(0).max() < 0.02
    assert np.median(errors) > 0.5  # of 32 pixels


def test_every_file_is_looked_at(copy):
    found = verify_openhandmv(str(copy))
    # images, labels, and three of each time step; meta, splits, checksum files
    assert (found.num_files, found.problems) == (4 * 2 * (2 + 2 + 3) + 2 + 4, [])
    changed = copy / 'rgb/0001/cam1/00000000.jpg'
    changed.write_bytes(changed.read_bytes()[:-1] + b'x')
    (copy / 'xyz/0003/00000001.json').unlink()
    (copy / 'shape/0000/00000007.json').write_text('{}')
    (copy / 'calib/0009').mkdir()
    (copy / 'meta.json').write_text('{}')
    found = verify_openhandmv(str(copy))
    assert sorted(found.problems) == [
        'calib/0009 is not of the data set',
        'meta.json has another content',
        'rgb/0001/cam1/00000000.jpg has another content',
        'shape/0000/00000007.json is not of the data set',
        'xyz/0003/00000001.json is missing',
    ]
    assert found.num_files == 62 - 3


def test_unfinished_data_set_is_not_called_right(copy):
    (copy / 'openhandmv.json').unlink()
    with pytest.raises(FileNotFoundError, match='openhandmv.json is not there'):
        verify_openhandmv(str(copy))


def test_checksum_file_of_a_sequence_is_needed(copy):
    (copy / 'checksums/0002.sha256').write_text('nonsense\n')
    problems = verify_openhandmv(str(copy)).problems
    assert any('line 1 is no checksum' in problem for problem in problems)


def test_complete_data_set_is_left_alone_and_others_are_refused(copy):
    times = {name: os.stat(copy / name).st_mtime_ns for name in files(copy)}
    generate_openhandmv(str(copy), VERY_SMALL)
    assert times == {name: os.stat(copy / name).st_mtime_ns for name in files(copy)}
    larger = dataclasses.replace(VERY_SMALL, train=3)
    with pytest.raises(SettingsConflict, match='another preset'):
        generate_openhandmv(str(copy), larger)


def test_presets_hold_what_they_promise():
    steps = {
        name: preset.train * preset.frames * preset.views
        for name, preset in PRESETS.items()
    }
    assert steps == dict(tiny=8 * 1_000, small=8 * 10_000, full=8 * 100_000)
    for preset in PRESETS.values():
        numbers = [n for part in preset.splits.values() for n in part]
        assert numbers == list(range(len(numbers)))
        assert preset.place(preset.train) == ('val', 0)
    assert len({preset.fingerprint for preset in PRESETS.values()}) == len(PRESETS)


@pytest.mark.parametrize(
    'sequence, tip, label, color, quarters',
    [
        (
            '0001',
            (-0.014763, 0.064574, -0.067694),
            (21.674, 11.199),
            (191.0, 170.5),
            (212.9, 230.2, 148.8, 173.1),
        ),
        (
            '0002',
            (0.053264, -0.081891, -0.040148),
            (16.036, 18.861),
            (105.0, 111.5),
            (124.1, 88.7, 81.2, 124.7),
        ),
        (
            '0003',
            (-0.052742, -0.059142, -0.057576),
            (18.83, 26.596),
            (158.4, 184.0),
            (170.8, 139.0, 161.3, 164.2),
        ),
    ],
)
def test_this_version_is_what_it_was(root, sequence, tip, label, color, quarters):
    """Where this fails, VERSION of the presets is to be raised."""
    joints = json.loads((root / f'xyz/{sequence}/00000001.json').read_text())
    np.testing.assert_allclose(joints[8], tip, atol=2e-6)
    path = root / f'rgb_2D_keypoints/{sequence}/cam1/00000001.json'
    np.testing.assert_allclose(json.loads(path.read_text())[0][8], label, atol=0.002)
    image = cv2.imread(str(root / f'rgb/{sequence}/cam1/00000001.jpg'))
    np.testing.assert_allclose(image.mean((0, 1))[:2], color, atol=0.5)
    blue = image[..., 0].reshape(2, 16, 2, 16).mean((1, 3))
    np.testing.assert_allclose(blue.ravel(), quarters, atol=0.3)
