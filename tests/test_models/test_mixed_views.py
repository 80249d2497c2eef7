"""The hand of one view under the camera of another."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from mmpose.registry import MODELS

from hamuco_mm.models.layers import HandDecoder
from hamuco_mm.structures import ViewGroups

DECODER = HandDecoder()


def hands(num_views, same_fingers=True, seed=0):
    """Estimates of one hand, or of as many, seen from anywhere."""
    generator = torch.Generator().manual_seed(seed)

    def draw(*shape):
        return 0.5 * torch.randn(*shape, generator=generator)

    fingers = draw(1, 90).expand(num_views, -1) if same_fingers else draw(num_views, 90)
    pose = torch.cat([2 * draw(num_views, 6), fingers], -1)
    return DECODER(pose, draw(1, 10).expand(num_views, -1), 0.3 * draw(num_views, 3))


def labelled(keypoints, sizes, weights=None):
    """Labels of time steps of so many views."""
    if weights is None:
        weights = torch.ones(keypoints.shape[:2])
    return keypoints, weights, ViewGroups(sizes)


def loss_of(estimate, labels, **settings):
    return MODELS.build(dict(type='MixedViewsLoss', **settings))(estimate, *labels)


def rows(estimate, index):
    return type(estimate)(
        mesh=estimate.mesh.map(lambda points: points[index]),
        **{
            name: getattr(estimate, name)[index]
            for name in ('pose', 'betas', 'camera', 'keypoints_2d', 'origin')
        },
    )


def random_labels(num_views, seed=1):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(num_views, 21, 2, generator=generator)


def test_views_of_one_hand_with_its_labels_lose_nothing():
    estimate = hands(4)
    labels = labelled(estimate.keypoints_2d, [4])
    assert loss_of(estimate, labels).item() < 1e-5
    other = hands(4, same_fingers=False)
    assert loss_of(other, labelled(other.keypoints_2d, [4])).item() > 0.01


def test_against_the_formula():
    sizes = [3, 2]
    estimate, labels = hands(5, same_fingers=False), random_labels(5)
    weights = torch.rand(5, 21, generator=torch.Generator().manual_seed(2))
    loss = loss_of(estimate, labelled(labels, sizes, weights), loss_weight=3.0)
    joints, rotation = estimate.mesh.joints.numpy(), estimate.pose[:, 0].numpy()
    camera = estimate.camera.numpy()
    means = []
    for views in (range(3), range(3, 5)):
        errors = []
        for i in views:
            for j in views:
                seen = joints[i] @ rotation[i] @ rotation[j].T
                uv = 2 * camera[j, 0] * seen[:, :2] + camera[j, 1:]
                error = weights[j].numpy()[:, None] * np.abs(uv - labels[j].numpy())
                errors.append(0 if i == j else error.mean())
        means.append(np.mean(errors))
    assert loss.item() == pytest.approx(3 * np.mean(means), rel=1e-4)


def test_the_order_of_views_does_not_matter():
    estimate, labels = hands(5, same_fingers=False), random_labels(5)
    order = torch.tensor([2, 0, 1, 4, 3])
    torch.testing.assert_close(
        loss_of(rows(estimate, order), labelled(labels[order], [3, 2])),
        loss_of(estimate, labelled(labels, [3, 2])),
    )


def test_a_time_step_of_one_view_adds_nothing():
    estimate, labels = hands(4, same_fingers=False), random_labels(4)
    torch.testing.assert_close(
        loss_of(estimate, labelled(labels, [3, 1])),
        loss_of(rows(estimate, slice(3)), labelled(labels[:3], [3])),
    )


def test_joints_without_confidence_do_not_count():
    estimate, labels = hands(3, same_fingers=False), random_labels(3)
    weights = torch.ones(3, 21)
    weights[1, 4] = 0
    moved = labels.clone()
    moved[1, 4] += 9
    assert loss_of(estimate, labelled(labels, [3], weights)) == loss_of(
        estimate, labelled(moved, [3], weights)
    )


def test_hand_and_camera_of_every_view_learn():
    estimate = hands(3, same_fingers=False)
    joints = estimate.mesh.joints.clone().requires_grad_()
    camera = estimate.camera.clone().requires_grad_()
    pose = estimate.pose.clone().requires_grad_()
    given = replace(
        estimate, mesh=replace(estimate.mesh, joints=joints), camera=camera, pose=pose
    )
    loss_of(given, labelled(random_labels(3), [3])).backward()
    for gradient in (joints.grad, camera.grad, pose.grad[:, 0]):
        assert gradient.isfinite().all()
        assert (gradient.flatten(1).abs().sum(1) > 0).all()
