import cv2
import numpy as np
import torch
from scipy.spatial.transform import Rotation

from hamuco_mm.geometry import (
    look_at,
    project,
    project_weak_perspective,
    projection_matrix,
    viewing_ray_rotation,
    world_to_camera,
)


def test_projection_agrees_with_opencv():
    rng = np.random.default_rng(0)
    points = rng.normal(size=(21, 3)) * 0.1
    rotation = Rotation.random(random_state=0).as_matrix()
    translation = np.array([0.02, -0.03, 0.7])
    K = np.array([[500.0, 0, 110], [0, 480, 120], [0, 0, 1]])
    expected, _ = cv2.projectPoints(
        points, cv2.Rodrigues(rotation)[0], translation, K, None
    )
    given = [torch.from_numpy(a) for a in (points, rotation, translation, K)]
    pixels = project(world_to_camera(*given[:3]), given[3])
    np.testing.assert_allclose(pixels.numpy(), expected[:, 0], atol=1e-9)

    P = projection_matrix(given[3], given[1], given[2])
    homogeneous = np.c_[points, np.ones(21)] @ P.numpy().T
    np.testing.assert_allclose(
        homogeneous[:, :2] / homogeneous[:, 2:], expected[:, 0], atol=1e-9
    )


def test_look_at_puts_the_target_on_the_optical_axis():
    eye, target = torch.tensor([1.0, 2, 3]), torch.tensor([0.0, 0.5, 0])
    up = torch.tensor([0.0, 0, 1])
    R_world2cam = look_at(eye, target, up)
    torch.testing.assert_close(R_world2cam @ R_world2cam.T, torch.eye(3))
    torch.testing.assert_close(torch.linalg.det(R_world2cam), torch.tensor(1.0))
    seen = R_world2cam @ (target - eye)
    torch.testing.assert_close(seen, torch.tensor([0.0, 0, 1]) * seen.norm())
    assert (R_world2cam @ up)[1] < 0  # upwards is towards smaller rows


def test_weak_perspective_in_closed_form():
    points = torch.tensor([[[0.1, -0.05, 7.0]]])
    camera = torch.tensor([[4.0, 0.2, -0.1]])
    uv = project_weak_perspective(points, camera)
    torch.testing.assert_close(uv, torch.tensor([[[1.0, -0.5]]]))


def test_weak_perspective_is_the_limit_of_perspective():
    """Far away, a perspective camera of matching focal length agrees."""
    points = torch.randn(1, 21, 3, dtype=torch.float64) * 0.05
    distance, scale = 1e4, 3.0
    K = torch.diag(torch.tensor([2 * scale * distance] * 2 + [1.0])).double()
    far = points + torch.tensor([0, 0, distance])
    camera = torch.tensor([[scale, 0.0, 0.0]], dtype=torch.float64)
    torch.testing.assert_close(
        project(far, K), project_weak_perspective(points, camera), atol=1e-5, rtol=1e-5
    )


def test_viewing_ray_rotation_is_the_smallest_onto_the_axis():
    K = torch.tensor([[500.0, 0, 110], [0, 480, 120], [0, 0, 1]]).double()
    pixels = torch.tensor([[300.0, 20], [110, 120], [-50, 400]]).double()
    R = viewing_ray_rotation(pixels, K)
    rays = np.c_[pixels, np.ones(3)] @ np.linalg.inv(K.numpy()).T
    rays /= np.linalg.norm(rays, axis=-1, keepdims=True)
    np.testing.assert_allclose(
        np.einsum('nij,nj->ni', R, rays), [[0, 0, 1]] * 3, atol=1e-12
    )
    # a proper rotation, by no more than the angle between ray and axis
    np.testing.assert_allclose(
        Rotation.from_matrix(R.numpy()).magnitude(), np.arccos(rays[:, 2]), atol=1e-7
    )
    torch.testing.assert_close(R[1], torch.eye(3).double())
