"""A file of a published data set that is not as its layout says is named."""

import json
import pickle

import numpy as np
import pytest
from mmpose.registry import DATASETS
from published_layouts import (
    write_dexycb,
    write_freihand,
    write_h2o,
    write_ho3d,
)
from scipy.stats import ortho_group


def build(type, root, **kwargs):
    return DATASETS.build(dict(type=type, data_root=str(root), **kwargs))


def one_less(path):
    path.write_text(json.dumps(json.loads(path.read_text())[:-1]))


def test_freihand_with_fewer_labels_than_cameras(tmp_path):
    write_freihand(tmp_path)
    path = tmp_path / 'training_xyz.json'
    one_less(path)
    with pytest.raises(ValueError, match=r'training_xyz.json has 2 entries.*has 3'):
        build('FreiHAND3DDataset', tmp_path)


@pytest.mark.parametrize(
    'text, words',
    [('a: [', 'not readable as YAML'), ('b: 1', "has no key 'color'")],
)
def test_dexycb_intrinsics(tmp_path, text, words):
    write_dexycb(tmp_path, ortho_group.rvs(45, random_state=0))
    for path in (tmp_path / 'calibration/intrinsics').iterdir():
        path.write_text(text)
    with pytest.raises(ValueError, match=words) as error:
        build('DexYCBDataset', tmp_path)
    assert '_640x480.yml' in str(error.value)


def test_dexycb_labels_of_another_shape(tmp_path):
    write_dexycb(tmp_path, ortho_group.rvs(45, random_state=0))
    dataset = build('DexYCBDataset', tmp_path, strict=True)
    for path in tmp_path.rglob('labels_*.npz'):
        content = dict(np.load(path))
        np.savez(path, **dict(content, pose_m=np.zeros((1, 48))))
    with pytest.raises(ValueError, match=r'labels_\d+.npz.*pose_m of shape \(1, 51\)'):
        list(dataset)


def test_archives_that_were_not_unpacked(tmp_path, logged):
    """Each person's recordings are one: a test of some is not that of the split."""
    write_dexycb(tmp_path / 'dexycb', ortho_group.rvs(45, random_state=0))
    build('DexYCBDataset', tmp_path / 'dexycb', setup='s1')
    write_h2o(tmp_path / 'h2o', sequence='subject3/o2')
    build('H2ODataset', tmp_path / 'h2o', split='val')
    assert [
        line.split('published one: ')[1] for line in logged if 'folders' in line
    ] == [
        '6 of its 7 folders are not there (20200813-ceppner, 20200820-amousavian, '
        '20200903-ynarang, 20200908-yux, 20200918-ftozetoramos, ...)',
        '2 of its 3 folders are not there (subject3/k2, subject3/o1)',
    ]


def test_no_archive_is_missing(tmp_path, logged):
    write_h2o(tmp_path, sequence='subject3/o2')
    for name in ('k2', 'o1'):
        (tmp_path / 'subject3' / name).mkdir()
    build('H2ODataset', tmp_path, split='val')
    assert not any('folders' in line for line in logged)


def test_h2o_list_of_other_lines(tmp_path):
    write_h2o(tmp_path)
    (tmp_path / 'pose_train.txt').write_text('subject1/h1/cam4/000001.png\n')
    with pytest.raises(ValueError, match=r'pose_train.txt.*cam4/000001.png'):
        build('H2ODataset', tmp_path, list_file='pose_train.txt')


def test_h2o_poses_that_are_no_numbers(tmp_path):
    write_h2o(tmp_path)
    path = tmp_path / 'subject1/h1/0/cam1/hand_pose/000001.txt'
    path.write_text('one two')
    with pytest.raises(ValueError, match='000001.txt.*other than numbers'):
        build('H2ODataset', tmp_path, strict=True)


def test_ho3d_list_of_other_lines(tmp_path):
    write_ho3d(tmp_path)
    path = tmp_path / 'evaluation.txt'
    path.write_text(path.read_text().replace('/', '-'))
    with pytest.raises(ValueError, match="evaluation.txt.*'<sequence>/<frame>'"):
        build('HO3DDataset', tmp_path)


def test_ho3d_with_fewer_labels_than_images(tmp_path):
    write_ho3d(tmp_path)
    one_less(tmp_path / 'evaluation_xyz.json')
    with pytest.raises(ValueError, match='evaluation_xyz.json has 1 entries'):
        build('HO3DDataset', tmp_path)


@pytest.mark.parametrize('prefix', ['', 'right'])
def test_ho3d_training_images_without_joints(tmp_path, prefix):
    """Those without an annotation, and those of H2O-3D: nothing would be learned."""
    write_ho3d(tmp_path, 'train')
    path = tmp_path / 'train/SM1/meta/0000.pkl'
    meta = pickle.loads(path.read_bytes())
    hand = {key: meta.pop(key) for key in list(meta) if key.startswith('hand')}
    if prefix:
        meta.update({f'right{key[0].upper()}{key[1:]}': hand[key] for key in hand})
    else:
        meta.update(dict.fromkeys(hand))
    path.write_bytes(pickle.dumps(meta, protocol=2))
    dataset = build('HO3DDataset', tmp_path, split='train')
    assert dataset.prepare_data(0) is None
    assert dataset.prepare_data(1) is not None
    with pytest.raises(ValueError, match='0000.pkl: has no handJoints3D .*H2O-3D'):
        build('HO3DDataset', tmp_path, split='train', strict=True)[0]


def test_ho3d_training_images_without_a_whole_fit(tmp_path):
    write_ho3d(tmp_path, 'train')
    path = tmp_path / 'train/SM1/meta/0000.pkl'
    meta = dict(pickle.loads(path.read_bytes()), handBeta=None)
    path.write_bytes(pickle.dumps(meta, protocol=2))
    dataset = build('HO3DDataset', tmp_path, split='train', hand_model=dict())
    assert 'vertices' not in dataset[0] and 'vertices' in dataset[1]


def test_ho3d_meta_files_without_a_camera(tmp_path):
    write_ho3d(tmp_path)
    for path in tmp_path.rglob('meta/*.pkl'):
        content = pickle.loads(path.read_bytes())
        del content['camMat']
        path.write_bytes(pickle.dumps(content))
    with pytest.raises(ValueError, match=r'\.pkl.*lacks camMat of shape \(3, 3\)'):
        list(build('HO3DDataset', tmp_path, strict=True))
