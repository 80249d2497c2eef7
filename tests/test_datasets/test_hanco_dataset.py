"""HanCoDataset on well-formed data."""

import json
import shutil

import cv2
import numpy as np
import pytest
import torch
from mmpose.registry import DATASETS
from mmpose.structures import PoseDataSample

from hamuco_mm.datasets import HanCoDataset
from hamuco_mm.hand_model import HAND_BONES, HAND_JOINT_NAMES, MANOLayer


def keys_of(dataset):
    infos = [dataset.get_data_info(i) for i in range(len(dataset))]
    return [(info['frame_id'], info['camera_id']) for info in infos]


def test_item_is_what_the_files_say(make_tree):
    tree = make_tree(sequences={0: 2, 3: 1})
    dataset = HanCoDataset(str(tree.root))
    assert keys_of(dataset) == [
        (f, c)
        for f in ('0000/00000000', '0000/00000001', '0003/00000000')
        for c in range(3)
    ]
    info = dataset.get_data_info(5)  # frame 1, camera 2
    key = (0, 1, 2)
    assert info['img_path'] == str(tree.image_path(*key))
    assert info['sequence'] == '0000'
    np.testing.assert_allclose(info['keypoints'][0], tree.uv[key], atol=1e-4)
    np.testing.assert_allclose(info['keypoints_visible'][0], tree.conf[key], atol=1e-6)
    camera = info['camera_param']
    np.testing.assert_allclose(camera['K'], tree.K[key], rtol=1e-6)
    np.testing.assert_allclose(camera['R'], tree.M[key][:3, :3], atol=1e-6)
    np.testing.assert_allclose(camera['t'], tree.M[key][:3, 3], atol=1e-6)
    assert info['keypoints'].shape == (1, 21, 2)
    assert info['keypoints_cam'].shape == (1, 21, 3)
    assert info['bbox'].shape == (1, 4) and info['bbox_score'].shape == (1,)
    ids = [dataset.get_data_info(i)['img_id'] for i in range(len(dataset))]
    assert len(set(ids)) == len(dataset)


def test_data_root_may_be_relative(make_tree, monkeypatch):
    """As in the configs, whose data lie at data/..."""
    tree = make_tree()
    monkeypatch.chdir(tree.root.parent)
    dataset = HanCoDataset(tree.root.name)
    monkeypatch.chdir(tree.root)
    assert dataset.get_data_info(0)['img_path'] == str(tree.image_path(0, 0, 0))


def test_camera_space_truth_projects_onto_the_labels(make_tree):
    dataset = HanCoDataset(str(make_tree().root))
    for i in range(len(dataset)):
        info = dataset.get_data_info(i)
        uv, _ = cv2.projectPoints(
            info['keypoints_cam'][0].astype(float),
            np.zeros(3),
            np.zeros(3),
            info['camera_param']['K'].astype(float),
            None,
        )
        np.testing.assert_allclose(uv[:, 0], info['keypoints'][0], atol=1e-2)


def test_items_do_not_share_memory_with_the_index(make_tree):
    dataset = HanCoDataset(str(make_tree().root))
    info = dataset.get_data_info(0)
    before = info['keypoints'].copy()
    info['keypoints'] += 5
    info['camera_param']['K'] *= 2
    again = dataset.get_data_info(0)
    np.testing.assert_array_equal(again['keypoints'], before)
    assert again['camera_param']['K'][2, 2] == 1


def test_pipeline_of_mmpose_packs_an_item(make_tree, pipeline):
    tree = make_tree()
    dataset = DATASETS.build(
        dict(type='HanCoDataset', data_root=str(tree.root), pipeline=pipeline)
    )
    item = dataset[1]
    assert item['inputs'].shape == (3, 64, 64)
    assert item['inputs'].dtype == torch.uint8
    sample = item['data_samples']
    assert isinstance(sample, PoseDataSample)
    assert sample.metainfo['camera_id'] == 1
    assert sample.metainfo['frame_id'] == '0000/00000000'
    assert set(sample.metainfo['camera_param']) == {'K', 'R', 't'}
    assert 'bbox_rotation' not in sample.metainfo  # no random transform
    assert sample.gt_instances.keypoints_cam.shape == (1, 21, 3)
    labels = sample.gt_instance_labels.keypoint_labels
    assert labels.shape == (1, 21, 2) and labels.abs().max() <= 1


@pytest.mark.parametrize(
    'split, expected',
    [
        ('train', ['0000', '1199']),
        ('test', ['1200', '1516']),
        ('all', ['0000', '1199', '1200', '1516']),
    ],
)
def test_split_at_sequence_1200(make_tree, split, expected):
    tree = make_tree(sequences={0: 1, 1199: 1, 1200: 1, 1516: 1}, num_cameras=1)
    dataset = HanCoDataset(str(tree.root), split=split)
    names = [dataset.get_data_info(i)['sequence'] for i in range(len(dataset))]
    assert names == expected


def test_split_sequence_can_be_set(make_tree):
    tree = make_tree(sequences={0: 1, 1: 1, 2: 1}, num_cameras=1)
    dataset = HanCoDataset(str(tree.root), split='test', split_sequence=2)
    assert keys_of(dataset) == [('0002/00000000', 0)]


