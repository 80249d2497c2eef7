"""Joints that say how far off they are: the loss, the network, the fusion."""

import copy
import math
from dataclasses import fields, replace

import pytest
import torch
from mmengine.structures import InstanceData
from mmpose.registry import MODELS
from view_batches import make_inputs, make_samples

from hamuco_mm.models.estimators import MultiViewEstimate
from hamuco_mm.structures import HandTargets, ViewFrames

LAPLACE = dict(type='LaplaceKeypointLoss')


def laplace(**options):
    return MODELS.build(dict(LAPLACE, **options))


def labelled(seed=0):
    """Joints, labels, confidences and scales of 3 hands with 4 joints."""
    generator = torch.Generator().manual_seed(seed)
    joints, labels = torch.randn(
        2, 3, 4, 2, dtype=torch.float64, generator=generator
    ).unbind(0)
    weights, scales = torch.rand(
        2, 3, 4, dtype=torch.float64, generator=generator
    ).unbind(0)
    return joints.requires_grad_(), labels, weights, (scales + 0.1).requires_grad_()


def likelihood(joints, labels, weights, scales):
    """Of independent coordinates, per coordinate."""
    distribution = torch.distributions.Laplace(
        joints, scales[..., None].expand(3, 4, 2)
    )
    return -(distribution.log_prob(labels) * weights[..., None]).mean()


def gradients(loss, given):
    return torch.autograd.grad(loss, (given[0], given[3]))


def test_gradients_are_those_of_the_likelihood_but_for_a_factor_of_the_joints():
    given = labelled()
    of_joints, of_scales = gradients(laplace()(*given), given)
    expected_joints, expected_scales = gradients(likelihood(*given), given)
    torch.testing.assert_close(of_scales, expected_scales)
    factor = of_joints / expected_joints
    torch.testing.assert_close(factor, factor[0, 0, 0].expand_as(factor))


@pytest.mark.parametrize('attenuation', [0.0, 0.5, 1.0])
def test_the_mean_pull_is_that_of_the_l1_loss(attenuation):
    given = labelled()
    of_joints, of_scales = gradients(laplace(attenuation=attenuation)(*given), given)
    joints, labels, weights, scales = given
    l1 = MODELS.build(dict(type='L1Loss', use_target_weight=True))
    (plain,) = torch.autograd.grad(l1(joints, labels, weights), joints)
    torch.testing.assert_close(of_joints.abs().sum(), plain.abs().sum())
    if attenuation == 0:
        torch.testing.assert_close(of_joints, plain)
    pull = (of_joints / plain)[..., 0] * scales.detach() ** attenuation
    torch.testing.assert_close(pull, pull[0, 0].expand_as(pull))
    torch.testing.assert_close(of_scales, gradients(likelihood(*given), given)[1])


def test_the_best_scale_is_the_mean_error():
    joints, labels, weights, _ = labelled()
    scale = torch.tensor(0.7, dtype=torch.float64, requires_grad=True)
    loss = laplace(use_target_weight=False)
    best = (joints - labels).abs().mean().detach()
    for value, sign in ((0.9 * best, -1), (best, 0), (1.1 * best, 1)):
        scale.data.copy_(value)
        (slope,) = torch.autograd.grad(
            loss(joints, labels, None, scale.expand(3, 4)), scale
        )
        assert slope.sign() == sign or abs(slope) < 1e-9
    assert loss(joints, labels, None, best.expand(3, 4)).item() == pytest.approx(
        best.item() + 1 + math.log(2 * best), rel=1e-6
    )


def test_labels_without_confidence_do_not_count():
    joints, labels, weights, scales = labelled()
    weights[1, 2] = 0
    changed = labels.clone()
    changed[1, 2] = 9
    loss = laplace(loss_weight=2.0)
    assert loss(joints, labels, weights, scales) == loss(
        joints, changed, weights, scales
    )
    nothing = torch.zeros_like(weights)
    for gradient in gradients(
        loss(joints, labels, nothing, scales), [joints, 0, 0, scales]
    ):
        assert not gradient.any()
    with pytest.raises(ValueError, match='use_target_weight=False'):
        loss(joints, labels, None, scales)


@pytest.fixture
def uncertain(config):
    """The small network, whose joints say how far off they are."""
    for head in ('head', 'view_head'):
        config[head].update(with_uncertainty=True, loss_keypoint=LAPLACE)
    return config


def build(config):
    model = MODELS.build(config)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.startswith(('head', 'view')):
                parameter.add_(torch.randn_like(parameter), alpha=0.05)
    return model


