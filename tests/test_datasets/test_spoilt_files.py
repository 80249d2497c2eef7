"""Numbers that nothing can have, names and folders that lead nowhere: each leaves
out what it concerns, with its reason."""

import json
import os

import numpy as np
import pytest

from hamuco_mm.datasets import HanCoDataset
from hamuco_mm.datasets.plausible import far_joints, is_hand, is_hand_fit


@pytest.fixture
def tree(make_tree):
    return make_tree()


def opened(tree, logged, **settings):
    dataset = HanCoDataset(
        str(tree.root), hand_model=dict(), rebuild_index=True, **settings
    )
    return dataset, '\n'.join(logged)


def impossible(kind: str, K: np.ndarray, M: np.ndarray) -> None:
    if kind == 'negative focal length':
        K[0, 0] *= -1
    elif kind == 'two negative focal lengths':
        K[0, 0], K[1, 1] = -K[0, 0], -K[1, 1]
    elif kind == 'last row of K':
        K[2] = [0, 0, 2]
    elif kind == 'beyond float32':
        K[0, 0] = 1e300
    elif kind == 'last row of M':
        M[3] = [0, 0, 1, 1]
    elif kind == 'sheared':
        M[0, :3] += 0.1 * M[1, :3]
    elif kind == 'two axes swapped':
        M[[0, 1], :3] = M[[1, 0], :3]
    elif kind == 'far away':
        M[0, 3] = 1e6


@pytest.mark.parametrize(
    'kind',
    [
        'negative focal length',
        'two negative focal lengths',
        'last row of K',
        'beyond float32',
        'last row of M',
        'sheared',
        'two axes swapped',
        'far away',
    ],
)
def test_impossible_camera(tree, logged, kind):
    K = np.array([tree.K[(0, 0, c)] for c in range(3)])
    M = np.array([tree.M[(0, 0, c)] for c in range(3)])
    impossible(kind, K[1], M[1])
    path = tree.frame_path('calib', 0, 0)
    whole, _ = opened(tree, logged)
    tree.write_json(path, dict(K=K.tolist(), M=M.tolist()))
    dataset, said = opened(tree, logged)
    assert len(dataset) == len(whole) - 1
    assert f'{path}, cam1' in said and 'numbers that no camera has' in said
    with pytest.raises(ValueError, match='numbers that no camera has'):
        opened(tree, logged, strict=True)


@pytest.mark.parametrize('value', [1e6, -1e5, 1e300])
def test_joint_far_from_its_image_weighs_nothing(tree, logged, value):
    points = tree.uv[(0, 0, 1)].copy()
    points[5, 1] = value
    tree.write_label((0, 0), 1, [points.tolist(), [0.9] * 21])
    dataset, said = opened(tree, logged)
    assert 'far from their image' in said and str(tree.label_path(0, 0, 1)) in said
    visible = dataset.get_data_info(1)['keypoints_visible'][0]
    assert visible[5] == 0 and visible.sum() == pytest.approx(0.9 * 20)


@pytest.mark.parametrize('spoil', ['millimetres', 'beyond float32', 'one point'])
def test_implausible_joints_in_3d(tree, logged, spoil):
    path = tree.frame_path('xyz', 0, 0)
    joints = np.array(json.loads(path.read_text()))
    change = dict(
        millimetres=lambda: 1000 * joints,
        **{'beyond float32': lambda: joints + 1e30, 'one point': lambda: 0 * joints},
    )
    tree.write_json(path, change[spoil]().tolist())
    dataset, said = opened(tree, logged)
    assert 'larger or smaller than any hand' in said and str(path) in said
    assert 'keypoints_cam' not in dataset.get_data_info(0)
    other = [dataset.get_data_info(i) for i in range(len(dataset))]
    assert any('keypoints_cam' in info for info in other)


def test_names_and_folders_that_lead_nowhere(tree, logged):
    before, _ = opened(tree, logged)
    images = tree.root / 'rgb'
    name = next((images / '0000/cam0').iterdir()).name
    picture = (images / '0000/cam0' / name).read_bytes()
    (images / '0000/cam0' / f'{"1" * 25}.jpg').write_bytes(picture)
    (images / '0000' / f'cam{"1" * 20}').mkdir()
    os.symlink('cam7', images / '0000/cam7')
    os.symlink('0009', images / '0009')
    (images / '²').mkdir()
    (images / '0000/cam³').mkdir()
    dataset, said = opened(tree, logged)
    assert len(dataset) == len(before)
    assert '2 files or folders left out: the number in the name is too long' in said
    assert '2 folders left out: they cannot be read' in said
    with pytest.raises(ValueError, match='cannot be read'):
        opened(tree, logged, strict=True)


def test_camera_numbers_may_be_serial_numbers(tree, logged):
    for kind in ('rgb', 'rgb_2D_keypoints'):
        (tree.root / kind / '0000/cam1').rename(
            tree.root / kind / '0000/cam840412060917'
        )
    dataset, _ = opened(tree, logged, with_calib=False)
    cameras = {dataset.get_data_info(i)['camera_id'] for i in range(len(dataset))}
    assert 840412060917 in cameras
    assert 840412060917 in dataset.view_keys()[1]


def test_limits_leave_room_for_real_hands():
    rng = np.random.default_rng(0)
    hand = rng.normal(0, 0.05, (21, 3)) + (0.3, 2, 5)
    assert is_hand(hand)
    assert not is_hand(hand + 1e4) and not is_hand(30 * hand)
    assert is_hand_fit(np.zeros(61)) and is_hand_fit(np.full(61, 3.0))
    assert not is_hand_fit(np.full(61, 1e30))
    pixels = rng.uniform(-300, 600, (21, 2))
    assert not far_joints(pixels, (224, 224)).any()
    assert not far_joints(10 * pixels, (0, 0)).any()
    pixels[3] = np.nan
    assert not far_joints(pixels, (224, 224)).any()
