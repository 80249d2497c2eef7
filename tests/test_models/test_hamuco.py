import copy

import numpy as np
import pytest
import torch
from mmengine.model import BaseModel
from mmpose.registry import MODELS
from mmpose.structures.bbox import get_warp_matrix
from view_batches import SIZE, make_inputs, make_samples

from hamuco_mm.hand_model import PARAMETER_SIZES
from hamuco_mm.models import HaMuCo
from hamuco_mm.models.prediction import square_to_image
from hamuco_mm.structures import HandTargets, ViewFrames

VIEW_LOSSES = ('loss_consistency_2d', 'loss_consistency_fusion', 'loss_distill')


def build(config):
    model = MODELS.build(config)
    # away from the mean hand, where views would agree by construction
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.startswith(('head', 'view')):
                parameter.add_(torch.randn_like(parameter), alpha=0.05)
    return model


def fields(samples, name):
    return np.concatenate([s.pred_instances.get(name) for s in samples])


PREDICTIONS = [
    name + suffix
    for suffix in ('', '_interact', '_fused')
    for name in ('keypoints', 'keypoints_cam', 'vertices')
]
PARAMETERS = [name + suffix for suffix in ('', '_interact') for name in PARAMETER_SIZES]


def predict(model, inputs, samples):
    model.eval()
    with torch.no_grad():
        return model.predict(inputs, copy.deepcopy(samples))


@pytest.mark.parametrize('calibrated', [True, False])
@pytest.mark.parametrize('sizes', [(1,), (3, 1, 2), (4, 4)])
def test_predicts_any_number_of_views(config, sizes, calibrated):
    samples = make_samples(sizes, calibrated)
    results = predict(build(config), make_inputs(sizes), samples)
    number = sum(sizes)
    for name in PREDICTIONS:
        points = fields(results, name)
        assert np.isfinite(points).all()
        expected = 778 if 'vertices' in name else 21
        assert points.shape[:2] == (number, expected)
        if 'keypoints_cam' in name:
            np.testing.assert_allclose(points[:, 9], 0, atol=1e-6)
    assert fields(results, 'keypoint_scores').shape == (number, 21)


@pytest.mark.parametrize('calibrated', [True, False])
def test_permuting_the_views_permutes_the_predictions(config, calibrated):
    model, samples = build(config), make_samples([4], calibrated)
    inputs, order = make_inputs([4]), [2, 0, 3, 1]
    expected = predict(model, inputs, samples)
    permuted = [copy.deepcopy(samples[row]) for row in order]
    for index, sample in enumerate(permuted):
        sample.set_metainfo(dict(view_index=index))
    results = predict(model, inputs[order], permuted)
    for name in PREDICTIONS:
        np.testing.assert_allclose(
            fields(results, name), fields(expected, name)[order], atol=2e-4
        )


def test_time_steps_do_not_touch_each_other(config):
    """A batch of 3, 1 and 2 views, where smaller groups are masked, gives
    what each time step gives by itself: a masked view is an absent one."""
    model, sizes = build(config), (3, 1, 2)
    samples, inputs = make_samples(sizes), make_inputs(sizes)
    together = predict(model, inputs, samples)
    start = 0
    for size in sizes:
        rows = slice(start, start + size)
        alone = predict(model, inputs[rows], samples[rows])
        for name in PREDICTIONS:
            np.testing.assert_allclose(
                fields(alone, name), fields(together[rows], name), atol=2e-4
            )
        start += size


def test_views_inform_each_other(config):
    model, samples = build(config), make_samples([3])
    inputs = make_inputs([3])
    changed = inputs.clone()
    changed[2] += 1
    first, second = (predict(model, x, samples) for x in (inputs, changed))
    for name, touched in (
        ('keypoints_cam', False),
        ('keypoints_cam_interact', True),
        ('keypoints_cam_fused', True),
    ):
        same = np.allclose(fields(first, name)[0], fields(second, name)[0])
        assert same != touched, name


