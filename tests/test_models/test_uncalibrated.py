"""One switch, ``use_extrinsics=False``, for training and prediction."""

import copy

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmpose.registry import MODELS
from scipy.spatial.transform import Rotation
from view_batches import make_inputs, make_samples

from hamuco_mm.models.estimators import MultiViewEstimate
from hamuco_mm.models.view_alignment import ViewAlignment
from hamuco_mm.structures import HandEstimate, HandMesh, ViewFrames

from .test_hamuco import PREDICTIONS, VIEW_LOSSES, build, fields, predict

SIZES = (4, 2)


def absent(sample, rng):
    sample.pop('camera_param')


def intrinsics_alone(sample, rng):
    sample.set_metainfo(dict(camera_param=dict(K=np.eye(3))))


def nonsense(sample, rng):
    sample.set_metainfo(
        dict(
            camera_param=dict(
                K=sample.camera_param['K'],
                R=np.full((3, 3), np.nan),
                t=rng.normal(size=3) * 1e9,
            )
        )
    )


@pytest.mark.parametrize('change', [absent, intrinsics_alone, nonsense])
def test_nothing_reads_extrinsics(config, change):
    """Losses, gradients and predictions, bit by bit."""
    model = build(dict(config, use_extrinsics=False))
    inputs, samples = make_inputs(SIZES), make_samples(SIZES)
    changed, rng = copy.deepcopy(samples), np.random.default_rng(0)
    for sample in changed:
        change(sample, rng)
    gradients = []
    for batch in (samples, changed):
        model.train().zero_grad()
        # in training mode, but with the same batch statistics both times
        losses = model.loss(inputs, batch)
        assert set(VIEW_LOSSES) < set(losses)
        model.parse_losses(losses)[0].backward()
        gradients.append(
            [losses[name].detach() for name in VIEW_LOSSES]
            + [parameter.grad.clone() for parameter in model.parameters()]
        )
    for first, second in zip(*gradients):
        assert torch.equal(first, second)
    first, second = (predict(model, inputs, x) for x in (samples, changed))
    for name in PREDICTIONS:
        np.testing.assert_array_equal(fields(first, name), fields(second, name))


def test_with_the_switch_on_extrinsics_matter(config):
    """So that the test above can fail."""
    model, inputs = build(config), make_inputs(SIZES)
    samples = make_samples(SIZES)
    changed = copy.deepcopy(samples)
    for sample in changed:
        sample.pop('camera_param')
    first, second = (predict(model, inputs, x) for x in (samples, changed))
    assert not np.allclose(
        fields(first, 'vertices_fused'), fields(second, 'vertices_fused')
    )


def agreeing_estimate(samples, scatter=0.0):
    """What heads would say if all views saw the same hand exactly, turned
    with its camera and crop; ``scatter`` metres of noise beside."""
    generator = torch.Generator().manual_seed(0)
    hand = torch.randn(799, 3, generator=generator) * 0.05
    points = []
    for sample in samples:
        degrees = -float(sample.metainfo['bbox_rotation'][0])
        R_crop = Rotation.from_euler('z', degrees, degrees=True).as_matrix()
        R = torch.from_numpy(R_crop @ sample.metainfo['camera_param']['R'])
        points.append(hand @ R.float().T)
    points = torch.stack(points)
    points = points + scatter * torch.randn(points.shape, generator=generator)
    points = points - points[:, 787:788]
    number = len(samples)
    return HandEstimate(
        mesh=HandMesh(points[:, :778], points[:, 778:]),
        pose=torch.eye(3).repeat(number, 16, 1, 1),
        betas=torch.zeros(number, 10),
        camera=torch.tensor([[4.0, 0, 0]]).repeat(number, 1),
        keypoints_2d=8 * points[:, 778:, :2],
        origin=torch.zeros(number, 3),
    )


@pytest.mark.parametrize(
    'alignment', [dict(), dict(scale='symmetric', num_reweightings=5)]
)
def test_views_that_agree_fuse_alike_with_and_without_extrinsics(config, alignment):
    samples = make_samples(SIZES)
    estimate = agreeing_estimate(samples)
    frames = ViewFrames.from_data_samples(samples)
    result = MultiViewEstimate(frames.groups, estimate, estimate)
    found = []
    for use_extrinsics in (True, False):
        model = MODELS.build(
            dict(config, use_extrinsics=use_extrinsics, alignment=alignment)
        )
        fused = model.fuse(result, frames)
        losses = model.loss_between_views(result, frames, model.active_factors)
        found.append(
            (
                fused.mesh.points,
                fused.keypoints_2d,
                torch.stack([losses[name] for name in VIEW_LOSSES]),
            )
        )
    for known, unknown in zip(*found):
        torch.testing.assert_close(known, unknown, atol=1e-5, rtol=0)
    torch.testing.assert_close(found[1][0], estimate.mesh.points, atol=1e-5, rtol=0)
    assert found[1][2].max() < 1e-5


def test_views_that_do_not_agree_fuse_otherwise():
    """So that the test above can fail."""
    samples = make_samples([4])
    points = agreeing_estimate(samples, scatter=0.03).mesh.points[None]
    turn = torch.from_numpy(Rotation.random(4, random_state=1).as_matrix()).float()
    fused = [
        ViewAlignment(points, torch.ones(1, 4, dtype=torch.bool), R).fused()
        for R in (turn[None], None)
    ]
    assert (fused[0] - fused[1]).abs().max() > 1e-3


@pytest.mark.parametrize(
    'name, base',
    [
        (
            'demo/hamuco_res18w32_uncalibrated_1xb8-5e_demo-96x96.py',
            'demo/hamuco_res18w32_1xb8-5e_demo-96x96.py',
        ),
        (
            'hanco/hamuco_res50_uncalibrated_1xb8-40e_hanco-256x256.py',
            'hanco/hamuco_res50_1xb8-40e_hanco-256x256.py',
        ),
    ],
)
def test_configs_differ_in_the_switch_alone(repository, name, base):
    folder = repository / 'configs/hand_3d_keypoint/hamuco'
    config, base = (Config.fromfile(folder / x) for x in (name, base))
    assert config.model.pop('use_extrinsics') is False
    assert not config.model.pop('absolute', None)
    base.model.pop('absolute', None)
    assert config.model == base.model
    for split in ('train', 'val', 'test'):
        assert config[f'{split}_dataloader'] == base[f'{split}_dataloader']
    assert config.custom_hooks == base.custom_hooks
    assert config.default_hooks == base.default_hooks
