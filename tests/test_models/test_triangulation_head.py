"""Learned confidences in a differentiable triangulation, without 3D labels."""

import numpy as np
import pytest
import torch
from labelled_crops import SIZE, crops, features, labels_of
from mmpose.registry import MODELS
from ring_rig import moving_hand

from hamuco_mm.geometry.triangulation import triangulate_dlt
from hamuco_mm.models.crop_cameras import crop_cameras
from hamuco_mm.models.heads import TriangulationHead
from hamuco_mm.models.heads.triangulation_head import (
    ConfidentJoints,
    soft_argmax,
    triangulate_views,
)
from hamuco_mm.structures import ViewGroups


@pytest.fixture(scope='module')
def joints_world():
    """Of two time steps."""
    return moving_hand(num_steps=2)


@pytest.fixture
def samples(joints_world):
    return crops(joints_world)


@pytest.fixture
def head():
    torch.manual_seed(0)
    return MODELS.build(
        dict(
            type='TriangulationHead',
            in_channels=8,
            deconv_out_channels=(8,),
            decoder=dict(type='WeakPerspectiveLabel', input_size=SIZE),
        )
    )


def triangulated(samples, confidences, keypoints_2d=None):
    joints = ConfidentJoints(
        labels_of(samples) if keypoints_2d is None else keypoints_2d, confidences
    )
    groups = ViewGroups.from_data_samples(samples)
    return triangulate_views(joints, crop_cameras(samples), groups)


def test_soft_argmax_in_the_square_of_the_cells():
    heatmaps = torch.zeros(1, 3, 2, 4)
    heatmaps[0, 1, 0, 3] = 100.0
    heatmaps[0, 2, :, 1] = 100.0
    torch.testing.assert_close(
        soft_argmax(heatmaps), torch.tensor([[[0.0, 0.0], [0.75, -0.5], [-0.25, 0.0]]])
    )


def test_exact_joints_in_turned_crops_give_the_hand(samples, joints_world):
    world = triangulated(samples, torch.rand(8, 21) + 0.1)
    expected = np.repeat(joints_world, 4, axis=0)
    np.testing.assert_allclose(world, expected, atol=1e-5)


def test_confidences_are_weights_whatever_their_size(samples):
    keypoints = labels_of(samples) + 0.1 * torch.randn(8, 21, 2)
    confidences = torch.rand(8, 21) + 0.1
    world = triangulated(samples, confidences, keypoints)
    torch.testing.assert_close(
        triangulated(samples, 1e-3 * confidences, keypoints),
        world,
        rtol=1e-4,
        atol=1e-6,
    )
    assert (triangulated(samples, torch.ones(8, 21), keypoints) - world).norm() > 1e-3


def test_a_view_without_confidence_has_no_effect(samples):
    confidences = torch.ones(8, 21)
    confidences[2] = confidences[5] = 0
    keypoints = labels_of(samples) + 0.1 * torch.randn(8, 21, 2)
    world = triangulated(samples, confidences, keypoints)
    keypoints[2] += 0.7
    keypoints[5] -= 0.7
    torch.testing.assert_close(triangulated(samples, confidences, keypoints), world)


def test_the_gradient_of_a_weighted_dlt(samples):
    """Also of its weights, against differences in double precision."""
    cameras = crop_cameras(samples[:4]).double()
    generator = torch.Generator().manual_seed(0)
    noise = 0.05 * torch.randn(4, 3, 2, generator=generator, dtype=torch.double)
    points = (labels_of(samples[:4])[:, :3].double() + noise).requires_grad_()
    weights = torch.rand(4, 3, generator=generator, dtype=torch.double) + 0.2
    torch.autograd.gradcheck(
        lambda points, weights: triangulate_dlt(
            points, cameras.projection_matrix(), weights
        ),
        (points, weights.requires_grad_()),
    )