def test_predictions_undo_the_crop(config):
    """Orthographic predictions, scaled to pixels, must lie on the 2D ones in
    the original image whatever the crop's rotation."""
    samples = make_samples([3])
    for name in ('', '_interact', '_fused'):
        results = predict(build(config), make_inputs([3]), samples)
        for result in results:
            pixels = result.pred_instances.get('keypoints' + name)[0]
            joints = result.pred_instances.get('keypoints_cam' + name)[0]
            pixels, joints = pixels - pixels[9], joints[:, :2]
            scale = (pixels * joints).sum() / (joints**2).sum()
            assert scale > 0
            np.testing.assert_allclose(pixels, scale * joints, atol=2e-3)


def test_keypoints_return_through_mmposes_warp(config):
    sample = make_samples([1])[0]
    meta = sample.metainfo
    model = build(config).eval()
    inputs = make_inputs([1])
    with torch.no_grad():
        crop = model.head(model.extract_feat(inputs)).keypoints_2d[0]
        result = model.predict(inputs, [sample])[0]
    warp = get_warp_matrix(
        meta['input_center'],
        meta['input_scale'],
        float(meta['bbox_rotation'][0]),
        output_size=(SIZE, SIZE),
    )
    keypoints = result.pred_instances.keypoints[0]
    in_crop = np.c_[keypoints, np.ones(21)] @ warp.T
    np.testing.assert_allclose(in_crop, (crop.numpy() + 1) * SIZE / 2, atol=1e-3)


@pytest.mark.parametrize('sizes', [(1, 1), (2, 3), (4,)])
@pytest.mark.parametrize('on', [(), VIEW_LOSSES[:1], VIEW_LOSSES[1:]])
def test_every_parameter_gets_a_gradient_in_every_phase(config, sizes, on):
    model = build(config).train()
    model.loss_factors = {name: float(name in on) for name in VIEW_LOSSES}
    losses = model.loss(make_inputs(sizes), make_samples(sizes))
    assert {name for name in losses if name in VIEW_LOSSES} == set(on)
    model.parse_losses(losses)[0].backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.isfinite().all(), name


def test_factor_scales_a_loss(config):
    model, samples = build(config), make_samples([3])
    full = model.loss(make_inputs([3]), samples)
    model.loss_factors = dict(model.loss_factors, loss_distill=0.25)
    quarter = model.loss(make_inputs([3]), samples)
    assert quarter['loss_distill'].item() == pytest.approx(
        0.25 * full['loss_distill'].item()
    )


def test_all_confidences_zero_is_finite(config):
    samples = make_samples([2, 1])
    for sample in samples:
        sample.gt_instance_labels.keypoint_weights.zero_()
    model = build(config)
    losses = model.loss(make_inputs([2, 1]), samples)
    assert losses['loss_kpt_single'] == 0
    model.parse_losses(losses)[0].backward()
    assert all(p.grad.isfinite().all() for p in model.parameters())


def test_distillation_teaches_the_single_view_alone(config):
    model = build(config)
    loss = model.loss(make_inputs([3]), make_samples([3]))['loss_distill']
    loss.backward()
    assert model.head.pose[-1].weight.grad.abs().sum() > 0
    assert all(p.grad is None for p in model.view_head.parameters())


ABLATIONS = {
    'G1': dict(view_neck=dict(location_channels=0)),
    'G2': dict(view_neck=dict(global_channels=0)),
    'G3': dict(view_neck=dict(local_channels=0)),
    'VSF': dict(view_neck=dict(with_shared_feature=False)),
    'CVA': dict(view_neck=dict(with_attention=False)),
    'DCVI': dict(view_neck=None, view_head=None),
    'Lc2D': dict(loss_consistency_2d=None),
    'Lcf': dict(loss_consistency_fusion=None),
    'Lc': dict(loss_consistency_2d=None, loss_consistency_fusion=None),
    'Ld': dict(loss_distill=None),
    'random views': dict(view_neck=dict(random_view_mask=True)),
    'residual': dict(view_head=dict(residual=True)),
    'uncalibrated': dict(use_extrinsics=False),
}


