import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial import procrustes
from scipy.spatial.transform import Rotation

from hamuco_mm.geometry import SCALE_BOUNDS, bounded_scale, umeyama

GENERATOR = torch.Generator().manual_seed(0)


def points(*shape):
    return torch.randn(*shape, 3, generator=GENERATOR, dtype=torch.float64)


def similarity(seed=0):
    rotation = torch.from_numpy(Rotation.random(random_state=seed).as_matrix())
    return rotation, 1.7, torch.tensor([0.1, -2.0, 3.0], dtype=torch.float64)


def test_umeyama_recovers_a_similarity():
    source = points(5, 21)
    rotation, scale, translation = similarity()
    target = scale * source @ rotation.T + translation
    fitted = umeyama(source, target)
    torch.testing.assert_close(fitted.rotation, rotation.expand(5, 3, 3))
    torch.testing.assert_close(fitted.scale, torch.full((5,), scale).double())
    torch.testing.assert_close(fitted.translation, translation.expand(5, 3))
    torch.testing.assert_close(fitted.apply(source), target)


@given(
    st.integers(0, 2**31 - 1),
    st.floats(1e-3, 1e3),
    st.lists(st.floats(-100, 100), min_size=3, max_size=3),
)
def test_umeyama_recovers_any_similarity(seed, scale, translation):
    source = torch.from_numpy(np.random.default_rng(seed).normal(size=(21, 3)))
    rotation, _, _ = similarity(seed)
    target = scale * source @ rotation.T + torch.tensor(translation).double()
    fitted = umeyama(source, target)
    torch.testing.assert_close(fitted.rotation, rotation, atol=1e-7, rtol=0)
    assert fitted.scale.item() == pytest.approx(scale)
    torch.testing.assert_close(fitted.apply(source), target)


def test_umeyama_rotation_agrees_with_scipy():
    source, target = points(21), points(21)
    fitted = umeyama(source, target, with_scale=False)
    expected, _ = Rotation.align_vectors(
        target - target.mean(0), source - source.mean(0)
    )
    np.testing.assert_allclose(fitted.rotation.numpy(), expected.as_matrix(), atol=1e-9)


def test_umeyama_residual_agrees_with_scipy_procrustes():
    """scipy's disparity is the residual after unit-norm scaling; it allows
    reflections, so take a pair whose best map is a rotation."""
    rotation, scale, translation = similarity(3)
    source = points(21)
    target = scale * source @ rotation.T + translation + 0.05 * points(21)
    residual = (umeyama(source, target).apply(source) - target).square().sum()
    spread = (target - target.mean(0)).square().sum()
    _, _, disparity = procrustes(target.numpy(), source.numpy())
    assert residual / spread == pytest.approx(disparity, rel=1e-9)


def test_umeyama_never_reflects():
    source = points(8, 21)
    mirrored = source * torch.tensor([-1.0, 1, 1], dtype=torch.float64)
    rotation = umeyama(source, mirrored).rotation
    torch.testing.assert_close(torch.linalg.det(rotation), torch.ones(8).double())


def test_zero_weight_is_an_absent_point():
    source, target = points(21), points(21)
    weights = torch.ones(21, dtype=torch.float64)
    weights[5:9] = 0
    kept = weights > 0
    weighted = umeyama(source, target, weights)
    absent = umeyama(source[kept], target[kept])
    torch.testing.assert_close(weighted.rotation, absent.rotation)
    torch.testing.assert_close(weighted.scale, absent.scale)
    torch.testing.assert_close(weighted.translation, absent.translation)


def test_scale_stays_positive_and_finite():
    agreement = torch.tensor([-3.0, 0.0, 2.0, 900.0])
    spread = torch.tensor([1.0, 0.0, 1.0, 1.0])
    low, high = SCALE_BOUNDS
    assert bounded_scale(agreement, spread).tolist() == pytest.approx(
        [low, low, 2, high]
    )
