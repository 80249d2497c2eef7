import cv2
import numpy as np
import pytest
import torch

from hamuco_mm.geometry.triangulation import triangulate_dlt, triangulate_ransac


def make_rig(num_views=8, num_joints=21, batch=(), seed=0):
    """Cameras around the origin looking at it, and points near it."""
    rng = np.random.default_rng(seed)
    projections = []
    for view in range(num_views):
        angle = 2 * np.pi * view / num_views
        eye = np.array([np.cos(angle), (-1) ** view * 0.5, np.sin(angle)])
        z = -eye / np.linalg.norm(eye)
        x = np.cross([0, 1, 0], z)
        x /= np.linalg.norm(x)
        R = np.stack([x, np.cross(z, x), z])
        K = np.array([[500 + 20 * view, 0, 110], [0, 490, 115], [0, 0, 1.0]])
        projections.append(K @ np.c_[R, -R @ eye])
    projection = torch.tensor(np.array(projections))
    points = torch.tensor(rng.uniform(-0.1, 0.1, (*batch, num_joints, 3)))
    return projection, points


def project(points, projection):
    homogeneous = torch.cat([points, torch.ones_like(points[..., :1])], -1)
    local = torch.einsum('vik,...jk->...vji', projection, homogeneous)
    return local[..., :2] / local[..., 2:]


def test_exact_data_agree_with_opencv():
    projection, points = make_rig(num_views=2)
    points2d = project(points, projection)
    homogeneous = cv2.triangulatePoints(
        projection[0].numpy(),
        projection[1].numpy(),
        points2d[0].T.numpy(),
        points2d[1].T.numpy(),
    )
    expected = (homogeneous[:3] / homogeneous[3]).T
    found = triangulate_dlt(points2d, projection)
    np.testing.assert_allclose(found, expected, atol=1e-6)
    np.testing.assert_allclose(found, points, atol=1e-6)


def test_noisy_data_are_near_the_maximum_likelihood_point():
    projection, points = make_rig()
    noise = torch.randn(8, 21, 2, generator=torch.Generator().manual_seed(0))
    noisy = project(points, projection) + noise.double()
    found = triangulate_dlt(noisy, projection)
    refined = found.clone().requires_grad_()
    optimiser = torch.optim.LBFGS([refined], max_iter=100, tolerance_grad=1e-9)

    def closure():
        optimiser.zero_grad()
        loss = ((project(refined, projection) - noisy) ** 2).sum()
        loss.backward()
        return loss

    optimiser.step(closure)
    assert (found - refined.detach()).norm(dim=-1).max() < 5e-4
    assert (found - points).norm(dim=-1).mean() < 3e-3


def test_result_does_not_depend_on_the_pixel_grid():
    projection, points = make_rig()
    noise = torch.randn(8, 21, 2, generator=torch.Generator().manual_seed(0))
    noisy = project(points, projection) + 3 * noise.double()
    grid = torch.tensor([[4.0, 0, 1000], [0, 4, -300], [0, 0, 1]]).double()
    moved = noisy * 4 + torch.tensor([1000.0, -300.0])
    torch.testing.assert_close(
        triangulate_dlt(noisy, projection),
        triangulate_dlt(moved, grid @ projection),
        rtol=0,
        atol=1e-9,
    )


@pytest.mark.parametrize(
    'triangulate',
    [triangulate_dlt, lambda *args: triangulate_ransac(*args, 10.0).points],
)
def test_zero_weight_equals_an_absent_view(triangulate):
    projection, points = make_rig(batch=(3,))
    points2d = project(points, projection)
    points2d += torch.randn_like(points2d)
    weights = torch.rand(3, 8, 21) + 0.1
    weights[:, 5] = 0
    kept = [0, 1, 2, 3, 4, 6, 7]
    expected = triangulate(points2d[:, kept], projection[kept], weights[:, kept])
    points2d[:, 5] = torch.nan
    found = triangulate(points2d, projection, weights)
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-10)


