"""The losses are one function of tensors: PyTorch compiles it without a break."""

import numpy as np
import pytest
import torch
from small_networks import build_model, model_config
from view_batches import SIZE, make_inputs, make_samples

from hamuco_mm.structures import HandTargets

VIEW_LOSSES = {
    'loss_consistency_2d': 'ViewConsistency2DLoss',
    'loss_consistency_fusion': 'FusedPointsLoss',
    'loss_distill': 'FusedPointsLoss',
}
WARM_UP, WITH_C2D = (), ('loss_consistency_2d', 'loss_distill')
WITH_CF, ALL = ('loss_consistency_fusion', 'loss_distill'), tuple(VIEW_LOSSES)
FULL, RAGGED = (3, 3), (3, 1)
CALIBRATED, UNKNOWN, MIXED = 'calibrated', 'not calibrated', 'some calibrated'


def network(random_view_mask=False, uncertain=False, temporal_layer=None, **changes):
    config = model_config((SIZE, SIZE), weigh_views=uncertain, **changes)
    config['view_neck'].update(
        random_view_mask=random_view_mask, temporal_layer=temporal_layer
    )
    for name in ('head', 'view_head'):
        config[name]['loss_keypoint_cam'] = dict(type='L1Loss')
        config[name]['loss_vertex'] = dict(type='L1Loss')
        if uncertain:
            config[name]['with_uncertainty'] = True
            config[name]['loss_keypoint'] = dict(type='LaplaceKeypointLoss')
    config.update({name: dict(type=kind) for name, kind in VIEW_LOSSES.items()})
    return build_model(config).train()


def targets(sizes, cameras, in_window=False):
    samples = make_samples(sizes, calibrated=cameras != UNKNOWN)
    if in_window:
        for sample in samples:
            step = int(sample.frame_id[-1])
            sample.set_metainfo(dict(frame_index=step, num_frames=len(sizes)))
    if cameras == MIXED:
        samples[-sizes[-1] :] = make_samples(sizes, calibrated=False)[-sizes[-1] :]
    rng = np.random.default_rng(0)
    for sample in samples[1:]:  # one without 3D labels
        for name, number in (('keypoints_cam_labels', 21), ('vertices_labels', 778)):
            label = rng.normal(0, 0.1, (1, number, 3)).astype(np.float32)
            sample.gt_instance_labels.set_field(torch.from_numpy(label), name)
    return HandTargets.from_data_samples(samples)


def gradients(model, losses):
    model.zero_grad()
    sum(loss for name, loss in losses.items() if name.startswith('loss')).backward()
    return {
        name: parameter.grad
        for name, parameter in model.named_parameters()
        if parameter.grad is not None
    }


def assert_compiles_to_the_same(model, sizes, cameras, phase, in_window=False):
    torch.compiler.reset()
    batch = make_inputs(sizes), targets(sizes, cameras, in_window)
    factors = {name: torch.tensor(0.5) for name in phase}
    compiled = torch.compile(
        model.loss_from_targets, fullgraph=True, backend='aot_eager'
    )
    results = []
    for function in (model.loss_from_targets, compiled):
        torch.manual_seed(0)  # of the views that are hidden
        losses = function(*batch, factors)
        results.append((losses, gradients(model, losses)))
    (eager, eager_gradients), (whole, whole_gradients) = results
    assert set(phase) < set(eager)
    torch.testing.assert_close(whole, eager, rtol=1e-4, atol=1e-6)
    assert eager_gradients.keys() == whole_gradients.keys()
    largest = max(gradient.abs().max() for gradient in eager_gradients.values())
    for name, gradient in eager_gradients.items():
        difference = (whole_gradients[name] - gradient).abs().max()
        assert difference <= 1e-4 * largest, name


@pytest.fixture(scope='module')
def model():
    return network()


def test_a_full_calibrated_batch(model):
    assert_compiles_to_the_same(model, FULL, CALIBRATED, WITH_C2D)


@pytest.mark.slow
@pytest.mark.parametrize(
    'sizes, cameras, phase',
    [
        (FULL, CALIBRATED, WARM_UP),
        (FULL, CALIBRATED, WITH_CF),
        (RAGGED, CALIBRATED, ALL),
        (FULL, UNKNOWN, ALL),
        (RAGGED, UNKNOWN, WITH_C2D),
        (RAGGED, MIXED, WITH_CF),
        (FULL, MIXED, WITH_C2D),
        (RAGGED, UNKNOWN, WARM_UP),
    ],
)
def test_every_kind_of_batch(model, sizes, cameras, phase):
    assert_compiles_to_the_same(model, sizes, cameras, phase)


@pytest.mark.slow
@pytest.mark.parametrize('sizes', [FULL, RAGGED])
def test_with_hidden_views(sizes):
    model = network(random_view_mask=True)
    assert_compiles_to_the_same(model, sizes, CALIBRATED, ALL)


@pytest.mark.slow
@pytest.mark.parametrize('sizes', [FULL, RAGGED])
def test_with_views_that_are_weighed(sizes):
    assert_compiles_to_the_same(network(uncertain=True), sizes, CALIBRATED, ALL)


@pytest.mark.slow
@pytest.mark.parametrize('sizes', [FULL, RAGGED])
def test_with_labels_that_are_replaced_and_features(sizes):
    model = network(
        relabelling=dict(type='FusedRelabelling'),
        loss_distill_features=dict(type='FeatureDistillLoss'),
    )
    assert_compiles_to_the_same(
        model, sizes, CALIBRATED, (*ALL, 'loss_distill_features')
    )


@pytest.mark.slow
@pytest.mark.parametrize('sizes', [FULL, RAGGED])
def test_with_time_steps_that_see_each_other(sizes):
    model = network(temporal_layer=dict(type='FrameAttention'))
    torch.nn.init.normal_(model.view_neck.temporal.merge.weight, std=0.3)
    assert_compiles_to_the_same(model, sizes, CALIBRATED, ALL, in_window=True)


@pytest.mark.slow
@pytest.mark.parametrize('sizes', [FULL, RAGGED])
def test_with_a_teacher(sizes):
    model = network()
    model.set_teacher(network())
    assert_compiles_to_the_same(model, sizes, CALIBRATED, ALL)
