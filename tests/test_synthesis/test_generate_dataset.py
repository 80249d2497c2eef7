import dataclasses
import json
import os
import os.path as osp

import cv2
import numpy as np
import pytest
import torch

from hamuco_mm.datasets import HanCoDataset
from hamuco_mm.geometry import axis_angle_to_matrix
from hamuco_mm.hand_model import MANOLayer
from hamuco_mm.synthesis import (
    DatasetConfig,
    SceneConfig,
    SettingsConflict,
    generate_dataset,
    hanco_files,
)


def read(root, *parts):
    with open(osp.join(root, *parts)) as file:
        return json.load(file)


def files(root):
    """Content of every file below a folder."""
    found = {}
    for folder, _, names in os.walk(root):
        for name in names:
            path = osp.join(folder, name)
            with open(path, 'rb') as file:
                found[osp.relpath(path, root)] = file.read()
    return found


@pytest.fixture(scope='module')
def root(small_config, tmp_path_factory):
    folder = str(tmp_path_factory.mktemp('generated') / 'data')
    generate_dataset(small_config, folder)
    return folder


def test_layout_is_hancos(root):
    for sequence in ('0000', '0001', '1200'):
        for frame in range(3):
            name = f'{frame:08d}.json'
            calib = read(root, 'calib', sequence, name)
            assert np.shape(calib['K']) == (3, 3, 3)
            assert np.shape(calib['M']) == (3, 4, 4)
            assert np.shape(read(root, 'xyz', sequence, name)) == (21, 3)
            shape = read(root, 'shape', sequence, name)
            assert np.shape(shape['poses']) == (1, 48)
            assert np.shape(shape['shapes']) == (1, 10)
            assert np.shape(shape['global_t']) == (1, 1, 3)
            for view in range(3):
                xy, score = read(root, 'rgb_2D_keypoints', sequence, f'cam{view}', name)
                assert np.shape(xy) == (21, 2) and np.shape(score) == (21,)
                image = cv2.imread(
                    osp.join(root, 'rgb', sequence, f'cam{view}', f'{frame:08d}.jpg')
                )
                assert image.shape == (48, 48, 3)
    assert not osp.exists(osp.join(root, 'rgb', '0000', 'cam3'))
    assert not osp.exists(osp.join(root, 'rgb', '0002'))


def test_meta_is_indexed_by_sequence_and_frame(root):
    meta = read(root, 'meta.json')
    assert set(meta) == {'is_train', 'subject_id', 'is_valid', 'object_id', 'has_fit'}
    for table in meta.values():
        assert len(table) == 1201
        assert [len(table[i]) for i in (0, 1, 2, 1199, 1200)] == [3, 3, 0, 0, 3]
    assert meta['is_train'][0] == [True] * 3
    assert meta['is_train'][1200] == [False] * 3
    subjects = [meta['subject_id'][i][0] for i in (0, 1, 1200)]
    assert len(set(subjects)) == 3


def test_exact_labels_are_the_projected_joints(small_config, tmp_path):
    config = dataclasses.replace(
        small_config,
        num_train_sequences=1,
        num_test_sequences=0,
        scene=dataclasses.replace(small_config.scene, labels=None),
    )
    root = str(tmp_path / 'exact')
    record = generate_dataset(config, root)
    assert record['statistics']['train']['error_px256_mean'] < 0.02
    calib = read(root, 'calib', '0000', '00000001.json')
    joints = np.array(read(root, 'xyz', '0000', '00000001.json'))
    for view in range(3):
        K, M = np.array(calib['K'][view]), np.array(calib['M'][view])
        rotation, _ = cv2.Rodrigues(M[:3, :3])
        expected, _ = cv2.projectPoints(joints, rotation, M[:3, 3], K, None)
        found, score = read(
            root, 'rgb_2D_keypoints', '0000', f'cam{view}', '00000001.json'
        )
        np.testing.assert_allclose(found, expected[:, 0], atol=2e-3)
        assert score == [1] * 21
    # no NaN, which is not JSON: constant confidences have no correlation
    with open(osp.join(root, 'demo.json')) as file:
        record = json.load(file, parse_constant=pytest.fail)
    assert 'confidence_rank_correlation' not in record['statistics']['train']


