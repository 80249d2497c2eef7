"""Placing a hand of known pose by its 2D joints."""

import numpy as np
import pytest
import torch
from doubles import tensor
from scipy.optimize import least_squares

from hamuco_mm.cameras import Cameras, Lens
from hamuco_mm.cameras.center_fitting import fit_center
from hamuco_mm.geometry import look_at, rotation_about_z

LENS = (-0.25, 0.08, 0.001, -0.002, 0.01)


def make_rig(num_views=6, batch=3, lens=None, scale=1.0, seed=0):
    """Hands near the origin, and cameras around that look about there."""
    rng = np.random.default_rng(seed)

    joints = tensor(rng.normal(0, 0.05, (batch, 21, 3)))
    joints -= joints[:, 9:10].clone()
    center = tensor(rng.uniform(-0.1, 0.1, (batch, 3)))
    eye = tensor(rng.normal(size=(batch, num_views, 3)))
    eye = 0.8 * eye / eye.norm(dim=-1, keepdim=True)
    R = look_at(eye, tensor(rng.uniform(-0.1, 0.1, eye.shape)), tensor([0.1, -1, 0.2]))
    R = rotation_about_z(tensor(rng.uniform(-3, 3, R.shape[:-2]))) @ R
    K = tensor([[600, 0, 310], [0, 580, 250], [0, 0, 1]]).expand_as(R)
    if lens is not None:
        lens = Lens.of(tensor(lens).expand(batch, num_views, -1))
    cameras = Cameras(K, R, -(R @ eye[..., None])[..., 0], lens)
    world = scale * joints + center[:, None]
    return joints, center, view(world, cameras), cameras


def view(world, cameras):
    """World points (B, J, 3) in every camera's image."""
    return cameras.project(cameras.to_camera(world[:, None]))


def close(found, expected, atol):
    torch.testing.assert_close(found, expected, rtol=0, atol=atol)


@pytest.mark.parametrize('lens', [None, LENS], ids=['ideal', 'lens'])
@pytest.mark.parametrize('with_scale, scale', [(False, 1), (True, 1.23)])
@pytest.mark.parametrize('num_views', [2, 3, 8])
def test_exact_on_exact_data(num_views, with_scale, scale, lens):
    joints, center, points2d, cameras = make_rig(num_views, 5, lens, scale)
    fit = fit_center(joints, points2d, cameras, with_scale=with_scale)
    close(fit.center, center, 1e-9)
    close(fit.scale, torch.full_like(fit.scale, scale), 1e-8)
    close(fit.reprojection_error, torch.zeros_like(points2d[..., 0]), 1e-5)
    close(view(fit.place(joints), cameras), points2d, 1e-5)


@pytest.mark.parametrize('with_scale', [False, True])
def test_noisy_data_reach_the_robust_minimum(with_scale):
    """Against scipy's optimiser of the same cost from the true centre."""
    joints, center, points2d, cameras = make_rig(4, 2, LENS)
    noise = torch.randn(
        points2d.shape, generator=torch.Generator().manual_seed(0)
    ).double()
    # undistorted cameras, as the cost is that of ideal pixels
    cameras = cameras.pinhole()
    points2d = view(joints + center[:, None], cameras) + 8 * noise
    fit = fit_center(
        joints, points2d, cameras, noise=12.0, with_scale=with_scale, num_steps=60
    )

    def residual(x, row):
        one = cameras[row : row + 1]
        scale = x[3] if with_scale else 1.0
        world = joints[row : row + 1] * scale + torch.tensor(x[:3])
        off = view(world, one) - points2d[row : row + 1]
        squared = off.square().sum(-1) / 12**2
        return (squared / (1 + squared)).sqrt().flatten().numpy()

    for row in range(len(joints)):
        best = least_squares(
            residual,
            [*center[row], 1.0],
            args=(row,),
            xtol=1e-12,
            ftol=1e-12,
            gtol=1e-12,
        ).x
        np.testing.assert_allclose(fit.center[row], best[:3], atol=1e-5)
        if with_scale:
            assert fit.scale[row].item() == pytest.approx(best[3], abs=1e-4)
    assert (fit.center - center).norm(dim=-1).max() < 5e-3


@pytest.mark.parametrize('num_views', [3, 8])
def test_one_wholly_wrong_view_is_outvoted(num_views):
    joints, center, points2d, cameras = make_rig(num_views, 4)
    wrong = points2d.clone()
    wrong[:, 1] = wrong[:, 1].flip(-1) + torch.tensor([150.0, -200.0])
    fit = fit_center(joints, wrong, cameras)
    close(fit.center, center, 5e-4)
    error = fit.reprojection_error
    assert error[:, 1].min() > 20
    assert error[:, [0, 2]].max() < 2
    # weighted out, it leaves no trace at all
    weights = torch.ones(4, num_views, 21)
    weights[:, 1] = 0
    wrong[:, 1, ::2] = torch.nan
    fit = fit_center(joints, wrong, cameras, weights=weights)
    close(fit.center, center, 1e-9)
    assert fit.reprojection_error[:, 1, 1::2].min() > 20


