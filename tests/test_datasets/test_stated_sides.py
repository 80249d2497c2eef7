"""An item that does not say the side of its hand is counted."""

from contextlib import nullcontext
from types import SimpleNamespace

import numpy as np
import pytest
from json_writing import write_json
from mmengine.dataset import Compose
from mmpose.registry import DATASETS, HOOKS
from mmpose.structures import PoseDataSample

import hamuco_mm  # noqa: F401, registers the data sets
from hamuco_mm.datasets.stated_sides import items_without_side, warn_of_unstated_sides

LEFT = np.arange(42.0).reshape(21, 2) + 3
RIGHT = LEFT + 50


def hand(points, visible=2):
    return np.column_stack([points, np.full(21, visible)]).ravel().tolist()


@pytest.fixture
def wholebody(tmp_path):
    """COCO-WholeBody's layout, as its documentation has it: three people in two
    images, whose valid hands are left and right, left, and right."""

    def person(number, image, left, right):
        return dict(
            id=number,
            image_id=image,
            category_id=1,
            iscrowd=0,
            bbox=[0, 0, 90, 90],
            area=8100.0,
            segmentation=[],
            num_keypoints=0,
            keypoints=[0] * 51,
            lefthand_valid=left,
            righthand_valid=right,
            lefthand_box=[3.0, 4.0, 40.0, 40.0],
            righthand_box=[53.0, 54.0, 40.0, 40.0],
            lefthand_kpts=hand(LEFT),
            righthand_kpts=hand(RIGHT),
        )

    crowd = dict(person(4, 2, True, True), iscrowd=1)
    unlabelled = dict(person(5, 2, True, False), lefthand_kpts=[0] * 63)
    write_json(
        tmp_path / 'ann.json',
        dict(
            images=[
                dict(id=i, file_name=f'{i}.jpg', width=120, height=110) for i in (1, 2)
            ],
            annotations=[
                person(1, 1, True, True),
                person(2, 2, True, False),
                person(3, 2, False, True),
                crowd,
                unlabelled,
            ],
            categories=[dict(id=1, name='person')],
        ),
    )
    return dict(data_root=str(tmp_path), ann_file='ann.json')


def test_wholebody_hands_say_their_side(wholebody):
    dataset = DATASETS.build(dict(type='CocoWholeBodyHandWithSideDataset', **wholebody))
    items = [dataset.get_data_info(i) for i in range(len(dataset))]
    assert [item['hand_side'] for item in items] == ['left', 'right', 'left', 'right']
    for item in items:
        expected = LEFT if item['hand_side'] == 'left' else RIGHT
        np.testing.assert_allclose(item['keypoints'][0], expected)
    assert items_without_side(dataset) == 0


def test_items_without_a_side_are_counted(wholebody, logged):
    plain = dict(type='CocoWholeBodyHandDataset', **wholebody)
    known = dict(plain, type='CocoWholeBodyHandWithSideDataset')
    mixed = DATASETS.build(
        dict(
            type='CombinedDataset',
            metainfo=dict(from_file='configs/_base_/datasets/coco_wholebody_hand.py'),
            datasets=[known, plain],
        )
    )
    warn_of_unstated_sides(mixed)
    said = [line for line in logged if 'do not say the side' in line]
    assert len(said) == 1
    assert 'CocoWholeBodyHandDataset' in said[0] and '4 of 4 items' in said[0]


def test_the_hook_says_it_once(wholebody, logged):
    class Loader:
        dataset = DATASETS.build(dict(type='CocoWholeBodyHandDataset', **wholebody))

    class Runner:
        train_dataloader = val_dataloader = test_dataloader = Loader

    hook = HOOKS.build(dict(type='HandSideHook'))
    for before in (hook.before_train, hook.before_val, hook.before_val):
        before(Runner)
    assert len([line for line in logged if 'do not say the side' in line]) == 1
    hook = HOOKS.build(dict(type='HandSideHook'))
    hook.before_test(Runner)
    assert len([line for line in logged if 'do not say the side' in line]) == 2


def test_the_data_sets_of_the_package_say_it(make_tree):
    """Also HanCo's layout, whose hands are right ones."""
    tree = make_tree(sequences={0: 2}, num_cameras=2)
    dataset = DATASETS.build(
        dict(type='HanCoDataset', data_root=str(tree.root), index_workers=1)
    )
    assert {dataset.get_data_info(i)['hand_side'] for i in range(4)} == {'right'}
    assert items_without_side(dataset) == 0


def batch_of(*sides):
    """Samples of hands; True is a left hand that was mirrored."""
    samples = []
    for side in sides:
        sample = PoseDataSample()
        name = 'left' if side is True else side
        sample.set_metainfo(
            dict(hand_side=name, mirrored=side is True, img_path='a.jpg')
        )
        samples.append(sample)
    return dict(data_samples=samples)


def runner_of(side):
    """Of a network whose hand model is of this side."""
    decoder = SimpleNamespace(hand=SimpleNamespace(side=side))
    return SimpleNamespace(
        model=SimpleNamespace(head=SimpleNamespace(hand_decoder=decoder))
    )


@pytest.mark.parametrize('phase', ['train', 'val', 'test'])
def test_left_hands_come_mirrored(phase):
    hook = HOOKS.build(dict(type='HandSideHook'))
    assert f'before_{phase}_iter' in hook.get_triggered_stages()
    look = getattr(hook, f'before_{phase}_iter')
    look(runner_of('right'), 0, batch_of('right', None, True))
    look(runner_of('left'), 0, batch_of('left'))  # a network of left hands
    look(SimpleNamespace(model=None), 0, batch_of('left'))  # of something else
    with pytest.raises(ValueError, match=f'a.jpg has a left hand.*{phase}_dataloader'):
        look(runner_of('right'), 0, batch_of('right', 'left'))


@pytest.mark.parametrize('prob', [0.0, 1.0])
def test_hands_that_mmpose_has_mirrored(prob):
    """Items that MMPose packs are looked at, too."""
    hook = HOOKS.build(dict(type='HandSideHook'))
    pipeline = Compose(
        [dict(type='RandomFlip', prob=prob), dict(type='PackPoseInputs')]
    )
    item = dict(
        img=np.zeros((8, 8, 3), np.uint8),
        img_shape=(8, 8),
        flip_indices=list(range(21)),
        keypoints=np.zeros((1, 21, 2)),
        keypoints_visible=np.ones((1, 21)),
    )
    batch = dict(data_samples=[pipeline(item)['data_samples']])
    refusal = pytest.raises(ValueError, match='RandomFlip mirrors')
    with refusal if prob else nullcontext():
        hook.before_train_iter(runner_of('right'), 0, batch)
