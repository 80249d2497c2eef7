"""What happens to data that are not as they should be."""

import json
import shutil

import numpy as np
import pytest
from mmengine.runner import Runner
from torch import nn

from hamuco_mm.datasets import HanCoDataset, MultiViewDataset
from hamuco_mm.datasets.hanco.parsing import WrongJointCountError


def views_of(dataset):
    infos = [dataset.get_data_info(i) for i in range(len(dataset))]
    return [(int(i['frame_id'][-8:]), i['camera_id']) for i in infos]


ALL_VIEWS = [(frame, camera) for frame in range(2) for camera in range(3)]


def without(*views):
    return [view for view in ALL_VIEWS if view not in views]


@pytest.mark.parametrize(
    'remove, problem',
    [
        (None, 'there is no such directory'),
        ('rgb', 'it has no images'),
        ('rgb_2D_keypoints', 'it has no 2D labels'),
        ('rgb/0000', 'no <sequence>/cam<id> directories'),
    ],
)
def test_wrong_data_root(make_tree, remove, problem):
    tree = make_tree()
    if remove is None:
        shutil.rmtree(tree.root)
    else:
        tree.remove(remove)
    if remove == 'rgb/0000':
        tree.remove('rgb_2D_keypoints/0000')
    with pytest.raises(FileNotFoundError) as error:
        HanCoDataset(str(tree.root))
    message = str(error.value)
    assert problem in message
    assert 'data_root' in message and str(tree.root) in message
    assert '<data_root>/rgb_2D_keypoints/0000/cam0' in message


def test_missing_views_do_not_shift_others(make_tree, logged):
    tree = make_tree()
    tree.image_path(0, 0, 1).unlink()
    tree.label_path(0, 1, 0).unlink()
    dataset = HanCoDataset(str(tree.root))
    assert views_of(dataset) == without((0, 1), (1, 0))
    for i in range(len(dataset)):
        info = dataset.get_data_info(i)
        key = (0, int(info['frame_id'][-8:]), info['camera_id'])
        np.testing.assert_allclose(info['keypoints'][0], tree.uv[key], atol=1e-4)
        np.testing.assert_allclose(
            info['camera_param']['t'], tree.M[key][:3, 3], atol=1e-6
        )
    told = '\n'.join(logged)
    assert '1 views left out: a 2D label without an image' in told
    assert str(tree.image_path(0, 0, 1)) in told
    assert '1 views left out: an image without a 2D label' in told
    assert str(tree.label_path(0, 1, 0)) in told
    assert len(logged) == 3  # one line a kind, and that it is built


def test_problems_are_told_once_a_kind_and_again_from_the_index(make_tree, logged):
    tree = make_tree(sequences={0: 4})
    for frame in range(3):
        tree.image_path(0, frame, 1).unlink()
    for _ in range(2):  # the second time from the index
        logged.clear()
        HanCoDataset(str(tree.root))
        lines = [line for line in logged if 'left out' in line]
        assert len(lines) == 1 and '3 views' in lines[0]
        assert str(tree.image_path(0, 0, 1)) in lines[0]


@pytest.mark.parametrize(
    'content',
    [
        '[[1, 2',
        '',
        'null',
        '[[]]',
        '{"a": 1}',
        '[[[1, 2], "x"], []]',
        '"' + 'x' * 100,
        '[' * 100000,
    ],
)
def test_malformed_label_is_left_out(make_tree, logged, content):
    tree = make_tree()
    path = tree.label_path(0, 1, 2)
    # Wrong lengths are another matter: see test_wrong_number_of_joints.
    if content == '[[[1, 2], "x"], []]':
        content = str([[['a', 'b']] * 21, [1] * 21]).replace("'", '"')
    path.write_text(content)
    assert views_of(HanCoDataset(str(tree.root))) == without((1, 2))
    told = [line for line in logged if 'label is not readable' in line]
    assert len(told) == 1 and str(path) in told[0]


@pytest.mark.parametrize(
    'kind, content',
    [
        ('calib', '{"K": []'),
        ('calib', '{"K": [[1]]}'),
        ('calib', '{"K": 1, "M": 2}'),
        ('calib', '[]'),
    ],
)
def test_malformed_calibration_is_left_out(make_tree, logged, kind, content):
    tree = make_tree()
    tree.write_json(tree.frame_path(kind, 0, 1), content)
    expected = without((1, 0), (1, 1), (1, 2))
    assert views_of(HanCoDataset(str(tree.root))) == expected
    told = '\n'.join(logged)
    assert '3 of 6 views left out: the calibration is not readable' in told
    assert str(tree.frame_path(kind, 0, 1)) in told
    # Whoever does not use cameras does not lose views to them.
    assert len(HanCoDataset(str(tree.root), with_calib=False)) == 6


