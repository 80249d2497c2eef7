"""The robust loss of 2D joints against its closed forms."""

import math

import pytest
import torch
from mmpose.registry import MODELS

SCALE = 0.1


def build(**options):
    return MODELS.build(dict(type='RobustKeypointLoss', scale=SCALE, **options))


def at(distance, **options):
    """The loss of one joint at that distance from its label."""
    output = torch.tensor([[[0.6, 0.8]]], dtype=torch.float64) * distance
    return build(use_target_weight=False, **options)(output, torch.zeros_like(output))


@pytest.mark.parametrize('distance', [0.0, 0.03, 0.1, 2.0])
@pytest.mark.parametrize(
    'alpha, form',
    [
        (2, lambda x: x**2 / 2),
        (1, lambda x: math.sqrt(x**2 + 1) - 1),
        (0, lambda x: math.log(x**2 / 2 + 1)),
        (-2, lambda x: 2 * x**2 / (x**2 + 4)),
    ],
)
def test_named_losses(alpha, form, distance):
    expected = 3 * SCALE * form(distance / SCALE)
    assert at(distance, alpha=alpha, loss_weight=3.0).item() == pytest.approx(expected)


def test_default_is_the_cauchy_loss_and_near_alphas_are_near_it():
    assert at(0.3).item() == at(0.3, alpha=0).item()
    for alpha in (-1e-4, 1e-4):
        assert at(0.3, alpha=alpha).item() == pytest.approx(at(0.3).item(), rel=1e-3)


@pytest.mark.parametrize('alpha', [1, 0, -2])
def test_slope_is_at_most_1_and_falls_for_far_labels(alpha):
    distances = torch.linspace(0, 3, 301, dtype=torch.float64, requires_grad=True)
    joints = torch.stack([distances, torch.zeros_like(distances)], -1)[:, None]
    loss = build(alpha=alpha, use_target_weight=False)(joints, torch.zeros_like(joints))
    (slope,) = torch.autograd.grad(loss * len(distances), distances)
    assert slope[0] == 0 and slope.max() <= 1
    if alpha < 1:
        peak = int(slope.argmax())
        assert 0 < peak < 20 and (slope[peak:].diff() < 0).all()
        assert slope[-1] < 0.1 * slope.max()


@pytest.mark.parametrize('alpha', [2, 1, 0, -2])
def test_gradient(alpha):
    generator = torch.Generator().manual_seed(0)
    joints, labels = torch.randn(
        2, 2, 5, 2, dtype=torch.float64, generator=generator
    ).unbind(0)
    labels[0, 0] = joints[0, 0]  # one that fits
    weights = torch.rand(2, 5, dtype=torch.float64, generator=generator)
    loss = build(alpha=alpha)
    joints.requires_grad_()
    assert torch.autograd.gradcheck(lambda x: loss(x, labels, weights), joints)


def test_joints_count_by_the_confidence_of_their_labels():
    generator = torch.Generator().manual_seed(0)
    joints, labels = torch.randn(2, 3, 4, 2, generator=generator).unbind(0)
    weights = torch.rand(3, 4, generator=generator)
    single = build(use_target_weight=False)
    expected = [
        weights[n, k]
        * single(joints[n : n + 1, k : k + 1], labels[n : n + 1, k : k + 1])
        for n in range(3)
        for k in range(4)
    ]
    loss = build()(joints, labels, weights)
    torch.testing.assert_close(loss, torch.stack(expected).mean())
    with pytest.raises(ValueError, match='use_target_weight=False'):
        build()(joints, labels)


def test_far_labels_do_not_move_the_best_place():
    """19 labels around one place, and one far away: least squares goes astray."""
    generator = torch.Generator().manual_seed(0)
    labels = 0.02 * torch.randn(20, 1, 2, generator=generator)
    labels[0] = 1.5

    def best(alpha):
        place = torch.zeros(1, 1, 2, requires_grad=True)
        loss = build(alpha=alpha, use_target_weight=False)
        optimizer = torch.optim.LBFGS([place], line_search_fn='strong_wolfe')

        def closure():
            optimizer.zero_grad()
            value = loss(place.expand_as(labels), labels)
            value.backward()
            return value

        optimizer.step(closure)
        return (place.detach() - labels[1:].mean(0)).norm().item()

    assert best(2) > 0.1 and best(0) < 0.02 and best(-2) < 0.005


@pytest.mark.parametrize('wrong', [dict(alpha=2.5), dict(scale=0.0)])
def test_what_is_no_robust_loss_is_refused(wrong):
    (name,) = wrong
    with pytest.raises(ValueError, match=name):
        MODELS.build(dict(type='RobustKeypointLoss', **wrong))
