import numpy as np
import pytest
from camera_of_views import to_pixels

from hamuco_mm.hand_model import HAND_BONES
from hamuco_mm.visualization.placement import fit_weak_perspective, place_on_image
from hamuco_mm.visualization.skeleton import FINGER_COLORS, draw_skeleton

GREY = np.full((224, 224, 3), 100, np.uint8)


def test_weak_perspective_fit(hand):
    _, joints = hand
    pixels = 300 * joints[:, :2] + [50, 70]
    scale, translation = fit_weak_perspective(joints, pixels)
    assert scale == pytest.approx(300)
    assert np.allclose(translation, [50, 70])
    # Against a general least-squares solver, when it does not fit exactly.
    noisy = pixels + np.random.default_rng(0).normal(size=pixels.shape)
    n = len(joints)
    system = np.zeros((2 * n, 3))
    system[:n, 0], system[n:, 0] = joints[:, 0], joints[:, 1]
    system[:n, 1] = system[n:, 2] = 1
    solution = np.linalg.lstsq(system, noisy.T.ravel(), rcond=None)[0]
    scale, translation = fit_weak_perspective(joints, noisy)
    assert np.allclose([scale, *translation], solution)
    placed = place_on_image(joints, joints, pixels)
    assert np.allclose(placed, pixels)
    with pytest.raises(ValueError, match='coincide'):
        fit_weak_perspective(np.zeros((21, 3)), pixels)


def test_skeleton(hand):
    keypoints = to_pixels(hand[1])
    scores = np.ones(21)
    picture = draw_skeleton(GREY, keypoints, scores)
    for joint in (4, 8, 12, 16, 20):
        x, y = np.round(keypoints[joint]).astype(int)
        assert (picture[y, x] == FINGER_COLORS[joint // 4 - 1]).all()
    for parent, child in HAND_BONES:
        x, y = np.round(keypoints[[parent, child]].mean(axis=0)).astype(int)
        assert (picture[y - 1 : y + 2, x - 1 : x + 2] != 100).any()

    # A missing joint is left out, whatever stands in its place.
    keypoints[8] = np.nan
    scores[8] = 0
    without = draw_skeleton(GREY, keypoints, scores)
    gone = (without != picture).any(axis=-1)
    assert gone.any()
    assert (without[gone] == 100).mean() > 0.8
    assert (draw_skeleton(GREY, keypoints, np.zeros(21)) == GREY).all()