def test_perfect_joints_lose_nothing(head, samples, monkeypatch):
    joints = ConfidentJoints(labels_of(samples), torch.rand(8, 21) + 0.1)
    monkeypatch.setattr(head, 'forward', lambda feats: joints)
    losses = head.loss(features(8), samples)
    assert set(losses) == {'loss_kpt_single', 'loss_reprojection'}
    assert max(losses.values()) < 1e-4


def test_places_are_exact_where_networks_are_not(head):
    with torch.no_grad():
        expected = head.eval()(features(2))
        with torch.autocast('cpu', dtype=torch.bfloat16):
            found = head(features(2))
    for values, exact in zip(found, expected):
        assert values.dtype == torch.float32
        torch.testing.assert_close(values, exact, atol=0.02, rtol=0)


def test_double_precision_stays(head, samples):
    predicted = []
    for precision in (torch.float32, torch.float64):
        network = head.to(precision)
        feats = tuple(values.to(precision) for values in features(8))
        for loss in network.train().loss(feats, samples).values():
            assert loss.dtype == precision
        with torch.no_grad():
            found = network.eval().predict(feats, samples)[0].keypoints_cam_fused
        assert torch.from_numpy(found).dtype == precision
        predicted.append(found)
    np.testing.assert_allclose(*predicted, atol=1e-3)


def test_the_loss_trains_joints_and_confidences(head, samples):
    losses = head.loss(features(8), samples)
    losses['loss_reprojection'].backward()
    gradients = {name: p.grad for name, p in head.named_parameters() if p.requires_grad}
    assert [name for name, gradient in gradients.items() if gradient is None] == []
    assert all(gradient.isfinite().all() for gradient in gradients.values())
    assert all(p.grad.any() for p in head.confidence.parameters())


def test_a_time_step_of_one_view_learns_its_2d_joints_alone(head, joints_world):
    together, alone = crops(joints_world[:1]), crops(joints_world[1:])[:1]
    alone[0].set_metainfo(dict(num_views=1, view_index=0, frame_id='take/0001'))
    head.eval()  # batch norm would mix the time steps
    losses = head.loss(features(5), [*together, *alone])
    (losses['loss_reprojection'] + losses['loss_kpt_single']).backward()
    gradients = [p.grad for p in head.parameters() if p.requires_grad]
    assert all(gradient.isfinite().all() for gradient in gradients)
    few = head.loss(tuple(map_[:4] for map_ in features(5)), together)
    assert losses['loss_reprojection'].item() == pytest.approx(
        few['loss_reprojection'].item() * 4 / 5, rel=1e-4
    )
    with torch.no_grad(), pytest.raises(ValueError, match='only view'):
        head.predict(features(1), alone)


def test_predictions_are_in_the_frames_of_the_cameras(
    head, samples, joints_world, monkeypatch
):
    joints = ConfidentJoints(labels_of(samples), torch.rand(8, 21) + 0.1)
    monkeypatch.setattr(TriangulationHead, 'forward', lambda *_: joints)
    for row, prediction in enumerate(head.predict(features(8), samples)):
        seen = joints_world[row // 4] @ samples[row].camera_param['R'].T
        np.testing.assert_allclose(
            prediction.keypoints_cam_fused[0], seen - seen[9], atol=1e-5
        )
        np.testing.assert_allclose(
            prediction.keypoints[0],
            (labels_of(samples)[row].numpy() + 1) * SIZE[0] / 2,
            atol=1e-4,
        )
        assert prediction.keypoint_scores.shape == (1, 21)


@pytest.mark.parametrize(
    'change, message',
    [(dict(R=None), 'no whole camera'), (dict(dist=np.ones(5) / 9), 'undistort')],
)
def test_cameras_that_cannot_serve_are_refused(head, samples, change, message):
    camera = dict(samples[3].camera_param, **change)
    samples[3].set_metainfo(dict(camera_param=camera))
    with pytest.raises(ValueError, match=message):
        head.loss(features(8), samples)
