"""Hands of the hand model that are nearest to meshes."""

import numpy as np
import pytest
import torch
from hand_model_files import write_hand_model
from hand_parameters import random_parameters

from hamuco_mm.hand_model import MANOLayer
from hamuco_mm.hand_model.fitting import fit_hands


@pytest.mark.parametrize('side', ['right', 'left'])
def test_hands_of_the_model_are_found_again(side):
    """From single precision, as files have it, in any frame."""
    hand = MANOLayer(side=side)
    vertices = random_parameters(4).mesh(hand.double()).vertices.float()
    fit = fit_hands(MANOLayer(side=side), vertices)
    found = fit.hands.mesh(hand).vertices
    np.testing.assert_allclose(found, vertices, atol=1e-5)
    assert fit.error.max() < 1e-6
    assert fit.hands.global_orient.norm(dim=-1).max() <= torch.pi + 1e-6


def test_a_direction_of_the_shape_that_a_model_lacks(tmp_path):
    """Files of fewer directions have zeros there."""
    path = write_hand_model(tmp_path / 'MANO_RIGHT.npz')
    with np.load(path) as content:
        arrays = dict(content)
    arrays['shapedirs'][..., 9] = 0
    np.savez(path, **arrays)
    hand = MANOLayer(str(path)).double()
    fit = fit_hands(hand, random_parameters(2).mesh(hand).vertices)
    assert fit.error.max() < 1e-6
    assert (fit.hands.betas[:, 9] == 0).all()


def test_what_is_no_hand_of_the_model_is_told():
    hand = MANOLayer().double()
    near = random_parameters(2)
    first, second = near.mesh(hand).vertices
    mean = ((first - first.mean(0)) + (second - second.mean(0))) / 2
    fit = fit_hands(hand, mean[None])
    off = (fit.hands.mesh(hand).vertices[0] - mean).norm(dim=-1).mean()
    assert fit.error.item() == pytest.approx(off.item(), rel=1e-6) and off > 1e-3
    # no hand that is a little different is nearer
    squares = (fit.hands.mesh(hand).vertices[0] - mean).square().sum()
    generator = torch.Generator().manual_seed(0)
    for name in ('global_orient', 'hand_pose', 'betas', 'transl'):
        value = getattr(fit.hands, name)
        other = torch.randn(value.shape, generator=generator).double()
        for sign in (-1e-3, 1e-3):
            changed = type(fit.hands)(
                **{**vars(fit.hands), name: value + sign * other}
            ).mesh(hand)
            assert (changed.vertices[0] - mean).square().sum() > squares


def test_a_mesh_that_is_not_finite():
    vertices = torch.full((1, 778, 3), torch.nan)
    with pytest.raises(ValueError, match='not finite'):
        fit_hands(MANOLayer(), vertices)