def test_lenses_that_hancos_form_cannot_hold(make_tree, logged):
    """Without a lens K and M would place the hand wrongly."""
    tree = make_tree()
    path = tree.frame_path('calib', 0, 1)
    content = json.loads(path.read_text())
    path.write_text(json.dumps(dict(content, dist=[[0.1, 0, 0, 0]] * 3)))
    other = tree.frame_path('calib', 0, 0)  # ideal ones
    content = json.loads(other.read_text())
    other.write_text(json.dumps(dict(content, dist=[[0, 0, 0, 0]] * 3)))
    expected = without((1, 0), (1, 1), (1, 2))
    assert views_of(HanCoDataset(str(tree.root))) == expected
    assert 'has lenses' in '\n'.join(logged)


@pytest.mark.parametrize('content', ['{', '[1, 2, 3]', '[[null, 1, 2]]'])
def test_malformed_ground_truth_costs_only_itself(make_tree, logged, content):
    tree = make_tree()
    path = tree.frame_path('xyz', 0, 0)
    if content != '{':
        joint = content[1:-1] if content.startswith('[[') else '[1, 2]'
        content = '[' + ', '.join([joint] * 21) + ']'
    path.write_text(content)
    dataset = HanCoDataset(str(tree.root))
    assert views_of(dataset) == ALL_VIEWS
    assert 'keypoints_cam' not in dataset.get_data_info(0)
    assert 'keypoints_cam' in dataset.get_data_info(3)
    assert any(str(path) in line for line in logged)


@pytest.mark.parametrize('wrapped', [False, True])
@pytest.mark.parametrize('remove', [None, 'xyz', 'calib', 'part of xyz'])
def test_ground_truth_is_missed_before_training(
    make_tree, pipeline, remove, wrapped, tmp_path
):
    tree = make_tree(sequences={0: 2, 1: 1})
    if remove == 'part of xyz':
        for frame in range(2):
            tree.frame_path('xyz', 0, frame).unlink()
    elif remove:
        tree.remove(remove)
    dataset = dict(
        type='HanCoDataset', data_root=str(tree.root), pipeline=pipeline, test_mode=True
    )
    if wrapped:
        dataset = dict(type='MultiViewDataset', dataset=dataset)
    loader = dict(
        dataset=dataset,
        batch_size=1,
        num_workers=0,
        sampler=dict(type='DefaultSampler', shuffle=False),
    )
    runner = Runner(
        nn.Linear(1, 1),
        str(tmp_path / 'work_dir'),
        val_dataloader=loader,
        val_evaluator=dict(type='HandMeshMetric'),
        val_cfg=dict(),
        default_scope='mmpose',
        experiment_name=f'{remove} {wrapped}',
    )
    if remove in ('xyz', 'calib'):
        with pytest.raises(ValueError, match='keypoints_cam.*xyz.*validate'):
            _ = runner.val_loop
    else:
        assert runner.val_loop.evaluator.dataset_meta['has_keypoints_cam']


def test_malformed_fit_costs_only_itself(make_tree, logged):
    tree = make_tree()
    tree.write_fits()
    path = tree.frame_path('shape', 0, 0)
    path.write_text('{"poses": [[1, 2]], "shapes": [], "global_t": []}')
    dataset = HanCoDataset(str(tree.root), hand_model=dict(path=None))
    assert 'vertices' not in dataset.get_data_info(0)
    assert 'vertices' in dataset.get_data_info(3)
    assert any(str(path) in line for line in logged)


@pytest.mark.parametrize('content', ['{', '[]', '{"is_valid": 3}'])
def test_malformed_meta_json_is_ignored(make_tree, logged, content):
    tree = make_tree()
    (tree.root / 'meta.json').write_text(content)
    assert views_of(HanCoDataset(str(tree.root))) == ALL_VIEWS
    assert any('meta.json ignored' in line for line in logged)
    with pytest.raises(ValueError, match='filter_cfg'):
        HanCoDataset(str(tree.root), filter_cfg=dict(is_valid=True))


def test_strict_refuses_what_would_be_left_out(make_tree):
    tree = make_tree()
    HanCoDataset(str(tree.root), strict=True)
    tree.label_path(0, 0, 0).write_text('{')
    for _ in range(2):
        with pytest.raises(ValueError) as error:
            HanCoDataset(str(tree.root), strict=True, rebuild_index=True)
        assert str(tree.label_path(0, 0, 0)) in str(error.value)