def test_shape_files_reproduce_the_joints(root):
    layer = MANOLayer().double()
    for sequence in ('0000', '1200'):
        fit = read(root, 'shape', sequence, '00000002.json')
        pose = torch.tensor(fit['poses'], dtype=torch.float64)
        pose = pose.reshape(16, 3)
        pose[1:] += layer.mean_pose
        mesh = layer(
            axis_angle_to_matrix(pose),
            torch.tensor(fit['shapes'][0], dtype=torch.float64),
        )
        joints = mesh.joints + torch.tensor(fit['global_t'][0], dtype=torch.float64)
        expected = read(root, 'xyz', sequence, '00000002.json')
        np.testing.assert_allclose(joints, expected, atol=1e-6)


@pytest.mark.slow  # the workers import the package anew
def test_workers_change_nothing(small_config, root, tmp_path):
    other = str(tmp_path / 'parallel')
    calls = []
    generate_dataset(
        small_config,
        other,
        workers=2,
        progress=lambda done, total: calls.append((done, total)),
    )
    assert files(other) == files(root)
    assert calls[0] == (0, 3) and calls[-1] == (3, 3)


def test_interrupted_run_is_resumed(small_config, root, tmp_path, monkeypatch):
    other = str(tmp_path / 'interrupted')
    write = hanco_files.write_images

    def fail_in_the_second_sequence(generator, scene, folder):
        if scene.index == 1:
            os.makedirs(osp.join(folder, 'cam0'))
            raise KeyboardInterrupt
        write(generator, scene, folder)

    monkeypatch.setattr(hanco_files, 'write_images', fail_in_the_second_sequence)
    with pytest.raises(KeyboardInterrupt):
        generate_dataset(small_config, other)
    assert not osp.exists(osp.join(other, 'demo.json'))
    assert not osp.exists(osp.join(other, 'rgb', '0001'))
    finished = osp.join(other, 'rgb', '0000', 'cam0', '00000000.jpg')
    before = os.stat(finished).st_mtime_ns

    monkeypatch.setattr(hanco_files, 'write_images', write)
    generate_dataset(small_config, other)
    assert os.stat(finished).st_mtime_ns == before
    assert files(other) == files(root)


def test_complete_data_set_is_left_alone_and_can_grow(small_config, tmp_path):
    root = str(tmp_path / 'growing')
    config = dataclasses.replace(small_config, num_train_sequences=1)
    record = generate_dataset(config, root)
    times = {name: os.stat(osp.join(root, name)).st_mtime_ns for name in files(root)}
    assert generate_dataset(config, root) == record
    for name, time in times.items():
        assert os.stat(osp.join(root, name)).st_mtime_ns == time
    generate_dataset(small_config, root)
    assert osp.exists(osp.join(root, 'rgb', '0001'))
    image = osp.join('rgb', '0000', 'cam0', '00000000.jpg')
    assert os.stat(osp.join(root, image)).st_mtime_ns == times[image]


def test_other_settings_are_refused_or_replaced(small_config, tmp_path):
    root = str(tmp_path / 'settings')
    config = dataclasses.replace(
        small_config, num_train_sequences=1, num_test_sequences=0, frames=1
    )
    generate_dataset(config, root)
    other = dataclasses.replace(config, seed=1)
    with pytest.raises(SettingsConflict, match='--overwrite'):
        generate_dataset(other, root)
    before = files(root)['xyz/0000/00000000.json']
    generate_dataset(other, root, overwrite=True)
    assert files(root)['xyz/0000/00000000.json'] != before
    assert read(root, 'demo.json')['settings']['seed'] == 1


