"""Networks that cannot be built or used say what to change."""

from dataclasses import replace

import pytest
import torch
from mmengine.registry import init_default_scope
from mmpose.registry import MODELS
from small_networks import build_model, model_config
from view_batches import SIZE, make_inputs, make_samples

from hamuco_mm.models.view_alignment import ViewAlignment
from hamuco_mm.structures import HandTargets, Stage, ViewGroups


@pytest.fixture(scope='module')
def model():
    return build_model(model_config((SIZE, SIZE)))


@pytest.mark.parametrize('option', ['flip_test', 'output_keypoint_indices'])
def test_options_of_other_estimators(option):
    init_default_scope('mmpose')
    with pytest.raises(ValueError, match=f'no test_cfg.{option}'):
        MODELS.build(model_config(test_cfg={option: [1]}))


@pytest.mark.parametrize(
    ('alignment', 'words'),
    [
        (dict(num_reweighting=5), 'alignment.num_reweighting; .* num_reweightings'),
        (dict(scale='symetric'), "'symmetric', got 'symetric'"),
    ],
)
def test_an_alignment_that_cannot_be_made(alignment, words):
    init_default_scope('mmpose')
    with pytest.raises(ValueError, match=words):
        MODELS.build(model_config(alignment=alignment))


def test_a_loss_between_views_that_takes_other_arguments():
    init_default_scope('mmpose')
    loss = dict(type='SmoothL1Loss')
    with pytest.raises(
        ValueError,
        match=r'model.loss_distill: SmoothL1Loss.forward.*'
        r'\(points, fused, mask, view_weights\)',
    ):
        MODELS.build(model_config(loss_distill=loss))


def test_an_interaction_without_its_decoder():
    init_default_scope('mmpose')
    with pytest.raises(ValueError, match='view_neck and view_head belong together'):
        MODELS.build(model_config(view_head=None))


def test_a_graph_that_heads_do_not_divide():
    init_default_scope('mmpose')
    config = model_config()
    config['view_neck']['num_heads'] = 5
    with pytest.raises(ValueError, match='divisible by num_heads=5'):
        MODELS.build(config)


@pytest.mark.parametrize(
    'widths, in_channels, words',
    [((0, 0, 0), (8, 16), 'at least one of'), ((8, 8, 8), (8,), 'names one map')],
)
def test_graph_features_of_nothing(widths, in_channels, words):
    init_default_scope('mmpose')
    names = ('location_channels', 'global_channels', 'local_channels')
    config = dict(zip(names, widths), type='CVINet', in_channels=in_channels)
    with pytest.raises(ValueError, match=words):
        MODELS.build(config)


def test_a_head_of_other_maps(model):
    with pytest.raises(ValueError, match='in_channels=64.*has 32 channels'):
        model.head((torch.zeros(1, 32, 2, 2),))


def test_a_head_does_not_mirror(model):
    feats = (torch.zeros(1, 64, 2, 2),)
    with pytest.raises(ValueError, match='flip_test must be False'):
        model.head.predict(feats, make_samples([1]), dict(flip_test=True))


def test_labels_that_are_missing(model):
    samples = make_samples([2])
    for sample in samples:
        del sample.gt_instance_labels.keypoint_labels
    with pytest.raises(ValueError, match='no sample has keypoint_labels'):
        model.loss_from_targets(
            make_inputs([2]), HandTargets.from_data_samples(samples)
        )


def test_groups_of_nothing():
    with pytest.raises(ValueError, match='every group needs a view'):
        ViewGroups([2, 0])


def test_an_unknown_scale():
    with pytest.raises(ValueError, match="got 'median'"):
        ViewAlignment(
            torch.zeros(1, 2, 3, 3), torch.ones(1, 2, dtype=torch.bool), scale='median'
        )


def test_a_view_head_of_other_features(model):
    single = model.head((torch.zeros(2, 64, 2, 2),))
    with pytest.raises(ValueError, match='view_head.in_channels=.* gives 7 channels'):
        model.view_head(torch.zeros(2, 21, 7), single)


def test_a_neck_that_pools_is_named():
    init_default_scope('mmpose')
    config = model_config()
    del config['head']['in_channels']
    config['neck'] = dict(type='GlobalAveragePooling')
    with pytest.raises(ValueError, match='the neck GlobalAveragePooling gives no list'):
        MODELS.build(config)


def test_a_head_decodes_no_other_labels():
    init_default_scope('mmpose')
    config = model_config()
    config['head']['decoder'] = dict(type='RegressionLabel', input_size=(SIZE, SIZE))
    with pytest.raises(ValueError, match='decoder is a RegressionLabel.*WeakPersp'):
        MODELS.build(config)


@pytest.mark.parametrize(
    'loss', ['L1Loss', 'SmoothL1Loss', 'WingLoss', 'MSELoss', 'RobustKeypointLoss']
)
def test_missing_joints_teach_nothing(loss):
    """Whatever the loss of the 2D joints; MMPose's leave weights out by default."""
    init_default_scope('mmpose')
    config = model_config((SIZE, SIZE))
    for head in ('head', 'view_head'):
        config[head]['loss_keypoint'] = dict(type=loss)
    model = build_model(config)
    samples = make_samples([2])
    for sample in samples:
        sample.gt_instance_labels.keypoint_weights[:, 4] = 0
    targets = HandTargets.from_data_samples(samples)
    hands = model.head((torch.zeros(2, 64, 2, 2),))
    joints = hands.keypoints_2d.detach().requires_grad_()
    losses = model.head.losses(
        replace(hands, keypoints_2d=joints), targets, Stage.SINGLE
    )
    losses['loss_kpt_single'].backward()
    moved = joints.grad.abs().sum((0, 2)) > 0
    assert moved.sum() == 20 and not moved[4]


def test_leaving_out_weights_is_said(logged):
    init_default_scope('mmpose')
    config = model_config((SIZE, SIZE))
    config['head']['loss_keypoint'] = dict(type='L1Loss', use_target_weight=False)
    model = build_model(config)
    assert not model.head.losses.keypoint.use_target_weight
    assert any('use_target_weight=False' in line for line in logged)