@pytest.mark.parametrize('part', ABLATIONS)
def test_every_part_can_be_switched_off(config, part):
    for key, change in ABLATIONS[part].items():
        if isinstance(change, dict):
            config[key].update(change)
        else:
            config[key] = change
    if config['view_neck'] is not None:
        config['view_head']['in_channels'] = sum(
            config['view_neck'][f'{name}_channels']
            for name in ('location', 'global', 'local')
        )
    model = build(config)
    losses = model.loss(make_inputs([3, 2]), make_samples([3, 2]))
    for name in VIEW_LOSSES:
        assert (name in losses) == (config.get(name) is not None)
    model.parse_losses(losses)[0].backward()
    assert all(p.grad is not None for p in model.parameters())
    results = predict(model, make_inputs([3, 2]), make_samples([3, 2]))
    pred = results[0].pred_instances
    assert 'vertices_fused' in pred
    assert ('vertices_interact' in pred) == (part != 'DCVI')


def test_supervised_labels_are_used_where_they_are(config):
    config['head']['loss_keypoint_cam'] = dict(type='L1Loss')
    config['head']['loss_vertex'] = dict(type='L1Loss')
    model, samples = build(config), make_samples([2])
    inputs = make_inputs([2])
    without = model.loss(inputs, samples)
    assert without['loss_kpt_cam_single'] == 0
    estimate = model.head(model.extract_feat(inputs))
    labels = samples[1].gt_instance_labels
    labels.keypoints_cam_labels = estimate.mesh.joints[1:].detach() + 0.02
    losses = model.loss(inputs, samples)
    assert losses['loss_kpt_cam_single'].item() == pytest.approx(0.1, abs=1e-4)
    assert losses['loss_vertex_single'] == 0


