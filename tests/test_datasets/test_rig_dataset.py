"""Rigs of any kind: the folder layout and the COCO-style JSON."""

import json

import cv2
import numpy as np
import pytest
from calibration_files import SIZE
from mmpose.registry import DATASETS
from rig_tree import RigTree

from hamuco_mm.cameras import Camera, write_calibration
from hamuco_mm.datasets import (
    FrameWindowDataset,
    MultiViewDataset,
    RigHandDataset,
)
from hamuco_mm.datasets.rig import (
    HandLabel,
    read_label,
    scan_folder,
    write_annotations,
    write_label,
)


@pytest.fixture
def tree(tmp_path):
    return RigTree(tmp_path / 'rig')


@pytest.fixture
def annotations(tree):
    return scan_folder(tree.root)


def write(tree, annotations, name='rig.json'):
    write_annotations(tree.root / name, annotations)
    return dict(data_root=str(tree.root), ann_file=name)


def items(dataset):
    return [dataset.get_data_info(i) for i in range(len(dataset))]


def test_sequences_that_are_not_there_are_named(tree, logged):
    dataset = RigHandDataset(str(tree.root), sequences=['take1', 'take02', 'take9'])
    assert len(dataset) == 9
    assert [line for line in logged if 'no sequences' in line] == [
        f"{tree.root}: there are no sequences ['take02', 'take9'], which `sequences` "
        'names; there are take1'
    ]


@pytest.mark.parametrize('form', ['folder', 'json'])
def test_items(tree, annotations, form):
    where = dict(data_root=str(tree.root))
    if form == 'json':
        where = write(tree, annotations)
    dataset = DATASETS.build(dict(type='RigHandDataset', **where))
    assert len(dataset) == 9
    for i, item in enumerate(items(dataset)):
        t, name = i // 3, f'cam{i % 3}'
        assert item['frame_id'] == f'take1/{t:08d}'
        assert (item['camera'], item['camera_id']) == (name, i % 3)
        assert item['sequence'] == 'take1' and item['hand_side'] == 'right'
        np.testing.assert_allclose(item['keypoints'][0], tree.uv[name, t], atol=1e-3)
        np.testing.assert_allclose(
            item['keypoints_visible'][0], tree.confidence[name, t], atol=1e-3
        )
        assert item['image_size'].tolist() == list(SIZE)
        assert cv2.imread(item['img_path'])[0, 0, 0] == 40 * t + 20
        x1, y1, x2, y2 = item['bbox'][0]
        inside = (item['keypoints'][0] >= (x1 - 0.1, y1 - 0.1)) & (
            item['keypoints'][0] <= (x2 + 0.1, y2 + 0.1)
        )
        assert inside.mean() > 0.9
        # the 3D joints lie on the labels, through lens and extrinsics
        camera = Camera.from_camera_param(item['camera_param'])
        np.testing.assert_allclose(
            camera.project(item['keypoints_cam'][0]), tree.uv[name, t], atol=0.05
        )
    assert len({item['img_id'] for item in items(dataset)}) == 9


def test_configs_with_the_former_name_load(tree):
    config = dict(type='MultiViewHandDataset', data_root=str(tree.root))
    assert isinstance(DATASETS.build(config), RigHandDataset)


def test_views_are_grouped_and_go_through_a_pipeline(tree, pipeline):
    dataset = MultiViewDataset(RigHandDataset(str(tree.root), pipeline=pipeline))
    assert len(dataset) == 3
    samples = dataset[1]['data_samples']
    assert [s.camera_id for s in samples] == [0, 1, 2]
    assert {s.frame_id for s in samples} == {'take1/00000001'}
    assert samples[0].camera_param['dist'].shape == (5,)
    assert samples[0].gt_instance_labels.keypoint_labels.abs().max() <= 1


def test_a_missing_view_does_not_shift_the_others(tree):
    tree.path('images', 'cam1', 1, '.jpg').unlink()
    dataset = MultiViewDataset(RigHandDataset(str(tree.root)))
    cameras = [
        [v['camera'] for v in dataset.get_data_info(i)['views']] for i in range(3)
    ]
    assert cameras[1] == ['cam0', 'cam2']
    assert cameras[0] == cameras[2] == ['cam0', 'cam1', 'cam2']