def test_empty_split_says_which_sequences_there_are(make_tree):
    tree = make_tree(sequences={0: 1, 7: 1})
    with pytest.raises(ValueError, match='0000..0007.*split_sequence=1200'):
        HanCoDataset(str(tree.root), split='test')


@pytest.mark.parametrize('spelling', ['rgb_2d_keypoints', 'rgb_2D_keypoints'])
def test_both_spellings_of_the_label_directory(make_tree, spelling):
    tree = make_tree(keypoints=spelling)
    assert len(HanCoDataset(str(tree.root))) == 6


def test_rgb_merged_uses_its_images_and_the_same_labels(make_tree):
    tree = make_tree()
    shutil.copytree(tree.root / 'rgb', tree.root / 'rgb_merged')
    shutil.rmtree(tree.root / 'rgb_merged/0000/cam2')
    plain = HanCoDataset(str(tree.root))
    merged = HanCoDataset(str(tree.root), data_prefix=dict(img='rgb_merged'))
    assert len(plain) == 6 and len(merged) == 4
    assert '/rgb_merged/' in merged.get_data_info(0)['img_path']
    np.testing.assert_array_equal(
        merged.get_data_info(2)['keypoints'], plain.get_data_info(3)['keypoints']
    )
    # Each has an index of its own; the first is still good.
    assert len(HanCoDataset(str(tree.root))) == 6


def test_other_files_do_no_harm(make_tree, logged):
    tree = make_tree()
    for name in (
        'rgb/.DS_Store',
        'rgb/0000/notes.txt',
        'rgb/old/cam0/1.jpg',
        'rgb/0000/camera/1.jpg',
        'rgb/0000/cam0/00000000.png',
        'rgb/0000/cam0/00000000_2.jpg',
        'calib/readme.json',
    ):
        (tree.root / name).parent.mkdir(parents=True, exist_ok=True)
        (tree.root / name).write_text('x')
    assert len(HanCoDataset(str(tree.root))) == 6
    assert not any('left out' in line for line in logged)


def test_sample_interval_keeps_whole_time_steps(make_tree):
    tree = make_tree(sequences={0: 5}, num_cameras=2)
    dataset = HanCoDataset(str(tree.root), sample_interval=2)
    assert keys_of(dataset) == [
        (f'0000/0000000{f}', c) for f in (0, 2, 4) for c in range(2)
    ]


@pytest.mark.parametrize('sample_interval', [0, -2])
def test_a_sample_interval_that_keeps_nothing(make_tree, sample_interval):
    with pytest.raises(ValueError, match='HanCoDataset: sample_interval should be'):
        HanCoDataset(str(make_tree().root), sample_interval=sample_interval)


@pytest.mark.parametrize(
    'indices, rows', [(4, [0, 1, 2, 3]), (-2, [4, 5]), ([5, 0, 3], [5, 0, 3])]
)
def test_indices_and_subsets(make_tree, indices, rows):
    tree = make_tree()
    whole = HanCoDataset(str(tree.root))
    everything = keys_of(whole)
    expected = [everything[row] for row in rows]
    assert keys_of(HanCoDataset(str(tree.root), indices=indices)) == expected
    assert keys_of(whole.get_subset(indices)) == expected
    assert keys_of(whole) == everything
    whole.get_subset_(indices)
    assert keys_of(whole) == expected


def test_lazy_init_reads_nothing_until_asked(make_tree):
    tree = make_tree()
    dataset = HanCoDataset(str(tree.root), lazy_init=True)
    assert not (tree.root / '.hamuco_index').exists()
    assert dataset.metainfo['num_keypoints'] == 21
    assert len(dataset) == 6


def test_without_3d_ground_truth(make_tree, pipeline):
    tree = make_tree()
    tree.remove('xyz')
    dataset = HanCoDataset(str(tree.root), pipeline=pipeline)
    info = dataset.get_data_info(0)
    assert 'keypoints_cam' not in info and 'vertices' not in info
    assert 'camera_param' in info
    sample = dataset[0]['data_samples']
    assert 'keypoints_cam_labels' not in sample.gt_instance_labels
    assert 'keypoint_labels' in sample.gt_instance_labels


def test_without_calibration(make_tree, logged):
    tree = make_tree()
    tree.remove('calib')
    dataset = HanCoDataset(str(tree.root))
    assert len(dataset) == 6
    info = dataset.get_data_info(0)
    assert 'camera_param' not in info and 'keypoints_cam' not in info
    assert sum('without cameras' in line for line in logged) == 1


def test_with_calib_false_hides_cameras_but_not_the_truth(make_tree):
    tree = make_tree()
    shutil.rmtree(tree.root / 'calib/0000')
    tree.write_frame(0, 0)  # calibrates frame 0 again, not frame 1
    assert len(HanCoDataset(str(tree.root))) == 3
    dataset = HanCoDataset(str(tree.root), with_calib=False)
    assert len(dataset) == 6
    assert 'camera_param' not in dataset.get_data_info(0)
    assert 'keypoints_cam' in dataset.get_data_info(0)
    assert 'keypoints_cam' not in dataset.get_data_info(5)