def test_3d_labels_of_some_rows_are_a_mean_over_these(config):
    config['head']['loss_keypoint_cam'] = dict(type='L1Loss')
    model, samples = build(config), make_samples([4])
    inputs = make_inputs([4])
    joints = model.head(model.extract_feat(inputs)).mesh.joints.detach()
    for row, offset in ((1, 0.02), (2, 0.06)):
        labels = samples[row].gt_instance_labels
        labels.keypoints_cam_labels = joints[row : row + 1] + offset
    losses = model.loss(inputs, samples)
    # in units of 0.2 m
    assert losses['loss_kpt_cam_single'].item() == pytest.approx(0.2, abs=1e-4)
    gradient = torch.autograd.grad(
        losses['loss_kpt_cam_single'], model.head.pose[-1].weight
    )[0]
    rows = [1, 2]
    alone = model.head(model.extract_feat(inputs)).mesh.joints[rows]
    target = torch.cat(
        [samples[row].gt_instance_labels.keypoints_cam_labels for row in rows]
    )
    expected = torch.autograd.grad(
        (alone - target).abs().mean() / 0.2, model.head.pose[-1].weight
    )[0]
    torch.testing.assert_close(gradient, expected, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(
    'preprocessor', ('PoseDataPreprocessor', 'HandDataPreprocessor')
)
@pytest.mark.parametrize('estimator', ('HaMuCo', 'TopdownPoseEstimator'))
def test_losses_are_the_same_behind_both_preprocessors(config, estimator, preprocessor):
    """MMPose's gives a list of samples, ours what it has stacked of them."""
    if estimator == 'TopdownPoseEstimator':
        config = dict(type=estimator, backbone=config['backbone'], head=config['head'])
    model, samples = build(config), make_samples([2, 1])
    images = make_inputs([2, 1])
    expected = model.loss(images, samples)
    prepare = MODELS.build(dict(type=preprocessor, mean=[0.0] * 3, std=[1.0] * 3))
    batch = prepare(dict(inputs=images, data_samples=samples), training=True)
    torch.testing.assert_close(model(**batch, mode='loss'), expected)


def test_losses_are_a_function_of_tensors(config):
    model, samples = build(config), make_samples([3, 1])
    inputs = make_inputs([3, 1])
    targets = HandTargets.from_data_samples(samples)
    torch.testing.assert_close(
        model.loss_from_targets(inputs, targets), model.loss(inputs, samples)
    )


def test_a_subclass_has_losses_of_its_own(config):
    class Spread(torch.nn.Module):
        def forward(self, points, mask):
            return points.var(1).mean() + 0 * mask.sum()

    class Unprepared(HaMuCo):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.view_losses['loss_mine'] = Spread()
            self.loss_factors['loss_mine'] = 0.5

    class Own(Unprepared):
        def view_loss_arguments(self, names, result, groups, points, alignment, taught):
            arguments = super().view_loss_arguments(
                names, result, groups, points, alignment, taught
            )
            return dict(arguments, loss_mine=(points, groups.mask))

    settings = {key: value for key, value in config.items() if key != 'type'}
    batch = make_inputs([2, 1]), make_samples([2, 1])
    losses = Own(**settings).loss(*batch)
    assert losses['loss_mine'] > 0 and set(VIEW_LOSSES) <= set(losses)
    with pytest.raises(ValueError, match="view_losses\\['loss_mine'\\].*override"):
        Unprepared(**settings).loss(*batch)


@pytest.mark.parametrize('more', ['none', 'vector', 'list'])
def test_losses_are_summed_as_mmengine_does(config, more):
    model = build(config)
    losses = model.loss(make_inputs([2, 1]), make_samples([2, 1]))
    if more == 'vector':
        losses['loss_more'] = torch.arange(6.0).reshape(2, 3)
    if more == 'list':
        losses['loss_more'] = [torch.arange(6.0), torch.tensor(3.0)]
    total, logged = model.parse_losses(losses)
    expected, expected_logged = BaseModel.parse_losses(model, losses)
    torch.testing.assert_close(total, expected)
    torch.testing.assert_close(logged, dict(expected_logged))
    assert list(logged) == list(expected_logged)


def test_a_loss_that_is_none_is_named(config):
    with pytest.raises(TypeError, match='loss_more should be a tensor'):
        build(config).parse_losses(dict(loss_kpt=torch.ones(()), loss_more=1.0))


def test_what_only_the_log_needs_can_be_left_out(config):
    model = build(config)
    batch = make_inputs([2]), make_samples([2])
    with_all = model.loss(*batch)
    model.with_finger_spread = False
    assert with_all.keys() - model.loss(*batch).keys() == {
        'finger_spread_single',
        'finger_spread_interact',
    }


def test_missing_2d_labels_are_named(config):
    samples = make_samples([2])
    for sample in samples:
        del sample.gt_instance_labels.keypoint_labels
    with pytest.raises(ValueError, match='keypoint_labels.*GenerateTarget'):
        build(config).loss(make_inputs([2]), samples)


def test_single_view_checkpoint_for_a_plain_topdown_estimator(config):
    """The deployed estimator needs no multi-view code."""
    trained, samples = build(config), make_samples([1], calibrated=False)
    samples[0].set_metainfo(dict(bbox_rotation=np.array([0.0])))
    samples[0].gt_instances = samples[0].gt_instance_labels.new(
        bboxes=np.zeros((1, 4)), bbox_scores=np.ones(1)
    )
    plain = MODELS.build(
        dict(
            type='TopdownPoseEstimator',
            backbone=config['backbone'],
            head=config['head'],
        )
    )
    missing, unexpected = plain.load_state_dict(trained.state_dict(), strict=False)
    assert not missing
    assert all(key.startswith('view_') for key in unexpected)
    inputs = make_inputs([1])
    expected = predict(trained, inputs, samples)
    result = predict(plain, inputs, samples)
    for name in ('keypoints', 'keypoints_cam', 'vertices'):
        np.testing.assert_allclose(
            fields(result, name), fields(expected, name), atol=1e-4
        )


def test_checkpoint_carries_no_hand_model(config):
    state = build(config).state_dict()
    assert not [
        key for key in state if 'hand_decoder' in key or state[key].shape[:1] == (778,)
    ]


def test_first_output_is_the_mean_hand_that_fills_the_crop(config):
    model = MODELS.build(config)
    model.init_weights()
    model.eval()
    with torch.no_grad():
        estimate = model.head(model.extract_feat(make_inputs([4])))
    decoder = model.head.hand_decoder
    mean = decoder.hand(decoder.mean_rotations[None], torch.zeros(1, 10))
    error = estimate.mesh.joints - mean.root_relative().joints
    assert error.norm(dim=-1).mean() < 5e-3
    extent = (estimate.keypoints_2d.amax(1) - estimate.keypoints_2d.amin(1)).amax(1)
    assert ((extent > 0.8) & (extent < 2)).all()


@pytest.mark.parametrize(
    'change, message',
    [
        (dict(view_head=None), 'belong together'),
        (dict(view_neck=dict(in_channels=(8, 16, 32, 99))), 'in_channels'),
    ],
)
def test_wrong_configs_are_explained(config, change, message):
    for key, value in change.items():
        if isinstance(value, dict):
            config[key].update(value)
        else:
            config[key] = value
    with pytest.raises(ValueError, match=message):
        model = MODELS.build(config)
        model.loss(make_inputs([2]), make_samples([2]))


BACKBONES = {
    'resnet': (
        dict(type='ResNet', depth=18, out_indices=(0, 1, 2, 3)),
        (64, 128, 256, 512),
    ),
    'hrnet': (
        dict(
            type='HRNet',
            in_channels=3,
            extra=dict(
                stage1=dict(
                    num_modules=1,
                    num_branches=1,
                    block='BOTTLENECK',
                    num_blocks=(1,),
                    num_channels=(64,),
                ),
                stage2=dict(
                    num_modules=1,
                    num_branches=2,
                    block='BASIC',
                    num_blocks=(1, 1),
                    num_channels=(16, 32),
                ),
                stage3=dict(
                    num_modules=1,
                    num_branches=3,
                    block='BASIC',
                    num_blocks=(1, 1, 1),
                    num_channels=(16, 32, 64),
                ),
                stage4=dict(
                    num_modules=1,
                    num_branches=4,
                    block='BASIC',
                    num_blocks=(1, 1, 1, 1),
                    num_channels=(16, 32, 64, 128),
                    multiscale_output=True,
                ),
            ),
        ),
        (16, 32, 64, 128),
    ),
    'mobilenet_v2': (
        dict(type='MobileNetV2', out_indices=(1, 2, 4, 7)),
        (24, 32, 96, 1280),
    ),
    'cspnext': (
        dict(
            type='CSPNeXt',
            arch='P5',
            deepen_factor=0.167,
            widen_factor=0.375,
            expand_ratio=0.5,
            out_indices=(1, 2, 3, 4),
            channel_attention=True,
            norm_cfg=dict(type='BN'),
        ),
        (48, 96, 192, 384),
    ),
    'swin': (
        dict(
            type='SwinTransformer',
            embed_dims=24,
            depths=[1, 1, 1, 1],
            num_heads=[1, 2, 4, 8],
            window_size=4,
            out_indices=(0, 1, 2, 3),
        ),
        (24, 48, 96, 192),
    ),
}


@pytest.mark.parametrize('name', BACKBONES)
def test_channels_follow_from_the_backbone(config, name):
    """With the weights that a network has whose channels are given."""
    config['backbone'], channels = BACKBONES[name]
    config['head']['in_channels'] = channels[-1]
    config['view_neck']['in_channels'] = channels
    torch.manual_seed(0)
    given = MODELS.build(config)
    for part in ('head', 'view_neck', 'view_head'):
        del config[part]['in_channels']
    torch.manual_seed(0)
    found = MODELS.build(config)
    assert found.view_neck.in_channels == channels
    torch.testing.assert_close(
        dict(found.state_dict()), dict(given.state_dict()), rtol=0, atol=0
    )


def test_a_single_view_estimator_has_to_be_told_its_channels(config):
    estimator = dict(
        type='TopdownPoseEstimator',
        backbone=config['backbone'],
        head=dict(config['head'], in_channels=32),
    )
    model = MODELS.build(estimator)
    with pytest.raises(ValueError, match=r'head.in_channels=32.* 64 channels'):
        model(torch.zeros(1, 3, 64, 64), None)


@pytest.mark.parametrize('name', BACKBONES)
def test_backbones_of_mmpose_mix_in(config, name):
    config['backbone'], channels = BACKBONES[name]
    config['head']['in_channels'] = channels[-1]
    config['view_neck']['in_channels'] = channels
    model = MODELS.build(config)
    model.init_weights()
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-3)
    before = [p.detach().clone() for p in model.parameters()]
    losses = model.loss(make_inputs([2, 1]), make_samples([2, 1]))
    model.parse_losses(losses)[0].backward()
    optimizer.step()
    moved = [not torch.equal(a, b) for a, b in zip(before, model.parameters())]
    assert np.mean(moved) > 0.5
    results = predict(model, make_inputs([2, 1]), make_samples([2, 1]))
    assert np.isfinite(fields(results, 'vertices_fused')).all()


