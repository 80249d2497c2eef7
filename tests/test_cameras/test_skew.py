"""K with a skew counts whole, with every lens: ``K (x_d, y_d, 1)``."""

import cv2
import numpy as np
import pytest
import torch

from hamuco_mm.cameras import Camera, read_calibration

K = np.array([[600.0, 25, 320], [0, 610, 240], [0, 0, 1]])
IDEAL = np.eye(3)
LENSES = {
    'opencv': np.array([-0.12, 0.05, 0.002, -0.003, 0.01]),
    'fisheye': np.array([0.08, -0.03, 0.012, -0.002]),
}
POINTS = np.random.default_rng(0).uniform(-0.2, 0.2, (40, 3)) + [0, 0, 0.7]


def expected(model, points=POINTS, matrix=K):
    """By OpenCV with K = 1, which knows no skew; then K."""
    project = cv2.fisheye.projectPoints if model == 'fisheye' else cv2.projectPoints
    zero = np.zeros(3)
    seen = project(points[:, None], zero, zero, IDEAL, LENSES[model])[0][:, 0]
    return seen @ matrix[:2, :2].T + matrix[:2, 2]


def camera(model):
    return Camera(K, dist=LENSES[model], distortion_model=model, image_size=(640, 480))


@pytest.mark.parametrize('model', LENSES)
def test_points_and_pixels(model):
    pixels = expected(model)
    np.testing.assert_allclose(camera(model).project(POINTS), pixels, atol=1e-9)
    straight = Camera(K).project(POINTS)
    np.testing.assert_allclose(camera(model).undistort(pixels), straight, atol=1e-6)
    back = camera(model).batched().distort(torch.from_numpy(straight))
    np.testing.assert_allclose(back, pixels, atol=1e-9)


@pytest.mark.parametrize('model', LENSES)
def test_cameras_of_other_images(model):
    """Cropped, resized, mirrored; files and data items keep the skew."""
    pixels = expected(model)
    cropped = camera(model).crop((30, 20), (500, 400))
    np.testing.assert_allclose(cropped.project(POINTS), pixels - [30, 20], atol=1e-9)
    small = camera(model).resize((320, 240))
    np.testing.assert_allclose(small.project(POINTS), (pixels - 0.5) / 2, atol=1e-9)
    mirrored = camera(model).mirror(640).project(POINTS * [-1, 1, 1])
    np.testing.assert_allclose(mirrored, [639, 0] + pixels * [-1, 1], atol=1e-9)


@pytest.mark.parametrize('model', LENSES)
def test_undistorted_images(model):
    """A bright spot goes where its undistorted pixel is."""
    spot = np.array([[0.12, 0.15, 0.7]])
    x, y = expected(model, spot)[0]
    rows, columns = np.indices((480, 640))
    image = np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / 18)
    straight = camera(model).undistort_image(image)
    weights = straight / straight.sum()
    found = [(weights * columns).sum(), (weights * rows).sum()]
    np.testing.assert_allclose(found, Camera(K).project(spot)[0], atol=0.1)


def test_a_skew_of_its_own_in_a_file(tmp_path):
    path = tmp_path / 'cam0.yml'
    path.write_text(
        'fx: 600\nfy: 610\ncx: 320\ncy: 240\nskew: 25\n'
        f'dist: {LENSES["opencv"].tolist()}\n'
    )
    found = read_calibration(path).cameras['cam0']
    np.testing.assert_allclose(found.project(POINTS), expected('opencv'), atol=1e-9)