def test_foreign_data_are_never_touched(small_config, tmp_path):
    image = tmp_path / 'rgb' / '0000' / 'cam0' / '00000000.jpg'
    image.parent.mkdir(parents=True)
    image.write_bytes(b'precious')
    with pytest.raises(SettingsConflict, match='another folder'):
        generate_dataset(small_config, str(tmp_path), overwrite=True)
    assert image.read_bytes() == b'precious'


def test_subjects_are_shared_between_sequences(small_config, tmp_path):
    root = str(tmp_path / 'subjects')
    generate_dataset(
        dataclasses.replace(small_config, train_subjects=1, test_subjects=1, frames=1),
        root,
    )
    betas = [
        read(root, 'shape', sequence, '00000000.json')['shapes']
        for sequence in ('0000', '0001', '1200')
    ]
    assert betas[0] == betas[1] != betas[2]


@pytest.mark.parametrize(
    'settings, message',
    [
        (dict(num_train_sequences=0, num_test_sequences=0), 'sequence'),
        (dict(num_train_sequences=1201), '1200'),
        (dict(frames=0), 'frames'),
    ],
)
def test_bad_settings_are_named(settings, message):
    with pytest.raises(ValueError, match=message):
        DatasetConfig(**settings)
    with pytest.raises(ValueError, match='image_size'):
        SceneConfig(image_size=4)


def test_record_tells_how_the_data_were_made(small_config, root):
    record = read(root, 'demo.json')
    assert record['settings']['seed'] == small_config.seed
    assert 'hamuco_mm' in record['generator']
    assert record['statistics']['test']['frames'] == 3
    assert record['statistics']['train']['ransac_PA-MPJPE'] > 1


def test_hanco_dataset_reads_it(small_config, root):
    train = HanCoDataset(data_root=root, split='train', hand_model=dict(), pipeline=[])
    test = HanCoDataset(data_root=root, split='test', hand_model=dict(), pipeline=[])
    assert (len(train), len(test)) == (2 * 3 * 3, 1 * 3 * 3)
    item = test[0]
    scene = small_config.generator('test').scene(0, 3)
    frame, view = int(item['frame_id'].split('/')[1]), item['camera_id']
    local = scene.rig.to_cameras(scene.motion.vertices[frame])[view]
    np.testing.assert_allclose(item['vertices'][0], local, atol=1e-5)
    labels = small_config.generator('test').labels(scene)
    np.testing.assert_allclose(
        item['keypoints_visible'][0], labels.confidences[frame, view], atol=1e-4
    )
    np.testing.assert_allclose(
        item['keypoints'][0], labels.keypoints[frame, view], atol=1e-3
    )


def test_validation_sequences_are_a_split_of_their_own(small_config, tmp_path):
    """Other people than in training and test, listed in splits.json; they can be
    added to a data set that has none."""
    root = str(tmp_path / 'data')
    generate_dataset(small_config, root)
    assert not (tmp_path / 'data/splits.json').exists()
    before = (tmp_path / 'data/rgb/0001/cam0/00000000.jpg').stat().st_mtime_ns
    config = dataclasses.replace(small_config, num_val_sequences=2)
    record = generate_dataset(config, root)
    assert list(record['statistics']) == ['train', 'val', 'test']
    after = (tmp_path / 'data/rgb/0001/cam0/00000000.jpg').stat().st_mtime_ns
    assert after == before
    frames = {
        split: {
            dataset.get_data_info(i)['sequence']
            for dataset in [HanCoDataset(data_root=root, split=split)]
            for i in range(len(dataset))
        }
        for split in ('train', 'val', 'test')
    }
    assert frames == dict(train={'0000', '0001'}, val={'1100', '1101'}, test={'1200'})
    meta = json.loads((tmp_path / 'data/meta.json').read_text())
    people = [meta['subject_id'][n][0] for n in (0, 1, 1100, 1101, 1200)]
    assert len(set(people)) == 5
    assert [meta['is_train'][n][0] for n in (1, 1100, 1200)] == [True, False, False]


def test_validation_needs_its_numbers():
    with pytest.raises(ValueError, match='at most 1100 training sequences'):
        DatasetConfig(num_train_sequences=1101, num_val_sequences=1)
