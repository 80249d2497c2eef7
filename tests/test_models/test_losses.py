"""Every loss against the formula written out in numpy."""

import numpy as np
import pytest
import torch
from mmpose.registry import MODELS
from scipy.spatial.transform import Rotation

from hamuco_mm.models.view_alignment import ViewAlignment

VIEWS = [3, 2]  # the second time step lacks a view
GRID = torch.tensor([[True, True, True], [True, True, False]])


def setting(seed=0):
    rng = np.random.default_rng(seed)
    points = rng.normal(0, 0.05, (2, 3, 799, 3))
    R = Rotation.random(6, random_state=seed).as_matrix().reshape(2, 3, 3, 3)
    # views see about the same, so that scales stay off their bounds
    points = points[:, :1] @ R.swapaxes(-1, -2) + 0.2 * points
    return points, R


def align(source, target, R):
    centred, goal = source - source.mean(0), target - target.mean(0)
    scale = np.sum((centred @ R.T) * goal) / np.sum(centred**2)
    return scale * centred @ R.T + target.mean(0)


def fuse(points, R, view, number):
    return np.mean(
        [align(points[j], points[view], R[view] @ R[j].T) for j in range(number)], 0
    )


def test_consistency_2d():
    points, R = setting()
    errors = []
    for step, number in enumerate(VIEWS):
        p, r = points[step], R[step]
        errors.append(
            np.mean(
                [
                    np.abs(align(p[j], p[i], r[i] @ r[j].T) - p[i])[:, :2].mean()
                    for i in range(number)
                    for j in range(number)
                ]
            )
        )
    given = torch.from_numpy(points)
    loss = MODELS.build(dict(type='ViewConsistency2DLoss', loss_weight=3.0))
    alignment = ViewAlignment(given, GRID, torch.from_numpy(R))
    assert loss(alignment).item() == pytest.approx(3 * np.mean(errors) / 0.2)


@pytest.mark.parametrize('whose', ['interact', 'single'])
def test_fusion_consistency_and_distillation(whose):
    points, R = setting()
    given = torch.from_numpy(points)
    fused = ViewAlignment(given, GRID, torch.from_numpy(R)).fused()
    compared = points if whose == 'interact' else setting(7)[0]
    errors = []
    for step, number in enumerate(VIEWS):
        errors.append(
            np.mean(
                [
                    np.abs(
                        compared[step, i] - fuse(points[step], R[step], i, number)
                    ).mean()
                    for i in range(number)
                ]
            )
        )
    compared = torch.from_numpy(compared).requires_grad_()
    fused.requires_grad_()
    loss = MODELS.build(dict(type='FusedPointsLoss'))(compared, fused, GRID)
    assert loss.item() == pytest.approx(np.mean(errors) / 0.2)
    loss.backward()
    assert fused.grad is None
    assert not compared.grad[1, 2].any() and compared.grad[1, 1].any()


def test_priors():
    rng = np.random.default_rng(0)
    vectors = rng.normal(0, 0.5, (5, 16, 3))
    pose = torch.from_numpy(
        Rotation.from_rotvec(vectors.reshape(-1, 3)).as_matrix()
    ).view(5, 16, 3, 3)
    loss = MODELS.build(dict(type='HandPosePriorLoss', loss_weight=0.01))
    expected = 0.01 * np.abs(vectors[:, 1:]).mean()  # the global one is free
    assert loss(pose).item() == pytest.approx(expected)
    betas = rng.normal(size=(5, 10))
    loss = MODELS.build(dict(type='HandShapePriorLoss'))
    assert loss(torch.from_numpy(betas)).item() == pytest.approx(np.abs(betas).mean())


def test_keypoint_loss_is_weighted_by_confidence():
    rng = np.random.default_rng(0)
    output, target = rng.normal(size=(2, 4, 21, 2))
    weight = rng.uniform(size=(4, 21))
    loss = MODELS.build(dict(type='L1Loss', use_target_weight=True))
    value = loss(*map(torch.from_numpy, (output, target, weight)))
    expected = (np.abs(output - target) * weight[..., None]).mean()
    assert value.item() == pytest.approx(expected)


def test_one_view_alone_has_no_loss_and_no_gradient():
    """Rounding differs from 0, and the sign of it would be a gradient."""
    points = torch.randn(3, 2, 799, 3, requires_grad=True)
    mask = torch.tensor([[True, False], [True, True], [True, False]])
    alignment = ViewAlignment(points, mask)
    losses = dict(
        c2d=MODELS.build(dict(type='ViewConsistency2DLoss'))(alignment),
        fused=MODELS.build(dict(type='FusedPointsLoss'))(
            points, alignment.fused(), mask
        ),
    )
    pair = points[1:2].detach()
    alone = ViewAlignment(pair, mask[1:2])
    expected = MODELS.build(dict(type='ViewConsistency2DLoss'))(alone)
    assert losses['c2d'].item() == pytest.approx(expected.item(), rel=1e-5)
    sum(losses.values()).backward()
    assert not points.grad[[0, 2]].any()
    assert points.grad[1].any()


def test_a_view_is_not_compared_with_itself():
    """Views that agree but for rounding push each other as little as that."""
    points = torch.randn(1, 1, 799, 3).expand(1, 4, -1, -1)
    points = points.clone().requires_grad_()
    mask = torch.ones(1, 4, dtype=torch.bool)
    alignment = ViewAlignment(points, mask)
    pairs = torch.eye(4, dtype=torch.bool)[None]
    alignment.pairs = alignment.pairs & pairs  # themselves only
    loss = MODELS.build(dict(type='ViewConsistency2DLoss'))
    loss(alignment).backward()
    assert not points.grad.any()
