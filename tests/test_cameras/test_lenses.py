"""OpenCV's lens models, against OpenCV."""

import cv2
import numpy as np
import pytest
import torch
from doubles import tensor
from hypothesis import given, settings
from hypothesis import strategies as st

from hamuco_mm.cameras import Cameras, Lens
from hamuco_mm.cameras.lenses.opencv import (
    distort,
    distort_with_jacobian,
    pad_distortion,
    undistort,
)

LENSES = {
    'radial': (-0.28, 0.07, 0, 0),
    'tangential': (0.12, -0.2, 0.004, -0.003),
    'five': (-0.35, 0.15, 0.001, -0.002, -0.03),
    'rational': (0.5, -0.2, 0.001, 0.0005, 0.05, 0.8, -0.1, 0.02),
    'prism': (-0.2, 0.1, 0.001, 0.002, 0, 0.1, 0, 0, 0.01, -0.004, -0.008, 0.005),
    'no tilt': (-0.2, 0.1, 0.001, 0.002, 0, 0.1, 0, 0, 0.01, 0, 0, 0, 0, 0),
    'tilt': (-0.2, 0.1, 0.001, 0.002, 0, 0.1, 0, 0, 0.01, 0, 0, 0, 0.07, -0.04),
}
K = np.array([[480.0, 0, 322], [0, 470, 231], [0, 0, 1]])


def camera(dist=None, model='opencv'):
    lens = None if dist is None else Lens.of(tensor(dist), model)
    return Cameras(tensor(K), lens=lens)


def points_before_a_camera(number=200, seed=0):
    rng = np.random.default_rng(seed)
    depth = rng.uniform(0.5, 2, (number, 1))
    return np.c_[rng.uniform(-0.5, 0.5, (number, 2)) * depth, depth]


@pytest.mark.parametrize('dist', LENSES.values(), ids=LENSES)
def test_projection_is_opencvs(dist):
    points = points_before_a_camera()
    expected, _ = cv2.projectPoints(points, np.zeros(3), np.zeros(3), K, np.array(dist))
    found = camera(dist).project(tensor(points))
    np.testing.assert_allclose(found, expected[:, 0], atol=1e-9)


@pytest.mark.parametrize('dist', LENSES.values(), ids=LENSES)
def test_undistorting_is_opencvs_and_inverts(dist):
    points = points_before_a_camera(seed=1)
    ideal = camera().project(tensor(points))
    real = camera(dist).project(tensor(points))
    assert (real - ideal).abs().max() > 5
    found = camera(dist).undistort(real)
    np.testing.assert_allclose(found, ideal, atol=1e-9)
    theirs = cv2.undistortPointsIter(
        real.numpy(),
        K,
        np.array(dist),
        None,
        K,
        (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 500, 1e-12),
    )
    np.testing.assert_allclose(found, theirs[:, 0], atol=1e-6)


@pytest.mark.parametrize('dist', LENSES.values(), ids=LENSES)
def test_derivatives_are_those_of_the_model(dist):
    """Newton's method hides a wrong one: it still gets there, slowly."""
    point = tensor([0.3, -0.4])
    lens = pad_distortion(tensor(dist))
    lens[12:] = 0  # the tilt comes after
    expected = torch.autograd.functional.jacobian(
        lambda x: distort(x[None], lens)[0], point
    )
    _, derivatives = distort_with_jacobian(point[None], lens)
    found = torch.stack(derivatives).view(2, 2)
    torch.testing.assert_close(found, expected)


def test_no_distortion_is_the_identity():
    pixels = torch.rand(4, 21, 2) * 200
    assert camera().undistort(pixels) is pixels
    for number in (0, 4, 5, 8, 12, 14):
        none = torch.zeros(4, number)
        torch.testing.assert_close(distort(pixels, none), pixels)
        torch.testing.assert_close(undistort(pixels, none), pixels)


def test_leading_dimensions_and_single_precision():
    lenses = torch.stack([tensor(LENSES['rational']), tensor(np.zeros(8))]).float()
    points = torch.rand(3, 2, 21, 2) * 0.6 - 0.3
    matrices = tensor(np.stack([K, 2 * K])).float()
    matrices[:, 2, 2] = 1
    cameras = Cameras(matrices, lens=Lens.of(lenses))
    points = torch.cat([points, torch.ones_like(points[..., :1])], -1)
    pixels = cameras.project(points)
    found = cameras.undistort(pixels)
    expected = cameras.pinhole().project(points)
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-2)
    torch.testing.assert_close(pixels[:, 1], expected[:, 1])


