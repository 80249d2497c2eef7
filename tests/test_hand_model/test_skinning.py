"""Skinning against smplx's, which is written another way."""

import pytest
import torch
from smplx.lbs import batch_rodrigues, lbs

from hamuco_mm.hand_model import NUM_VERTICES, load_hand_model
from hamuco_mm.hand_model.skinning import LinearBlendSkinning


@pytest.fixture
def hand(mano_pkl):
    return load_hand_model(str(mano_pkl))


def smplx_vertices(hand, rotations, betas):
    def tensor(array):
        return torch.from_numpy(array).to(betas)

    posedirs = tensor(hand.posedirs).reshape(-1, hand.posedirs.shape[-1]).T
    return lbs(
        betas,
        rotations,
        tensor(hand.v_template),
        tensor(hand.shapedirs),
        posedirs,
        tensor(hand.J_regressor),
        torch.from_numpy(hand.parents),
        tensor(hand.weights),
        pose2rot=False,
    )[0]


@pytest.mark.parametrize('dtype, atol', [(torch.float64, 1e-12), (torch.float32, 1e-5)])
def test_vertices_and_gradients_are_those_of_smplx(hand, dtype, atol):
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    skinning = LinearBlendSkinning(hand)
    torch.set_default_dtype(before)
    rotations = batch_rodrigues(torch.randn(6 * 16, 3)).view(6, 16, 3, 3)
    rotations = rotations.to(dtype).requires_grad_()
    betas = torch.randn(6, 10, dtype=dtype, requires_grad=True)

    planes = skinning(rotations, betas)
    assert planes.shape == (6, 3, NUM_VERTICES)
    expected = smplx_vertices(hand, rotations, betas)
    torch.testing.assert_close(planes.transpose(1, 2), expected, atol=atol, rtol=0)

    direction = torch.randn_like(expected)
    ours = torch.autograd.grad(
        (planes.transpose(1, 2) * direction).sum(), (rotations, betas)
    )
    theirs = torch.autograd.grad((expected * direction).sum(), (rotations, betas))
    torch.testing.assert_close(ours, theirs, atol=1e3 * atol, rtol=1e-4)


def test_no_hands(hand):
    planes = LinearBlendSkinning(hand)(torch.zeros(0, 16, 3, 3), torch.zeros(0, 10))
    assert planes.shape == (0, 3, NUM_VERTICES)
