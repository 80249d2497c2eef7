"""Parameters of the hand model, as other programs of MANO have them."""

import numpy as np
import pytest
import torch
from hand_parameters import random_parameters
from scipy.spatial.transform import Rotation

from hamuco_mm.hand_model import PARAMETER_SIZES, HandParameters, MANOLayer


@pytest.fixture(params=['right', 'left'])
def hand(request):
    return MANOLayer(side=request.param).double()


def test_parameters_have_the_sizes_that_are_stated():
    hands = random_parameters(3)
    assert {name: getattr(hands, name).shape[-1] for name in PARAMETER_SIZES} == (
        PARAMETER_SIZES
    )


def test_rotations_and_back(hand):
    hands = random_parameters(5)
    again = HandParameters.from_rotations(hands.rotations, hands.betas, hands.transl)
    expected, found = hands.mesh(hand), again.mesh(hand)
    assert torch.allclose(found.vertices, expected.vertices, atol=1e-12)
    assert torch.allclose(found.joints, expected.joints, atol=1e-12)


def test_the_flat_hand_is_zero(hand):
    hands = HandParameters(
        *(torch.zeros(size).double() for size in PARAMETER_SIZES.values())
    )
    assert torch.allclose(hands.mesh(hand).vertices, hand.v_template, atol=1e-7)


def test_the_hand_turns_about_its_wrist(hand):
    hands = random_parameters(4)
    wrist = hand.wrist(hands.betas)
    unturned = HandParameters(
        torch.zeros_like(hands.global_orient),
        hands.hand_pose,
        hands.betas,
        torch.zeros_like(hands.transl),
    ).mesh(hand)
    turn = torch.from_numpy(Rotation.from_rotvec(hands.global_orient).as_matrix())
    about = (unturned.vertices - wrist[:, None]) @ turn.mT
    expected = about + (wrist + hands.transl)[:, None]
    assert torch.allclose(hands.mesh(hand).vertices, expected, atol=1e-9)


def test_another_frame(hand):
    hands = random_parameters(4)
    turn = torch.from_numpy(Rotation.random(4, random_state=0).as_matrix())
    expected = hands.mesh(hand).vertices @ turn.mT
    found = hands.turned(turn, hand).mesh(hand).vertices
    np.testing.assert_allclose(found, expected, atol=1e-9)