@pytest.mark.parametrize(
    'triangulate', [triangulate_dlt, lambda *args: triangulate_ransac(*args).points]
)
def test_permuting_the_views_changes_nothing(triangulate):
    projection, points = make_rig()
    points2d = project(points, projection)
    points2d += 2 * torch.randn_like(points2d)
    order = torch.randperm(8)
    torch.testing.assert_close(
        triangulate(points2d, projection),
        triangulate(points2d[order], projection[order]),
        rtol=0,
        atol=1e-9,
    )


def test_leading_dimensions_and_camera_per_sample():
    projection, points = make_rig(batch=(2, 3))
    points2d = project(points, projection).float()
    cameras = projection.expand(2, 3, 8, 3, 4)
    found = triangulate_dlt(points2d, cameras)
    assert found.shape == (2, 3, 21, 3) and found.dtype == torch.float32
    torch.testing.assert_close(found.double(), points, rtol=0, atol=1e-5)
    ransac = triangulate_ransac(points2d, cameras)
    assert ransac.inliers.shape == (2, 3, 8, 21)
    torch.testing.assert_close(ransac.points, found, rtol=0, atol=1e-6)


def test_ransac_rejects_exactly_the_outliers():
    projection, points = make_rig(batch=(4,))
    points2d = project(points, projection)
    generator = torch.Generator().manual_seed(1)
    order = torch.rand(4, 8, 21, generator=generator).argsort(1)
    outlier = order < 3  # three of eight views, others for each point
    angle = 6.3 * torch.rand(4, 8, 21, generator=generator)
    shift = 60 * torch.stack([angle.cos(), angle.sin()], -1)
    points2d = points2d + outlier[..., None] * shift
    found = triangulate_ransac(points2d, projection, threshold=5.0)
    assert torch.equal(found.inliers, ~outlier)
    torch.testing.assert_close(found.points, points, rtol=0, atol=1e-9)
    plain = triangulate_dlt(points2d, projection)
    assert (plain - points).norm(dim=-1).mean() > 5e-3


def test_ransac_without_agreement_falls_back_to_all_views():
    projection, points = make_rig(num_views=2)
    points2d = project(points, projection)
    points2d[0, :, 1] += 40  # off the epipolar line
    found = triangulate_ransac(points2d, projection, threshold=1.0)
    assert not found.inliers.any()
    torch.testing.assert_close(found.points, triangulate_dlt(points2d, projection))


def test_fewer_than_two_views_give_nan_and_spare_the_others():
    projection, points = make_rig()
    points2d = project(points, projection)
    weights = torch.ones(8, 21)
    weights[1:, 4] = 0
    weights[:, 7] = 0
    missing = torch.zeros(21, dtype=torch.bool)
    missing[[4, 7]] = True
    for found in (
        triangulate_dlt(points2d, projection, weights),
        triangulate_ransac(points2d, projection, weights).points,
    ):
        assert found[missing].isnan().all()
        torch.testing.assert_close(found[~missing], points[~missing])
    single = triangulate_dlt(points2d[:1], projection[:1])
    assert single.isnan().all()


@pytest.mark.parametrize('shape', [(0, 8, 21, 2), (2, 8, 0, 2), (2, 0, 21, 2)])
def test_empty(shape):
    points2d = torch.zeros(shape)
    projection = make_rig()[0][: shape[1]]
    found = triangulate_dlt(points2d, projection)
    assert found.shape == (shape[0], shape[2], 3)
    ransac = triangulate_ransac(points2d, projection)
    assert ransac.points.shape == found.shape
    assert ransac.inliers.shape == shape[:-1]


def test_bad_shapes_are_named():
    projection, points = make_rig()
    points2d = project(points, projection)
    with pytest.raises(ValueError, match='projection'):
        triangulate_dlt(points2d, projection[:7])
    with pytest.raises(ValueError, match='weights'):
        triangulate_dlt(points2d, projection, torch.ones(8, 20))
    with pytest.raises(ValueError, match='points2d'):
        triangulate_dlt(points2d[..., :1], projection)
    with pytest.raises(ValueError, match='threshold'):
        triangulate_ransac(points2d, projection, threshold=0.0)


def test_arrays_are_refused():
    with pytest.raises(
        TypeError, match='triangulate_ransac takes tensors, got ndarray'
    ):
        triangulate_ransac(np.zeros((1, 2, 21, 2)), np.zeros((1, 2, 3, 4)))
