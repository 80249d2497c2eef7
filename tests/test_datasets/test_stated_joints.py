"""Data sets whose joints are in another order are not learned from."""

import re
from types import SimpleNamespace

import numpy as np
import pytest
from mmengine.dataset import ConcatDataset
from mmpose.registry import DATASETS, HOOKS, MODELS, TRANSFORMS

from hamuco_mm.datasets import MultiViewDataset
from hamuco_mm.datasets.joint_order import standard_joint_name
from hamuco_mm.datasets.stated_joints import check_joint_number, check_joint_order
from hamuco_mm.hand_model import HAND_JOINT_NAMES

ORDERS = 'configs/_base_/datasets'
HEAD = dict(type='MANOHead', in_channels=4)
TWO = dict(type='KeypointConverter', num_keypoints=2, mapping=[(9, 0), (10, 1)])


def data_set(order, pipeline=()):
    """One of MMPose without items, whose joints have the order of a file."""
    return dict(
        type='BaseCocoStyleDataset',
        metainfo=dict(from_file=f'{ORDERS}/{order}.py'),
        pipeline=list(pipeline),
        lazy_init=True,
    )


def converter(message):
    """The transform that an error asks for."""
    return eval(re.search(r'dict\(type=.*?\)\]\)', message)[0])


@pytest.mark.parametrize('order', ['onehand10k', 'freihand2d', 'coco_wholebody_hand'])
def test_orders_of_the_hand_model_pass(order):
    check_joint_order(DATASETS.build(data_set(order)))


def test_other_joints_than_a_hands_pass():
    check_joint_order(DATASETS.build(data_set('coco')))


@pytest.fixture
def message():
    with pytest.raises(ValueError, match="joint 1 is 'thumb4'.*'thumb_cmc'") as error:
        check_joint_order(DATASETS.build(data_set('rhd2d')))
    return str(error.value)


def test_the_error_names_the_transform_that_puts_joints_right(message):
    dataset = DATASETS.build(data_set('rhd2d'))
    names = [dataset.metainfo['keypoint_id2name'][joint] for joint in range(21)]
    number = np.arange(21, dtype=np.float32)
    results = dict(
        keypoints=np.stack([number, number], -1)[None],
        keypoints_visible=np.ones((1, 21), np.float32),
    )
    moved = TRANSFORMS.build(converter(message))(results)['keypoints'][0, :, 0]
    ordered = [names[int(joint)] for joint in moved]
    assert ordered[:5] == ['wrist', 'thumb1', 'thumb2', 'thumb3', 'thumb4']
    assert len(ordered) == len(HAND_JOINT_NAMES)
    check_joint_order(DATASETS.build(data_set('rhd2d', [converter(message)])))


def test_a_converter_that_puts_joints_elsewhere():
    """Its pairs are source and target, which are easily exchanged."""
    with pytest.raises(ValueError, match='joint 0 is') as error:
        check_joint_order(DATASETS.build(data_set('interhand2d')))
    right = converter(str(error.value))
    ordered = DATASETS.build(data_set('interhand2d', [right]))
    check_joint_order(ordered)
    check_joint_order(MultiViewDataset(ordered, lazy_init=True))  # of its pipeline
    wrong = dict(right, mapping=[(joint, place) for place, joint in right['mapping']])
    for steps in ([wrong], [right, wrong]):
        with pytest.raises(ValueError, match='BaseCocoStyleDataset.*its joint'):
            check_joint_order(DATASETS.build(data_set('interhand2d', steps)))
    # what is new in the place of a joint has no name that could be wrong
    middle = dict(right, mapping=[*right['mapping'][:-1], ((0, 1), 20)])
    check_joint_order(DATASETS.build(data_set('interhand2d', [middle])))


def test_data_sets_in_data_sets_are_looked_at(message):
    def wrapped(pipeline):
        right = DATASETS.build(data_set('onehand10k'))
        other = DATASETS.build(data_set('rhd2d', pipeline))
        keys = [key for key in right.metainfo if key != 'num_keypoints']
        return ConcatDataset([right, other], lazy_init=True, ignore_keys=keys)

    with pytest.raises(ValueError, match='joint 1'):
        check_joint_order(wrapped([]))
    check_joint_order(wrapped([converter(message)]))


@pytest.mark.parametrize('order', ['onehand10k', 'interhand2d'])
def test_numbers_of_joints_of_a_hand_pass(order):
    check_joint_number(DATASETS.build(data_set(order)))


def test_two_hands_are_refused_until_one_is_chosen():
    with pytest.raises(ValueError, match='give 42 joints.* 21 of a hand') as error:
        check_joint_number(DATASETS.build(data_set('interhand3d')))
    right = DATASETS.build(data_set('interhand3d', [converter(str(error.value))]))
    check_joint_number(right)
    for place, joint in enumerate(HAND_JOINT_NAMES):
        source = right.pipeline.transforms[0].source_index[place]
        name = right.metainfo['keypoint_id2name'][source]
        assert name.startswith('right_') and standard_joint_name(name) == joint


@pytest.mark.parametrize('pipeline', [(), [TWO]])
def test_joints_of_a_body_are_refused(pipeline):
    expected = 2 if pipeline else 133
    with pytest.raises(ValueError, match=f'give {expected} joints.*KeypointConverter'):
        check_joint_number(DATASETS.build(data_set('coco_wholebody', pipeline)))


def runner_of(order, head, phases=('train', 'val', 'test')):
    """What the hook sees of a runner."""
    loaders = {
        phase: SimpleNamespace(
            dataset=DATASETS.build(data_set(order if phase in phases else 'onehand10k'))
        )
        for phase in ('train', 'val', 'test')
    }
    return SimpleNamespace(
        model=SimpleNamespace(head=MODELS.build(head)),
        val_loop=SimpleNamespace(dataloader=loaders['val']),
        **{f'{phase}_dataloader': loader for phase, loader in loaders.items()},
    )


@pytest.fixture
def hook():
    return HOOKS.build(dict(type='JointOrderHook'))


@pytest.mark.parametrize('phase', ['train', 'val', 'test'])
@pytest.mark.parametrize('order', ['rhd2d', 'interhand3d'])
def test_the_hook_refuses_them_before_a_loop(hook, phase, order):
    with pytest.raises(ValueError, match='KeypointConverter'):
        getattr(hook, f'before_{phase}')(runner_of(order, HEAD))


def test_the_validation_set_is_looked_at_before_training(hook):
    with pytest.raises(ValueError, match='give 133 joints'):
        hook.before_train(runner_of('coco_wholebody', HEAD, ['val']))
    without = runner_of('onehand10k', HEAD)
    without.val_loop = without.val_dataloader = None
    hook.before_train(without)


def test_other_networks_have_other_joints(hook):
    head = dict(type='HeatmapHead', in_channels=4, out_channels=133)
    hook.before_train(runner_of('coco_wholebody', head))
