"""Parameters of the hand model in the inferencer's results."""

import numpy as np
import pytest
import torch
from made_images import make_image

from hamuco_mm.hand_model import PARAMETER_SIZES, HandParameters, MANOLayer


def mesh(hand, suffix, side):
    """The mesh that the parameters of a result give."""
    parameters = HandParameters(
        *(torch.tensor(hand[name + suffix]).double() for name in PARAMETER_SIZES)
    )
    return parameters.mesh(MANOLayer(side=side).double()).vertices


@pytest.mark.parametrize('side', ['right', 'left'])
def test_they_give_the_meshes(single_view, multi_view, calibration, side):
    """Of both sides, also as the decimals of a file."""
    results = [next(single_view(make_image(0), hand_side=side))]
    views = {name: make_image(i) for i, name in enumerate(calibration)}
    results.append(next(multi_view(views, cameras=calibration, hand_side=side)))
    for result, suffixes in zip(results, ([''], ['', '_interact'])):
        for (hand,) in result['predictions']:
            for suffix in suffixes:
                np.testing.assert_allclose(
                    mesh(hand, suffix, side), hand[f'vertices{suffix}'], atol=1e-5
                )