def test_unlabelled_views_are_for_testing_alone(tree):
    tree.path('labels', 'cam2', 0).unlink()
    assert len(RigHandDataset(str(tree.root))) == 8
    tested = items(RigHandDataset(str(tree.root), test_mode=True))
    assert len(tested) == 9
    assert not tested[2]['keypoints_visible'].any()
    assert tested[2]['bbox'].tolist() == [[0, 0, *SIZE]]


def test_no_label_at_all_names_the_remedy(tree):
    for path in (tree.root / 'labels').rglob('*.json'):
        path.unlink()
    with pytest.raises(ValueError, match='pseudo_label.py'):
        RigHandDataset(str(tree.root))


def test_without_cameras(tree):
    used = items(RigHandDataset(str(tree.root), with_calib=False))
    assert all('camera_param' not in item for item in used)
    (tree.root / 'calibration.json').unlink()
    unknown = items(RigHandDataset(str(tree.root)))
    assert all(
        'camera_param' not in item and 'keypoints_cam' not in item for item in unknown
    )


def test_a_calibration_for_each_sequence(tree):
    moved = {
        name: Camera(c.K, c.R, c.t + [0, 0, 0.2], c.dist, image_size=SIZE)
        for name, c in tree.cameras.items()
    }
    (tree.root / 'calibration').mkdir()
    write_calibration(tree.root / 'calibration/take1.json', moved)
    item = RigHandDataset(str(tree.root)).get_data_info(0)
    np.testing.assert_allclose(
        item['camera_param']['t'], tree.cameras['cam0'].t + [0, 0, 0.2], rtol=1e-6
    )


def test_a_calibration_for_each_image(tree, annotations):
    """As for cameras that move, or crops of other places."""
    cameras, images = annotations['cameras'], annotations['images']
    cameras['zoomed'] = dict(
        cameras['cam0'], K=[[900, 0, 320], [0, 900, 240], [0, 0, 1]]
    )
    images[0]['calibration'] = 'zoomed'
    found = items(RigHandDataset(**write(tree, annotations)))
    focal = {i['img_id']: i['camera_param']['K'][0, 0] for i in found}
    assert focal[images[0]['id']] == 900 and focal[images[1]['id']] == 600
    images[0]['calibration'] = 'nothing'
    with pytest.raises(ValueError, match="'nothing' is no key"):
        RigHandDataset(**write(tree, annotations))


def test_left_hands(tree, annotations):
    """A left and a right hand in the same images are different time steps,
    and only the wanted ones are used."""
    right = annotations['annotations']
    left = [dict(a, id=a['id'] + 100, hand_side='left') for a in right]
    where = write(tree, dict(annotations, annotations=right + left))
    both = MultiViewDataset(RigHandDataset(**where))
    assert len(both) == 6
    frames = {both.get_data_info(i)['frame_id'] for i in range(6)}
    assert 'take1/00000000/left' in frames and 'take1/00000000' in frames
    only = items(RigHandDataset(**where, hand_side='left'))
    assert len(only) == 9 and only[0]['hand_side'] == 'left'
    windows = FrameWindowDataset(both, seq_len=3, test_mode=True)
    sides = [
        {v['hand_side'] for v in windows.get_data_info(i)['views']} for i in (0, 1)
    ]
    assert len(windows) == 2 and sides == [{'right'}, {'left'}]


def test_two_hands_of_a_side_are_an_error(tree, annotations):
    annotations['annotations'].append(dict(annotations['annotations'][0], id=77))
    with pytest.raises(ValueError, match='0 and 77 are both right'):
        RigHandDataset(**write(tree, annotations))


