"""Ideal cameras as arrays agree with Camera, in the precision they come in."""

import numpy as np
import pytest
import torch
from calibration_files import make_cameras

from hamuco_mm.cameras import (
    Camera,
    Cameras,
    intrinsic_matrix,
    pinhole_pixels,
    points_in_camera,
)


def test_arrays_agree_with_cameras():
    cameras = [Camera(c.K, c.R, c.t) for c in make_cameras(3).values()]
    K, R, t = (np.stack([getattr(c, name) for c in cameras]) for name in 'KRt')
    points = np.random.default_rng(0).normal(scale=0.05, size=(21, 3))
    local = points_in_camera(points, R, t)
    pixels = pinhole_pixels(local, K)
    assert local.shape == (3, 21, 3) and pixels.shape == (3, 21, 2)
    for row, camera in enumerate(cameras):
        expected = camera.to_camera(points)
        np.testing.assert_allclose(local[row], expected, atol=1e-12)
        np.testing.assert_allclose(pixels[row], camera.project(expected), atol=1e-9)
    single = [x.astype(np.float32) for x in (points, R, t, K)]
    assert pinhole_pixels(points_in_camera(*single[:3]), single[3]).dtype == np.float32


def test_principal_point_is_where_the_axis_appears():
    K = intrinsic_matrix(500, 400, 320, 240)
    seen = pinhole_pixels(np.array([[0, 0, 2.0], [1, 1, 2]]), K)
    np.testing.assert_array_equal(seen, [[320, 240], [570, 440]])


def test_matrices_are_tensors():
    with pytest.raises(
        TypeError, match='Cameras .* K of type ndarray.*as_tensor, or take Camera'
    ):
        Cameras(np.eye(3))
    with pytest.raises(TypeError, match='R_world2cam of type ndarray'):
        Cameras(torch.eye(3), np.eye(3), np.zeros(3))