@pytest.mark.parametrize(
    'keypoints, confidences, key',
    [
        (20, 21, r'entry 0 \(keypoints\) has 20 joints'),
        (21, 42, r'entry 1 \(confidences\) has 42 joints'),
    ],
)
def test_wrong_number_of_joints(make_tree, keypoints, confidences, key):
    tree = make_tree()
    tree.write_label((0, 1), 1, [[[1.0, 2.0]] * keypoints, [1.0] * confidences])
    with pytest.raises(WrongJointCountError, match=key) as error:
        HanCoDataset(str(tree.root))
    assert str(tree.label_path(0, 1, 1)) in str(error.value)
    assert 'expected 21' in str(error.value)


def test_wrong_number_of_3d_joints(make_tree):
    tree = make_tree()
    tree.write_json(tree.frame_path('xyz', 0, 0), [[0.0, 0.0, 0.0]] * 16)
    with pytest.raises(WrongJointCountError, match='16 joints, expected 21'):
        HanCoDataset(str(tree.root))


def singular(kind):
    K, M = np.diag([400.0, 400.0, 1.0]), np.eye(4)
    if kind == 'no focal length':
        K[0, 0] = 0
    elif kind == 'rank 1':
        K = np.ones((3, 3))
    elif kind == 'projection':
        M[2, 2] = 0
    elif kind == 'mirror':
        M[0, 0] = -1
    elif kind == 'nan':
        K[0, 2] = np.nan
    return K, M


@pytest.mark.parametrize(
    'kind', ['no focal length', 'rank 1', 'projection', 'mirror', 'nan']
)
def test_singular_camera_is_left_out(make_tree, logged, kind):
    tree = make_tree()
    K = [tree.K[(0, 0, c)] for c in range(3)]
    M = [tree.M[(0, 0, c)] for c in range(3)]
    K[1], M[1] = singular(kind)
    path = tree.frame_path('calib', 0, 0)
    tree.write_json(path, dict(K=np.array(K).tolist(), M=np.array(M).tolist()))
    assert views_of(HanCoDataset(str(tree.root))) == without((0, 1))
    told = [line for line in logged if 'singular camera' in line]
    assert len(told) == 1 and f'{path}, cam1' in told[0]


def test_all_cameras_singular_is_an_error(make_tree):
    tree = make_tree(sequences={0: 1})
    K, M = singular('rank 1')
    tree.write_json(
        tree.frame_path('calib', 0, 0), dict(K=[K.tolist()] * 3, M=[M.tolist()] * 3)
    )
    with pytest.raises(ValueError) as error:
        HanCoDataset(str(tree.root))
    assert 'singular camera matrix' in str(error.value)
    assert str(tree.frame_path('calib', 0, 0)) in str(error.value)
    assert 'with_calib=False' in str(error.value)
    assert len(HanCoDataset(str(tree.root), with_calib=False)) == 3


def test_views_without_a_calibration_are_counted(make_tree, logged):
    """They, not the files, of which one is of all views of a time step."""
    tree = make_tree(sequences={0: 2, 1: 3})
    for frame in range(3):
        tree.frame_path('calib', 1, frame).unlink()
    tree.image_path(1, 2, 0).unlink()
    dataset = HanCoDataset(str(tree.root))
    assert len(dataset) == 6
    (told,) = [line for line in logged if 'no calibration of the time step' in line]
    assert '8 of 14 views left out' in told
    files = [str(tree.frame_path('calib', 1, frame)) for frame in range(3)]
    assert [place for place, why in dataset.left_out() if 'calib' in why] == files


def test_camera_beyond_the_calibration_is_left_out(make_tree, logged):
    tree = make_tree()
    tree.write_json(
        tree.frame_path('calib', 0, 1),
        dict(K=[tree.K[(0, 1, 0)].tolist()], M=[tree.M[(0, 1, 0)].tolist()]),
    )
    assert views_of(HanCoDataset(str(tree.root))) == without((1, 1), (1, 2))
    assert any('2 of 6 views left out: the camera is not in' in line for line in logged)