def test_natural_order_and_sample_interval(tmp_path):
    tree = RigTree(tmp_path / 'rig', frames=5, num_cameras=2)
    images = tree.root / 'images/take1'
    labels = tree.root / 'labels/take1'
    for folder in (images, labels):
        (folder / 'cam1').rename(folder / 'cam10')
        (folder / 'cam0').rename(folder / 'cam2')
    used = items(RigHandDataset(str(tree.root), sample_interval=2, with_calib=False))
    assert [i['camera'] for i in used[:2]] == ['cam2', 'cam10']
    assert sorted({i['frame_id'][-1] for i in used}) == ['0', '2', '4']


def test_metrics_know_whether_there_is_ground_truth(tree):
    where = dict(data_root=str(tree.root), test_mode=True)
    assert RigHandDataset(**where).metainfo['has_keypoints_cam']
    for path in (tree.root / 'xyz').rglob('*.json'):
        path.unlink()
    dataset = MultiViewDataset(RigHandDataset(**where))
    assert not dataset.metainfo['has_keypoints_cam']


@pytest.mark.parametrize(
    'change, message',
    [
        (lambda a: a.pop('images'), '"images" should be a list.*your_own_rig'),
        (lambda a: a['images'][1].pop('frame_id'), r'images\[1\]: "frame_id"'),
        (lambda a: a['images'][1].update(camera=3), r'images\[1\]: "camera"'),
        (lambda a: a['images'][1].update(id=0), 'the same "id"'),
        (
            lambda a: a['annotations'][2].update(image_id=99),
            r'annotations\[2\]: there is no image with image_id 99',
        ),
        (
            lambda a: a['annotations'][2].update(keypoints=[1, 2, 3]),
            '3 numbers.*21 joints',
        ),
        (lambda a: a['annotations'][2].update(hand_side='L'), '"hand_side"'),
        (lambda a: a['cameras']['cam1'].pop('K'), "camera 'cam1'.*intrinsics"),
        (lambda a: a['images'].append('x'), r'images\[9\]: should be an object'),
        (
            lambda a: a['annotations'].append([]),
            r'annotations\[9\]: should be an object',
        ),
        (lambda a: a['annotations'][2].pop('id'), r'annotations\[2\]: "id"'),
        (
            lambda a: a['annotations'][2].update(id=1),
            r'annotations\[2\]: "id" 1 is that of another',
        ),
        (
            lambda a: a['annotations'][2].update(image_id=[0]),
            r'annotations\[2\]: there is no image',
        ),
        (
            lambda a: a['annotations'][2].update(bbox=[1, 2, 3]),
            r'annotations\[2\]: "bbox" should be 4',
        ),
        (
            lambda a: a['annotations'][2].update(bbox=[1, 2, 3, float('nan')]),
            r'annotations\[2\]: "bbox" should be 4 finite',
        ),
        (
            lambda a: a['annotations'][2].update(keypoints=['x'] * 63),
            r'annotations\[2\]: "keypoints"',
        ),
        (
            lambda a: a['annotations'][2].update(keypoints_world=[[0, 0, 0]] * 20),
            r'annotations\[2\]: "keypoints_world" should be 63',
        ),
        (
            lambda a: a['annotations'][2].update(keypoints_cam='far'),
            r'annotations\[2\]: "keypoints_cam" should be 63',
        ),
    ],
)
def test_errors_name_file_entry_and_key(tree, annotations, change, message):
    change(annotations)
    with pytest.raises(ValueError, match=message) as error:
        RigHandDataset(**write(tree, annotations))
    assert 'rig.json' in str(error.value)


def test_missing_files_name_the_remedy(tree, tmp_path):
    with pytest.raises(FileNotFoundError, match='nowhere.json.*rig2coco'):
        RigHandDataset(str(tree.root), 'nowhere.json')
    with pytest.raises(FileNotFoundError, match='(?s)images/<sequence>'):
        RigHandDataset(str(tmp_path / 'empty'))
    (tree.root / 'rig.json').write_text('{')
    with pytest.raises(ValueError, match='rig.json: not readable as JSON'):
        RigHandDataset(str(tree.root), 'rig.json')