def estimated(model, inputs, samples):
    """What :meth:`HaMuCo.fuse` gives, with the pass before it."""
    model.eval()
    frames = ViewFrames.from_data_samples(samples)
    with torch.no_grad():
        result = model.estimate(inputs, frames.groups)
        return result, model.fuse(result, frames)


@pytest.mark.parametrize(
    'head, options',
    [
        ('head', dict(with_uncertainty=True)),
        ('head', dict(loss_keypoint=LAPLACE)),
        ('view_head', dict(with_uncertainty=True, loss_keypoint=LAPLACE)),
        (None, dict(weigh_views=True)),
    ],
)
def test_halves_of_the_switch_are_refused(config, head, options):
    (config if head is None else config[head]).update(options)
    with pytest.raises(ValueError, match='with_uncertainty=True'):
        MODELS.build(config)


def test_first_scales_are_the_same_for_all(uncertain):
    model = MODELS.build(uncertain)
    model.init_weights()
    result, _ = estimated(model, make_inputs((2,)), make_samples((2,)))
    for hands in (result.single, result.interact):
        torch.testing.assert_close(
            hands.keypoint_scales, torch.full((2, 21), 0.1), rtol=0.1, atol=0
        )


def test_scales_do_not_change_what_the_hands_are_computed_from(uncertain):
    """Their loss reaches their own layers alone."""
    model = build(uncertain).train()
    frames = ViewFrames.from_data_samples(make_samples((3,)))
    result = model.estimate(make_inputs((3,)), frames.groups)
    (
        result.single.keypoint_scales.sum() + result.interact.keypoint_scales.sum()
    ).backward()
    reached = {n for n, p in model.named_parameters() if p.grad is not None}
    assert reached == {n for n, _ in model.named_parameters() if 'uncertainty' in n}


def test_every_parameter_gets_a_gradient(uncertain):
    model = build(dict(uncertain, weigh_views=True)).train()
    targets = HandTargets.from_data_samples(make_samples((3, 1)))
    losses = model.loss_from_targets(make_inputs((3, 1)), targets)
    model.parse_losses(losses)[0].backward()
    missing = [n for n, p in model.named_parameters() if p.grad is None]
    assert not missing


def test_losses_between_views_do_not_teach_the_weights(uncertain):
    model = build(dict(uncertain, weigh_views=True)).train()
    frames = ViewFrames.from_data_samples(make_samples((3,)))
    result = model.estimate(make_inputs((3,)), frames.groups)
    assert not model.fusion_weights(result.interact).requires_grad
    sum(
        model.loss_between_views(result, frames, model.active_factors).values()
    ).backward()
    for name, parameter in model.named_parameters():
        assert 'uncertainty' not in name or parameter.grad is None


def test_a_doubtful_view_counts_less_in_the_fusion(uncertain):
    """In the end as if it was not there."""
    model = build(dict(uncertain, weigh_views=True)).eval()
    samples, kept = make_samples((4,)), [0, 1, 3]
    frames = ViewFrames.from_data_samples(samples)
    few = ViewFrames.from_data_samples(renumbered(samples, kept))
    with torch.no_grad():
        result = model.estimate(make_inputs((4,)), frames.groups)
        without = MultiViewEstimate(few.groups, rows_of(result.interact, kept), None)
        expected = model.fuse(without, few)

        def difference(factor):
            scales = result.interact.keypoint_scales.clone()
            scales[2] *= factor
            hands = replace(result.interact, keypoint_scales=scales)
            fused = model.fuse(replace(result, interact=hands), frames)
            assert fused.keypoint_scales.isfinite().all()
            return (fused.mesh.vertices[kept] - expected.mesh.vertices).abs().mean()

        assert difference(1000) < 0.01 * difference(1)
        assert difference(2) < difference(1) < difference(0.5)


def rows_of(hands, rows):
    return replace(
        hands,
        mesh=hands.mesh.map(lambda points: points[rows]),
        **{
            field.name: getattr(hands, field.name)[rows]
            for field in fields(hands)
            if field.name != 'mesh'
        },
    )