def test_bfloat16_autocast_keeps_geometry_in_float32(config):
    model, samples = build(config), make_samples([3])
    exact = model.loss(make_inputs([3]), samples)
    with torch.autocast('cpu', torch.bfloat16):
        losses = model.loss(make_inputs([3]), samples)
    for name in VIEW_LOSSES:
        assert losses[name].dtype == torch.float32
        assert losses[name].item() == pytest.approx(exact[name].item(), rel=0.2)


def test_prediction_under_bfloat16_autocast(config):
    model, samples = build(config), make_samples([3, 1])
    exact = predict(model, make_inputs([3, 1]), samples)
    with torch.autocast('cpu', torch.bfloat16):
        rounded = predict(model, make_inputs([3, 1]), samples)
    for name in PREDICTIONS:
        expected, found = fields(exact, name), fields(rounded, name)
        assert found.dtype == expected.dtype and (found != expected).any()
        assert abs(found - expected).max() < 0.1 * np.ptp(expected)


def test_collapsed_fingers_have_no_spread(config):
    model, samples = build(config), make_samples([4])
    varied = model.loss(make_inputs([4]), samples)['finger_spread_single']
    with torch.no_grad():
        model.head.pose[-1].weight.zero_()
    same = model.loss(make_inputs([4]), samples)['finger_spread_single']
    assert varied > 0.1 > 1e-3 > same


def test_samples_share_the_arrays_of_their_batch(config):
    """Nothing is copied sample by sample after the one copy from the device."""
    results = predict(build(config), make_inputs([2, 1]), make_samples([2, 1]))
    for name in PREDICTIONS:
        whole = results[0].pred_instances.get(name).base
        for result in results:
            assert np.shares_memory(whole, result.pred_instances.get(name)), name


def test_predictions_are_a_function_of_tensors(config):
    model, inputs = build(config).eval(), make_inputs([2, 2])
    samples = make_samples([2, 2])
    frames = ViewFrames.from_data_samples(samples)
    with torch.no_grad():
        hands = model.predict_from_frames(
            inputs, frames, torch.from_numpy(square_to_image(samples))
        )
    assert [str(stage) for stage in model.stages] == ['single', 'interact', 'fusion']
    arrays = hands.arrays(model.stages)
    results = predict(model, inputs, samples)
    assert set(arrays) == {*PREDICTIONS, *PARAMETERS}
    for name, values in arrays.items():
        np.testing.assert_array_equal(values, fields(results, name))