def test_an_unreadable_image_is_left_out_with_a_warning(tree):
    tree.path('images', 'cam0', 0, '.jpg').write_bytes(b'no image')
    with pytest.warns(UserWarning, match='cam0/00000000.jpg is left out'):
        assert len(RigHandDataset(str(tree.root))) == 8


@pytest.mark.parametrize(
    'arguments, message',
    [
        (dict(hand_side='both'), 'hand_side'),
        (dict(bbox_mode='fixed'), 'bbox_mode'),
        (dict(bbox_file='a.json'), 'bbox_file'),
        (dict(data_mode='bottomup'), 'data_mode'),
    ],
)
def test_wrong_arguments(tree, arguments, message):
    with pytest.raises(ValueError, match=message):
        RigHandDataset(str(tree.root), **arguments)


def test_labels_in_files(tmp_path):
    path = tmp_path / 'a.json'
    joints = np.arange(42.0).reshape(21, 2)
    write_label(path, HandLabel(joints, np.ones(21), np.array([1, 2, 3, 4]), 'left'))
    label = read_label(path)
    np.testing.assert_array_equal(label.keypoints, joints)
    assert label.bbox.tolist() == [1, 2, 3, 4] and label.hand_side == 'left'
    # HanCo's form, with a joint that is missing and a confidence above 1
    hanco = [joints.tolist(), [2] + [0.5] * 20]
    hanco[0][3] = [None, None]
    path.write_text(json.dumps(hanco))
    label = read_label(path)
    assert label.confidence[[0, 3, 4]].tolist() == [1, 0, 0.5]
    assert np.isfinite(label.keypoints).all()


@pytest.mark.parametrize(
    'content, message',
    [
        ('{', 'not readable as JSON'),
        ('{"points": []}', '"keypoints": .*thumb to pinky'),
        ('{"keypoints": [[1, 2, 3]]}', r'keypoints has shape \(1, 3\)'),
        (
            json.dumps(dict(keypoints=[[0, 0, 1]] * 21, bbox=[0, 0, -1, 5])),
            'bbox should be',
        ),
        (json.dumps(dict(keypoints=[[0, 0, 1]] * 21, hand_side='?')), 'hand_side'),
    ],
)
def test_wrong_labels_name_file_and_key(tmp_path, content, message):
    path = tmp_path / 'label.json'
    path.write_text(content)
    with pytest.raises(ValueError, match=message) as error:
        read_label(path)
    assert str(path) in str(error.value)


def test_there_is_one_category_when_none_is_named(tree, annotations):
    for annotation in annotations['annotations']:
        del annotation['category_id']
    assert len(RigHandDataset(**write(tree, annotations))) == 9


def test_3d_truth_of_views_without_a_label(tree):
    """It is there in testing, and of the side of the other views."""
    where = dict(data_root=str(tree.root), hand_side='left')
    before = items(RigHandDataset(**where, test_mode=True))
    tree.path('labels', 'cam2', 0).unlink()
    after = items(RigHandDataset(**where, test_mode=True))
    assert not after[2]['keypoints_visible'].any()
    np.testing.assert_allclose(after[2]['keypoints_cam'], before[2]['keypoints_cam'])
    assert after[2]['frame_id'] == before[2]['frame_id']
    assert len(RigHandDataset(**where)) == 8
    # nor does it need any label
    for path in (tree.root / 'labels').rglob('*.json'):
        path.unlink()
    after = items(RigHandDataset(**where, test_mode=True))
    assert len(after) == 9 and all('keypoints_cam' in i for i in after)


def test_the_side_of_empty_annotations(tree):
    """That of the labels in the step, else in the sequence."""
    for camera in tree.cameras:
        for frame in range(2):
            path = tree.path('labels', camera, frame)
            label = read_label(path)
            write_label(
                path, HandLabel(label.keypoints, label.confidence, None, 'left')
            )
        tree.path('labels', camera, 2).unlink()
    tree.path('labels', 'cam1', 0).unlink()
    rig = scan_folder(tree.root)
    assert [a['hand_side'] for a in rig['annotations']] == ['left'] * 9
    empty = [a for a in rig['annotations'] if not a['num_keypoints']]
    assert len(empty) == 4 and not any('bbox' in a for a in empty)
    assert len({a['id'] for a in rig['annotations']}) == 9