def test_wrong_joints_are_outvoted():
    joints, center, points2d, cameras = make_rig(5, 3, LENS)
    points2d[:, :, 4:11] += 80 * torch.randn(
        3, 5, 7, 2, generator=torch.Generator().manual_seed(1)
    )
    fit = fit_center(joints, points2d, cameras, with_scale=True)
    close(fit.center, center, 2e-3)
    close(fit.scale, torch.ones(3).double(), 2e-2)


def test_time_steps_and_the_order_of_views_do_not_matter():
    joints, _, points2d, cameras = make_rig(5, 3)
    generator = torch.Generator().manual_seed(2)
    points2d = points2d + 5 * torch.randn(points2d.shape, generator=generator)
    weights = torch.rand(3, 5, 21, generator=generator)
    together = fit_center(joints, points2d, cameras, weights=weights)
    order = [3, 0, 4, 2, 1]
    for row in range(3):
        one = cameras[row, order]
        alone = fit_center(
            joints[row], points2d[row, order], one, weights=weights[row, order]
        )
        close(alone.center, together.center[row], 1e-8)
        close(alone.reprojection_error, together.reprojection_error[row, order], 1e-4)


def test_fewer_than_two_views_are_nan_and_spare_the_others():
    joints, center, points2d, cameras = make_rig(3, 3)
    weights = torch.ones(3, 3, 21)
    weights[1, 1:] = 0
    points2d[1, 0, 5] = torch.nan
    fit = fit_center(joints, points2d, cameras, weights=weights)
    assert fit.center.isnan().all(-1).tolist() == [False, True, False]
    assert fit.reprojection_error[1].isnan().all()
    close(fit.center[::2], center[::2], 1e-9)


def test_empty():
    joints, _, points2d, cameras = make_rig(3, 3)
    assert fit_center(joints[:0], points2d[:0], cameras[:0]).center.shape == (0, 3)


def test_bad_input_is_named():
    joints, _, points2d, cameras = make_rig(3, 2)
    with pytest.raises(ValueError, match='points2d'):
        fit_center(joints[:, 1:], points2d, cameras)
    with pytest.raises(ValueError, match='K must'):
        fit_center(joints, points2d[:, 1:], cameras)
    with pytest.raises(ValueError, match='weights'):
        fit_center(joints, points2d, cameras, weights=torch.ones(2, 3, 20))
    with pytest.raises(ValueError, match='noise'):
        fit_center(joints, points2d, cameras, noise=0.0)


@pytest.mark.parametrize('lens', [None, LENS], ids=['ideal', 'lens'])
@pytest.mark.parametrize('part', ['zero K', 'unknown K', 'unknown R', 'mirrored K'])
def test_a_view_of_no_camera_is_as_absent(part, lens):
    joints, center, points2d, cameras = make_rig(4, 2, lens)
    expected = fit_center(joints, points2d[:, 1:], cameras[:, 1:])
    K, R = cameras.K.clone(), cameras.R_world2cam.clone()
    if part == 'zero K':
        K[:, 0] = 0
    elif part == 'unknown K':
        K[:, 0] = torch.nan
    elif part == 'unknown R':
        R[:, 0] = torch.nan
    else:
        K[:, 0, 0, 0] *= -1
    broken = Cameras(K, R, cameras.t_world2cam, cameras.lens)
    fit = fit_center(joints, points2d, broken)
    close(fit.center, expected.center, 1e-9)
    close(fit.reprojection_error[:, 1:], expected.reprojection_error, 1e-6)


def test_no_camera_at_all_is_nan():
    joints, _, points2d, cameras = make_rig(3, 2)
    broken = Cameras(0 * cameras.K, cameras.R_world2cam, cameras.t_world2cam)
    assert fit_center(joints, points2d, broken).center.isnan().all()


def test_a_collapsed_hand_is_placed_where_its_scale_is_open():
    """Joints that are one point, as a network has them that has learned nothing, say
    nothing of their scale: some steps of the refinement have no solution."""
    _, _, _, cameras = make_rig(2, 200)
    point = tensor([0.25, 0, 0])
    world = point.expand(200, 21, 3)
    noise = torch.randn(200, 2, 21, 2, generator=torch.Generator().manual_seed(0))
    points2d = view(world, cameras) + noise
    fit = fit_center(world, points2d, cameras, with_scale=True, num_steps=60)
    assert (fit.place(world)[:, 0] - point).norm(dim=-1).median() < 0.003
    assert fit.center.isfinite().all()