def test_scales_of_the_fused_hand_are_those_of_a_mean(uncertain):
    """Alike in all views: less by the root of their number, in metres."""
    model = build(uncertain).eval()
    frames = ViewFrames.from_data_samples(make_samples((4, 1)))
    with torch.no_grad():
        result = model.estimate(make_inputs((4, 1)), frames.groups)
        camera = result.interact.camera
        metres = torch.rand(1, 21, generator=torch.Generator().manual_seed(0)) / 100
        hands = replace(result.interact, keypoint_scales=metres * 2 * camera[:, :1])
        fused = model.fuse(replace(result, interact=hands), frames)
        found = fused.keypoint_scales / (2 * camera[:, :1])
    torch.testing.assert_close(found[:4], (metres / 2).expand(4, -1))
    torch.testing.assert_close(found[4:], metres)


def renumbered(samples, rows):
    chosen = [copy.deepcopy(samples[row]) for row in rows]
    for index, sample in enumerate(chosen):
        sample.set_metainfo(dict(view_index=index, num_views=len(rows)))
    return chosen


def test_permuted_and_absent_views(uncertain):
    """Two time steps in one batch, one lacking a view, give what each gives by
    itself; views in another order give the same in that order."""
    model = build(dict(uncertain, weigh_views=True))
    sizes = (3, 2)
    inputs, samples = make_inputs(sizes), make_samples(sizes)
    _, together = estimated(model, inputs, samples)
    _, alone = estimated(model, inputs[3:], samples[3:])
    order = [4, 3]
    _, turned = estimated(model, inputs[order], renumbered(samples, order))
    for of in (lambda x: x.mesh.vertices, lambda x: x.keypoint_scales):
        torch.testing.assert_close(of(together)[3:], of(alone), atol=2e-4, rtol=1e-3)
        torch.testing.assert_close(of(turned), of(alone)[[1, 0]], atol=2e-4, rtol=1e-3)


def test_sigmas_are_predicted_in_pixels_of_the_image(uncertain):
    """Of all stages, each with its factor; a crop of 80 px has halves of 40."""
    model = build(uncertain).eval()
    factors = dict(zip(('', '_interact', '_fused'), (1.0, 2.0, 3.0)))
    for factor, buffer in zip(factors.values(), model.sigma_factors.values()):
        buffer.fill_(factor)
    samples = make_samples((3, 1))
    result, fused = estimated(model, make_inputs((3, 1)), samples)
    with torch.no_grad():
        predictions = model.predict(make_inputs((3, 1)), samples)
    for suffix, hands in zip(factors, (result.single, result.interact, fused)):
        for sample, scales in zip(predictions, hands.keypoint_scales):
            sigmas = sample.pred_instances.get(f'keypoint_sigmas{suffix}')
            expected = 40 * factors[suffix] * scales
            torch.testing.assert_close(torch.from_numpy(sigmas)[0], expected)


def test_factors_of_sigmas_are_in_the_checkpoint(uncertain):
    names = {n for n in build(uncertain).state_dict() if 'sigma_factor' in n}
    assert names == {
        'head.uncertainty.sigma_factor',
        'view_head.uncertainty.sigma_factor',
        'fused_sigma_factor',
    }


def test_first_sigmas_hold_68_percent_of_laplace_errors(uncertain):
    (factor,) = {float(x) for x in build(uncertain).sigma_factors.values()}
    errors = torch.distributions.Laplace(0.0, 1.0).sample((100_000,)).abs()
    assert (errors < factor).float().mean().item() == pytest.approx(0.6827, abs=0.005)


def test_the_single_view_config_predicts_the_same_sigmas(uncertain):
    model = build(uncertain).eval()
    head = dict(uncertain['head'])
    alone = MODELS.build(
        dict(type='TopdownPoseEstimator', backbone=uncertain['backbone'], head=head)
    ).eval()
    alone.load_state_dict(model.state_dict(), strict=False)
    with torch.no_grad():
        sigmas = [
            network.predict(make_inputs((2,)), topdown_samples())[
                0
            ].pred_instances.keypoint_sigmas
            for network in (model, alone)
        ]
    torch.testing.assert_close(*map(torch.from_numpy, sigmas))


def topdown_samples():
    """With what MMPose's estimator asks for."""
    samples = make_samples((2,))
    for sample in samples:
        boxes = torch.zeros(1, 4).numpy()
        sample.gt_instances = InstanceData(bboxes=boxes, bbox_scores=boxes[:, 0])
    return samples


def test_without_the_switch_there_are_no_sigmas(config):
    model = MODELS.build(config).eval()
    (sample,) = model.predict(make_inputs((1,)), make_samples((1,)))
    assert not [name for name in sample.pred_instances.all_keys() if 'sigma' in name]
    assert not [name for name in model.state_dict() if 'sigma' in name]