def test_points_that_no_lens_can_see_are_nan():
    """A barrel's model turns back: x (1 - x^2) is nowhere above 0.385."""
    barrel = tensor([-1, 0, 0, 0])
    # the last but one is also seen of a point on the other side, at -1.22
    points = tensor([[0.38, 0], [0.39, 0], [0.2, 0.1], [0.6, 0], [np.nan, 0]])
    found = undistort(points, barrel)
    assert found.isnan().all(-1).tolist() == [False, True, False, True, True]
    torch.testing.assert_close(distort(found[[0, 2]], barrel), points[[0, 2]])


def test_other_models_are_refused():
    for number in (6, 13):
        with pytest.raises(ValueError, match=f'{number} coeff.*k1, k2, p1'):
            distort(torch.zeros(1, 2), torch.ones(number))
    with pytest.raises(ValueError, match='a fisheye has 4 coefficients, not 5'):
        Lens.of(torch.zeros(5), 'fisheye')
    with pytest.raises(ValueError, match="'omni' is not known.*opencv.*fisheye"):
        Lens.of(torch.zeros(4), 'omni')


FISHEYE = (0.05, -0.02, 0.01, -0.003)


def test_fisheye_is_opencvs_and_inverts():
    points = points_before_a_camera(seed=2) * [3, 3, 1]
    points[0] = [0, 0, 1]
    fisheye = camera(FISHEYE, 'fisheye')
    expected, _ = cv2.fisheye.projectPoints(
        points[:, None], np.zeros(3), np.zeros(3), K, np.array(FISHEYE)
    )
    real = fisheye.project(tensor(points))
    np.testing.assert_allclose(real, expected[:, 0], atol=1e-9)
    ideal = camera().project(tensor(points))
    found = fisheye.undistort(real)
    np.testing.assert_allclose(found, ideal, atol=1e-7)
    # further from the axis than any ray before the camera
    far = torch.tensor([[2e3, 0.0], [np.nan, 0]]).double()
    assert fisheye.undistort(far).isnan().any(-1).all()


def test_a_fisheye_beyond_its_turning_point_is_refused():
    """This one sees 1.35 at angles of 0.97 and 1.53: never the second."""
    lens = Lens.of(tensor([0.5, 0, -0.1, 0]), 'fisheye')
    pixels = tensor([[1.3, 0], [0, 1.34], [1.36, 0]])
    angle = lens.undistort(pixels).norm(dim=-1).atan()
    assert not (angle > 1.2).any()


def test_lenses_of_both_kinds_share_a_batch():
    points = tensor(points_before_a_camera(21)).expand(2, 21, 3)
    alone = [camera(FISHEYE, 'fisheye'), camera(LENSES['tangential'])]
    both = Cameras(
        torch.stack([one.K for one in alone]),
        lens=Lens(
            torch.stack([one.lens.dist for one in alone]), torch.tensor([True, False])
        ),
    )
    pixels = both.project(points)
    for row, one in enumerate(alone):
        torch.testing.assert_close(pixels[row], one.project(points[row]))
    assert (pixels[0] - pixels[1]).abs().max() > 1
    torch.testing.assert_close(both.undistort(pixels), camera().project(points))


def numbers(limit):
    return st.floats(-limit, limit, allow_subnormal=False)


@settings(max_examples=30)
@given(
    radial=st.tuples(*[numbers(0.15)] * 3),
    tangential=st.tuples(*[numbers(0.01)] * 2),
    rational=st.tuples(*[numbers(0.1)] * 3),
    prism=st.tuples(*[numbers(0.01)] * 4),
    tilt=st.tuples(*[numbers(0.1)] * 2),
    model=st.sampled_from(['opencv', 'fisheye']),
)
def test_undistorting_inverts_any_mild_lens(
    radial, tangential, rational, prism, tilt, model
):
    """And its mirror image sees the mirrored points mirrored."""
    k1, k2, k3 = radial
    dist = [k1, k2, *tangential, k3, *rational, *prism, *tilt]
    lens = Lens.of(tensor(dist if model == 'opencv' else dist[:4]), model)
    points = tensor(np.random.default_rng(0).uniform(-0.6, 0.6, (40, 2)))
    seen = lens.distort(points)
    torch.testing.assert_close(lens.undistort(seen), points, rtol=0, atol=1e-7)
    flip = tensor([-1, 1])
    torch.testing.assert_close(lens.mirror().distort(flip * points), flip * seen)