def test_vertices_from_fits(make_tree):
    tree = make_tree()
    tree.write_fits()
    assert 'vertices' not in HanCoDataset(str(tree.root)).get_data_info(0)
    dataset = HanCoDataset(str(tree.root), hand_model=dict(path=None))
    info = dataset.get_data_info(4)  # frame 1, camera 1
    # Zero coefficients mean the model's mean pose.
    layer = MANOLayer()
    rotations = np.stack(
        [np.eye(3)]
        + [cv2.Rodrigues(v.numpy().astype(float))[0] for v in layer.mean_pose]
    )
    mesh = layer(torch.tensor(rotations, dtype=torch.float32), torch.zeros(10))
    M = tree.M[(0, 1, 1)]
    world = mesh.vertices.numpy() + tree.xyz[(0, 1)][0]
    np.testing.assert_allclose(
        info['vertices'][0], world @ M[:3, :3].T + M[:3, 3], atol=1e-5
    )


def write_meta(tree, **facts):
    meta = {
        key: [[value] * 2]
        for key, value in dict(
            is_train=True, subject_id=4, is_valid=True, object_id=None, has_fit=True
        ).items()
    }
    for key, values in facts.items():
        meta[key] = [values]
    (tree.root / 'meta.json').write_text(json.dumps(meta))


def test_meta_json_decides_which_fits_count(make_tree):
    tree = make_tree()
    tree.write_fits()
    write_meta(tree, has_fit=[False, True])
    dataset = HanCoDataset(str(tree.root), hand_model=dict(path=None))
    assert 'vertices' not in dataset.get_data_info(0)
    assert 'vertices' in dataset.get_data_info(3)


@pytest.mark.parametrize(
    'filter_cfg, frames',
    [
        (dict(is_valid=True), [1]),
        (dict(subject_id=[4, 9]), [0, 1]),
        (dict(subject_id=9), [1]),
    ],
)
def test_filter_by_meta_json(make_tree, filter_cfg, frames):
    tree = make_tree()
    write_meta(tree, is_valid=[False, True], subject_id=[4, 9])
    dataset = HanCoDataset(str(tree.root), filter_cfg=filter_cfg)
    assert keys_of(dataset) == [
        (f'0000/0000000{f}', c) for f in frames for c in range(3)
    ]


def test_filter_without_meta_json_is_an_error(make_tree):
    with pytest.raises(ValueError, match='meta.json'):
        HanCoDataset(str(make_tree().root), filter_cfg=dict(is_valid=True))


def test_fixed_box(make_tree):
    tree = make_tree()
    dataset = HanCoDataset(str(tree.root), bbox_mode='fixed')
    for i in range(len(dataset)):
        np.testing.assert_array_equal(
            dataset.get_data_info(i)['bbox'], [[47, 47, 177, 177]]
        )
    dataset = HanCoDataset(str(tree.root), bbox_mode='fixed', fixed_bbox=(1, 2, 3, 4))
    np.testing.assert_array_equal(dataset.get_data_info(0)['bbox'], [[1, 2, 3, 4]])


def test_metainfo_is_that_of_a_hand():
    meta = HanCoDataset('nowhere', lazy_init=True).metainfo
    assert meta['keypoint_id2name'] == dict(enumerate(HAND_JOINT_NAMES))
    assert tuple(meta['skeleton_links']) == HAND_BONES
    assert meta['flip_indices'] == list(range(21))
    assert meta['dataset_name'] == 'hanco'


@pytest.mark.parametrize(
    'kwargs, word',
    [
        (dict(split='val'), 'split'),
        (dict(bbox_mode='tight'), 'bbox_mode'),
        (dict(data_prefix=dict(image='rgb')), 'data_prefix'),
        (dict(filter_cfg=dict(valid=True)), 'filter_cfg'),
        (dict(data_mode='bottomup'), 'data_mode'),
        (dict(bbox_file='boxes.json', test_mode=True), 'bbox_file'),
    ],
)
def test_wrong_arguments(make_tree, kwargs, word):
    with pytest.raises(ValueError, match=word):
        HanCoDataset(str(make_tree().root), **kwargs)


def test_items_read_together_are_those_read_one_by_one(make_tree):
    dataset = HanCoDataset(str(make_tree(sequences={0: 2, 3: 1}).root))
    rows = [4, 0, 7, 0]
    together = dataset.get_data_infos(rows)
    for row, info in zip(rows, together):
        single = dataset.get_data_info(row)
        assert set(info) == set(single) and info['sample_idx'] == row
        for key in set(info) - {'camera_param'}:
            np.testing.assert_array_equal(info[key], single[key], key)
        for key, value in single['camera_param'].items():
            np.testing.assert_array_equal(info['camera_param'][key], value)
    # a copy each, also of one that is asked for twice
    together[1]['keypoints'][:] = -1
    assert (together[3]['keypoints'] != -1).all()
    assert (dataset.get_data_info(0)['keypoints'] != -1).all()
