"""Maps of all views in a volume of the world, without 3D labels."""

import numpy as np
import pytest
import torch
from labelled_crops import SIZE, crops, features, labels_of
from mmpose.registry import MODELS
from ring_rig import moving_hand

from hamuco_mm.models.crop_cameras import crop_cameras
from hamuco_mm.models.heads.triangulation_head import ConfidentJoints
from hamuco_mm.models.heads.volumetric_triangulation_head import mean_places
from hamuco_mm.models.prediction import square_to_image
from hamuco_mm.structures import ViewGroups

CELLS = 12


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
            type='VolumetricTriangulationHead',
            in_channels=8,
            deconv_out_channels=(8,),
            volume_size=CELLS,
            volume_channels=21,
            volume_hidden_channels=4,
            decoder=dict(type='WeakPerspectiveLabel', input_size=SIZE),
        )
    ).eval()


def volume_joints(head, samples, joints):
    worlds = head.worlds(
        joints, crop_cameras(samples), ViewGroups.from_data_samples(samples)
    )
    assert list(worlds) == ['loss_reprojection', 'loss_reprojection_volume']
    return worlds['loss_reprojection_volume']


def places_in_square(sample, points):
    """World points in the square of a crop, by numpy, (P, 2)."""
    camera = sample.camera_param
    seen = points @ np.asarray(camera['R']).T + camera['t']
    pixels = (seen @ np.asarray(camera['K']).T)[:, :2] / seen[:, 2:]
    affine = square_to_image([sample.metainfo])[0].astype(float)
    return np.linalg.solve(affine[:, :2], (pixels - affine[:, 2]).T).T


def test_each_cell_shows_what_the_views_see_there(head, samples, joints_world):
    """Maps whose values are their places tell where a cell was looked for."""
    with torch.no_grad():
        head.to_volume.weight.copy_(torch.eye(21)[..., None, None])
        head.to_volume.bias.zero_()
    centres = (2 * torch.arange(32) + 1) / 32 - 1
    heatmaps = torch.zeros(8, 21, 32, 32)
    heatmaps[:, 0], heatmaps[:, 1] = centres, centres[:, None]
    offsets = np.random.default_rng(0).uniform(-0.05, 0.05, (2, CELLS**3, 3))
    cells = joints_world[:, 9, None] + offsets
    joints = ConfidentJoints(labels_of(samples), torch.ones(8, 21), heatmaps)
    groups = ViewGroups.from_data_samples(samples)
    with torch.no_grad():
        volume = head._volume(
            joints, crop_cameras(samples), groups, torch.from_numpy(cells).float()
        )
    places = np.stack(
        [places_in_square(s, cells[row // 4]) for row, s in enumerate(samples)]
    ).reshape(2, 4, -1, 2)
    share = np.exp(places) / np.exp(places).sum(1, keepdims=True)
    expected = (share * places).sum(1)
    inside = np.abs(places).max((1, 3)) < 0.96  # where maps do not end
    assert inside.mean() > 0.5
    found = volume[:, :2].flatten(2).transpose(1, 2).numpy()
    np.testing.assert_allclose(found[inside], expected[inside], atol=1e-4)


def test_joints_are_the_mean_places_of_hot_cells():
    cells = torch.rand(2, 5, 3)
    heat = torch.zeros(2, 2, 5)
    heat[0, 0, 3] = heat[1, 1, 0] = 100.0
    found = mean_places(heat, cells)
    mean = cells.mean(1)
    expected = torch.stack([cells[0, 3], mean[0], mean[1], cells[1, 0]]).view(2, 2, 3)
    torch.testing.assert_close(found, expected)


def test_the_order_of_views_does_not_matter(head, samples):
    labels = labels_of(samples)
    heatmaps = torch.randn(8, 21, 16, 16)
    order = torch.tensor([2, 0, 3, 1, 4, 5, 6, 7])
    joints = ConfidentJoints(labels, torch.ones(8, 21), heatmaps)
    turned = ConfidentJoints(labels[order], torch.ones(8, 21), heatmaps[order])
    shuffled = [samples[i] for i in order]
    for row, sample in enumerate(shuffled):
        sample.set_metainfo(dict(view_index=row % 4))
    found = volume_joints(head, shuffled, turned)
    for index in order.tolist():
        samples[index].set_metainfo(dict(view_index=index % 4))
    torch.testing.assert_close(found, volume_joints(head, samples, joints))


def test_an_absent_view_is_no_view(head, samples, joints_world):
    """Time steps with fewer views give what they give alone."""
    feats = features(7)
    fewer = crops(joints_world[1:])[:3]
    for row, sample in enumerate(fewer):
        sample.set_metainfo(dict(num_views=3, view_index=row, frame_id='take/0001'))
    together = [*samples[:4], *fewer]
    with torch.no_grad():
        both = head.predict(feats, together)
        alone = head.predict((feats[0][4:],), fewer)
    for first, second in zip(both[4:], alone):
        np.testing.assert_allclose(
            first.keypoints_cam_fused, second.keypoints_cam_fused, atol=1e-5
        )


def test_every_part_learns_from_2d_labels(head, samples):
    losses = head.train().loss(features(8), samples)
    assert set(losses) == {
        'loss_kpt_single',
        'loss_reprojection',
        'loss_reprojection_volume',
    }
    losses['loss_reprojection_volume'].backward()
    for part in (head.to_volume, head.volume_network, head.heatmaps):
        gradients = [p.grad for p in part.parameters()]
        assert all(gradient.isfinite().all() for gradient in gradients)
        assert any(gradient.any() for gradient in gradients)


def test_it_learns_where_the_joints_are(head, samples, joints_world):
    """From 2D labels alone, as far as one batch tells."""
    head.train()
    feats = features(8)
    optimizer = torch.optim.Adam(head.parameters(), 3e-3)
    errors = []
    for _ in range(120):
        losses = head.loss(feats, samples)
        optimizer.zero_grad()
        sum(losses.values()).backward()
        optimizer.step()
        errors.append(losses['loss_reprojection_volume'].item())
    assert errors[-1] < 0.3 * errors[0]
    with torch.no_grad():
        found = volume_joints(head, samples, head(feats))
    error = np.linalg.norm(found - np.repeat(joints_world, 4, axis=0), axis=-1)
    assert error.mean() < 0.02


def test_the_only_view_of_a_time_step(head, joints_world):
    together, alone = crops(joints_world[:1]), crops(joints_world[1:])[:1]
    alone[0].set_metainfo(dict(num_views=1, view_index=0, frame_id='take/0001'))
    losses = head.loss(features(5), [*together, *alone])
    few = head.loss(tuple(map_[:4] for map_ in features(5)), together)
    for name in ('loss_reprojection', 'loss_reprojection_volume'):
        assert losses[name].item() == pytest.approx(few[name].item() * 4 / 5, rel=1e-4)
    sum(losses.values()).backward()
    assert all(p.grad.isfinite().all() for p in head.parameters())
    with torch.no_grad(), pytest.raises(ValueError, match='only view'):
        head.predict(features(1), alone)


def test_under_bfloat16_autocast(head, samples):
    with torch.autocast('cpu', dtype=torch.bfloat16):
        losses = head.train().loss(features(8), samples)
    assert all(loss.isfinite() for loss in losses.values())


def test_odd_volumes_are_refused():
    with pytest.raises(ValueError, match='even number, got 13'):
        MODELS.build(
            dict(type='VolumetricTriangulationHead', in_channels=8, volume_size=13)
        )
