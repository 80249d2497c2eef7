"""The best rotation, against the singular value decomposition."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from hamuco_mm.geometry import procrustes_rotation, umeyama

GENERATOR = torch.Generator().manual_seed(0)


def by_svd(covariance):
    """Umeyama, PAMI 1991."""
    u, _, vh = torch.linalg.svd(covariance)
    v = vh.transpose(-1, -2)
    flip = torch.linalg.det(v @ u.transpose(-1, -2)).sign()
    signs = torch.stack([torch.ones_like(flip), torch.ones_like(flip), flip], -1)
    return (v * signs[..., None, :]) @ u.transpose(-1, -2)


def moments(kind, dtype):
    source, target = torch.randn(2, 200, 9, 3, generator=GENERATOR, dtype=dtype)
    if kind == 'planar':
        source = source * torch.tensor([1.0, 1.0, 0.0], dtype=dtype)
    if kind == 'mirrored':
        target = source * torch.tensor([1.0, 1.0, -1.0], dtype=dtype)
    if kind == 'nearly equal':
        target = source + 1e-3 * target
    scale = dict(large=1e6, small=1e-9).get(kind, 1.0)
    return scale * source.transpose(-1, -2) @ target


def gain(rotation, covariance):
    products = rotation.double() @ covariance.double()
    return products.diagonal(dim1=-2, dim2=-1).sum(-1)


@pytest.mark.parametrize('dtype', [torch.float32, torch.float64])
@pytest.mark.parametrize(
    'kind', ['any', 'planar', 'mirrored', 'nearly equal', 'large', 'small']
)
def test_the_rotation_is_that_of_the_decomposition(kind, dtype):
    covariance = moments(kind, dtype)
    rotation = procrustes_rotation(covariance)
    assert rotation.dtype == dtype
    expected = by_svd(covariance.double()).to(dtype)
    torch.testing.assert_close(rotation, expected, atol=1e-6, rtol=0)


@pytest.mark.parametrize(
    'diagonal', [(0, 0, 0), (1, 0, 0), (1, 1, 1), (-1, -1, -1), (2, 1, -1)]
)
def test_where_several_rotations_are_best_one_of_them_is_found(diagonal):
    covariance = torch.diag(torch.tensor(diagonal, dtype=torch.float32))
    covariance.requires_grad_()
    rotation = procrustes_rotation(covariance)
    expected = gain(by_svd(covariance.detach()), covariance.detach())
    torch.testing.assert_close(gain(rotation.detach(), covariance.detach()), expected)
    torch.testing.assert_close(rotation @ rotation.T, torch.eye(3))
    assert torch.linalg.det(rotation).item() == pytest.approx(1)
    rotation.square().mul(torch.arange(9.0).view(3, 3)).sum().backward()
    assert covariance.grad.isfinite().all()


@given(st.lists(st.floats(-1e3, 1e3), min_size=9, max_size=9))
def test_no_rotation_is_better(numbers):
    covariance = torch.tensor(numbers, dtype=torch.float64).view(3, 3)
    rotation = procrustes_rotation(covariance)
    torch.testing.assert_close(rotation @ rotation.T, torch.eye(3).double())
    best = gain(by_svd(covariance), covariance).item()
    assert gain(rotation, covariance).item() == pytest.approx(best, abs=1e-6)


def test_gradients():
    covariance = moments('any', torch.float64)[:4].requires_grad_()
    assert torch.autograd.gradcheck(procrustes_rotation, (covariance,))


@pytest.mark.parametrize('shape', ['a point', 'a line', 'a plane'])
def test_gradients_of_a_fit_stay_finite(shape):
    kept = {'a point': 0, 'a line': 1, 'a plane': 2}[shape]
    source = torch.randn(21, 3, generator=GENERATOR)
    source[:, kept:] = 0
    source.requires_grad_()
    fitted = umeyama(source, torch.randn(21, 3, generator=GENERATOR))
    fitted.apply(source).square().sum().backward()
    assert source.grad.isfinite().all()


@pytest.mark.parametrize('shape', [(), (0,), (2, 0), (2, 3, 4)])
def test_leading_dimensions_are_free(shape):
    assert procrustes_rotation(torch.eye(3).expand(*shape, 3, 3)).shape == (
        *shape,
        3,
        3,
    )