def test_unlabelled_views_of_a_left_hand(tree, annotations):
    """They stay in its time step, to be mirrored with it."""
    for annotation in annotations['annotations']:
        annotation['hand_side'] = 'left'
    # a view of step 0, and all of step 1, have no annotation
    annotations['annotations'] = [
        a
        for a in annotations['annotations']
        if annotations['images'][a['image_id']]['frame_id'][-1] != '1'
        and a['image_id'] != 0
    ]
    where = dict(write(tree, annotations), test_mode=True)
    views = MultiViewDataset(RigHandDataset(**where))
    assert len(views) == 3
    for step in range(3):
        found = views.get_data_info(step)['views']
        assert len(found) == 3
        assert {view['hand_side'] for view in found} == {'left'}
    assert len(RigHandDataset(**where, hand_side='left')) == 9
    # of two sides, neither is meant
    annotations['annotations'][0]['hand_side'] = 'right'
    found = items(RigHandDataset(**write(tree, annotations), test_mode=True))
    assert {i['hand_side'] for i in found if '/00000001' in i['frame_id']} == {'right'}


def test_what_annotations_say_and_do_not_say(tree, annotations, logged):
    hands = annotations['annotations']
    for hand in hands[:4]:
        del hand['hand_side']
    hands[5]['keypoints'][3:6] = 0, 0, 1
    hands[6]['keypoints'][2] = 1.25
    hands[7]['handedness'] = 'left'
    annotations['images'][2]['exposure'] = 3
    dataset = RigHandDataset(**write(tree, annotations))
    expected = (
        '4 annotations do not say "hand_side"',
        '1 joints at (0, 0) have a confidence',
        '1 labels have a confidence above 1',
        '1 annotations have the key "handedness", which is not used',
        '1 images have the key "exposure", which is not used',
    )
    for text in expected:
        (line,) = [line for line in logged if line.startswith(text)]
        assert 'rig.json' in line
    seen = [item['keypoints_visible'][0, 1] > 0 for item in items(dataset)]
    assert sum(seen) == len(hands) - 1


def test_annotations_that_say_all_are_silent(tree, annotations, logged):
    RigHandDataset(**write(tree, annotations))
    assert not [line for line in logged if 'the first is' in line]


@pytest.mark.parametrize(
    'change, message',
    [
        (lambda k: k[:, :2] / 1000, 'no label has a coordinate above 1'),
        (lambda k: np.c_[k[:, :2], 60 * k[:, 2]], r'annotations\[0\].*confidence of'),
    ],
)
def test_labels_of_other_units(tree, annotations, change, message):
    for hand in annotations['annotations']:
        joints = np.reshape(hand['keypoints'], (21, 3))
        changed = change(joints)
        joints[:, : changed.shape[1]] = changed
        hand['keypoints'] = joints.ravel().tolist()
    with pytest.raises(ValueError, match=message):
        RigHandDataset(**write(tree, annotations))


def test_joints_in_the_order_of_another_tool(tree, annotations):
    category = annotations['categories'][0]
    category['keypoints'] = [f'{n}' for n in category['keypoints']]
    assert len(RigHandDataset(**write(tree, annotations))) == 9
    category['keypoints'] = category['keypoints'][::-1]
    with pytest.raises(ValueError, match='"categories" has the joints in the order'):
        RigHandDataset(**write(tree, annotations))


@pytest.mark.parametrize(
    'name', ['../elsewhere.jpg', '/etc/hostname', 'http://127.0.0.1:9/a.jpg']
)
def test_images_outside_are_read_only_if_allowed(tree, annotations, name):
    annotations['images'][0]['file_name'] = name
    write(tree, annotations)
    with pytest.raises(ValueError, match='rig.json: images.0..*outside_images'):
        RigHandDataset(data_root=str(tree.root), ann_file='rig.json')
    RigHandDataset(data_root=str(tree.root), ann_file='rig.json', outside_images=True)