@pytest.mark.parametrize('bad', ['NaN', 'Infinity', 'null'])
@pytest.mark.parametrize('where', ['keypoint', 'confidence'])
def test_joints_that_are_not_finite_weigh_nothing(
    make_tree, logged, pipeline, bad, where
):
    tree = make_tree()
    points = tree.uv[(0, 0, 1)].tolist()
    confidence = tree.conf[(0, 0, 1)].tolist()
    if where == 'keypoint':
        points[4][0] = 'BAD'
    else:
        confidence[4] = 'BAD'
    tree.label_path(0, 0, 1).write_text(str([points, confidence]).replace("'BAD'", bad))
    dataset = HanCoDataset(str(tree.root), pipeline=pipeline)
    assert views_of(dataset) == ALL_VIEWS
    info = dataset.get_data_info(1)
    assert info['keypoints_visible'][0, 4] == 0
    assert np.isfinite(info['keypoints']).all()
    labels = dataset[1]['data_samples'].gt_instance_labels
    assert labels.keypoint_weights[0, 4] == 0
    assert (labels.keypoint_weights > 0).sum() == 20
    assert labels.keypoint_labels.isfinite().all()
    told = [line for line in logged if 'not finite' in line]
    assert len(told) == 1 and str(tree.label_path(0, 0, 1)) in told[0]


def test_no_confidence_takes_the_whole_image(make_tree, logged, pipeline):
    tree = make_tree()
    tree.write_label((0, 0), 2, [tree.uv[(0, 0, 2)].tolist(), [0.0] * 21])
    dataset = HanCoDataset(str(tree.root), pipeline=pipeline)
    np.testing.assert_array_equal(dataset.get_data_info(2)['bbox'], [[0, 0, 224, 200]])
    labels = dataset[2]['data_samples'].gt_instance_labels
    assert not labels.keypoint_weights.any()
    assert labels.keypoint_labels.isfinite().all()
    told = [line for line in logged if 'confidences are all 0' in line]
    assert len(told) == 1 and str(tree.label_path(0, 0, 2)) in told[0]


def test_confidence_is_clipped(make_tree):
    tree = make_tree()
    confidence = [-1.0, 7.0] + [0.5] * 19
    tree.write_label((0, 0), 0, [tree.uv[(0, 0, 0)].tolist(), confidence])
    visible = HanCoDataset(str(tree.root)).get_data_info(0)['keypoints_visible'][0]
    np.testing.assert_array_equal(visible, [0, 1] + [0.5] * 19)


def test_one_camera_only_works_with_a_warning(make_tree, logged, pipeline):
    tree = make_tree(num_cameras=1)
    dataset = MultiViewDataset(HanCoDataset(str(tree.root), pipeline=pipeline))
    assert len(dataset) == 2
    assert dataset[0]['data_samples'][0].metainfo['num_views'] == 1
    told = [line for line in logged if 'one view only' in line]
    assert len(told) == 1 and 'no effect' in told[0]


def test_one_drawn_view_is_said_in_training(make_tree, logged):
    tree = make_tree()
    for settings, count in ((dict(num_views=(1, 2)), 0), (dict(num_views=1), 1)):
        for test_mode in (True, False):
            logged.clear()
            flat = HanCoDataset(str(tree.root), test_mode=test_mode)
            MultiViewDataset(flat, **settings)
            told = [line for line in logged if 'num_views=1' in line]
            assert len(told) == (0 if test_mode else count)
            assert all('views have no effect' in line for line in told)


def test_unreadable_image_of_the_flat_data_set(make_tree, pipeline, logged):
    """Training takes another item and says so; a test, and ``strict``, stop."""
    tree = make_tree()
    datasets = [
        HanCoDataset(str(tree.root), pipeline=pipeline, **settings)
        for settings in ({}, dict(test_mode=True), dict(strict=True))
    ]
    path = tree.image_path(0, 0, 1)
    path.write_bytes(b'')
    assert datasets[0].prepare_data(1) is None
    assert datasets[0][1]['data_samples'].img_path != str(path)
    assert f'{path} cannot be read' in '\n'.join(logged)
    for dataset in datasets[1:]:
        with pytest.raises(Exception, match=str(path)):
            dataset[1]


def test_defaults_that_stand_for_labels(make_tree, logged):
    """Joints at (0, 0) weigh nothing; confidences above 1 count as 1. Flat lists
    and confidences one by one are read as the authors' code does."""
    tree = make_tree()
    points = tree.uv[(0, 0, 2)].copy()
    points[3] = 0
    tree.write_label((0, 0), 2, [points.ravel().tolist(), [[1.5]] + [[0.5]] * 20])
    dataset = HanCoDataset(str(tree.root), index_workers=1)
    said = '\n'.join(logged)
    assert 'views with joints at (0, 0)' in said and 'confidences above 1' in said
    items = (dataset.get_data_info(i) for i in range(len(dataset)))
    (item,) = (i for i in items if i['keypoints_visible'][0, 3] == 0)
    assert item['keypoints_visible'][0, :5].tolist() == [1, 0.5, 0.5, 0, 0.5]
    np.testing.assert_allclose(item['keypoints'][0, 5], points[5], rtol=1e-5)
