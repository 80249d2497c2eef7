"""Entries and files of a rig that cannot be right leave out what they concern."""

import json
import re

import numpy as np
import pytest
from rig_tree import RigTree

from hamuco_mm.datasets import RigHandDataset
from hamuco_mm.datasets.rig import scan_folder, write_annotations


@pytest.fixture
def tree(tmp_path):
    return RigTree(tmp_path / 'rig')


def far_label(rig):
    rig['annotations'][0]['keypoints'][3] = 1e6


def far_box(rig):
    rig['annotations'][0]['bbox'] = [1e6, 2, 30, 40]


def truth_in_millimetres(rig):
    joints = np.array(rig['annotations'][0]['keypoints_world'])
    rig['annotations'][0]['keypoints_world'] = (1000 * joints).tolist()


def truth_beyond_float32(rig):
    rig['annotations'][0]['keypoints_world'][4] = [0, 0, 1e30]


def far_camera(rig):
    rig['cameras']['cam1']['t'] = [0, 0, 1e30]


@pytest.mark.parametrize(
    'spoil, views, said',
    [
        (far_label, 9, 'far from their image: these weigh 0'),
        (far_box, 9, 'boxes left out'),
        (truth_in_millimetres, 9, 'without true joints'),
        (truth_beyond_float32, 9, 'without true joints'),
        (far_camera, 6, 'no camera has such numbers'),
    ],
)
def test_impossible_numbers_in_the_file(tree, logged, spoil, views, said):
    content = scan_folder(tree.root)
    spoil(content)
    write_annotations(tree.root / 'rig.json', content)
    where = dict(data_root=str(tree.root), ann_file='rig.json')
    dataset = RigHandDataset(**where)
    assert len(dataset) == views
    assert any(said in line for line in logged)
    assert all('rig.json' in place and said in why for place, why in dataset.left_out())
    first, other = dataset.get_data_info(0), dataset.get_data_info(views - 1)
    assert first['keypoints'].max() < 1e4 and first['bbox'].max() < 1e4
    assert ('keypoints_cam' in first) == (not said.startswith('without'))
    assert first['keypoints_visible'][0, 1] == 0 or spoil is not far_label
    assert 'keypoints_cam' in other and other['keypoints_visible'].all()
    with pytest.raises(ValueError, match=f'strict=True.*{said}'):
        RigHandDataset(strict=True, **where)


@pytest.mark.filterwarnings('ignore:.*is left out')
@pytest.mark.parametrize(
    'kind, content, labelled, truth',
    [
        ('labels', b'{', 8, 9),
        ('labels', json.dumps(dict(keypoints=[[int('9' * 400)] * 3] * 21)), 8, 9),
        ('labels', json.dumps(dict(keypoints=[[1, 2, 3]])), 8, 9),
        ('labels', b'\xff\xfe\0', 8, 9),
        ('xyz', b'[' * 2000, 9, 6),
        ('xyz', json.dumps([[float('nan')] * 3] * 21), 9, 6),
        ('images', b'no image', 8, 8),
    ],
)
def test_files_of_the_folder_layout(tree, kind, content, labelled, truth):
    path = {
        'labels': tree.path('labels', 'cam0', 0),
        'images': tree.path('images', 'cam0', 0, '.jpg'),
        'xyz': tree.root / 'xyz/take1/00000000.json',
    }[kind]
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    dataset = RigHandDataset(str(tree.root), keep_unlabelled=True)
    infos = [dataset.get_data_info(i) for i in range(len(dataset))]
    assert sum(info['keypoints_visible'].any() for info in infos) == labelled
    assert sum('keypoints_cam' in info for info in infos) == truth
    ((place, _),) = dataset.left_out()
    assert str(path) in place
    with pytest.raises(ValueError, match='strict=True'):
        RigHandDataset(str(tree.root), strict=True)


@pytest.mark.filterwarnings('ignore:.*is left out')
def test_an_image_that_is_cut_short_stops_a_strict_reading(tree):
    """Its header is read at the start, the rest with the item."""
    path = tree.path('images', 'cam0', 0, '.jpg')
    pipeline = [dict(type='LoadImage')]
    strict = RigHandDataset(str(tree.root), pipeline=pipeline, strict=True)
    (index,) = (
        i
        for i in range(len(strict))
        if strict.get_data_info(i)['img_path'] == str(path)
    )
    assert strict.prepare_data(index) is not None
    path.write_bytes(path.read_bytes()[:-200])
    assert RigHandDataset(str(tree.root), pipeline=pipeline).prepare_data(index) is None
    with pytest.raises(OSError, match=re.escape(str(path))):
        strict.prepare_data(index)
