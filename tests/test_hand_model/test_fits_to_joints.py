"""Hands that are nearest to joints."""

import pytest
import torch
from scipy.spatial.transform import Rotation

from hamuco_mm.geometry import axis_angle_to_matrix
from hamuco_mm.hand_model import NUM_BETAS, MANOLayer
from hamuco_mm.hand_model.joint_fitting import fit_joints


@pytest.mark.parametrize('name', [None, 'mediapipe'])
def test_hands_of_the_model_are_found_wherever_and_however_large(name):
    """To a millimetre, as no finger is out of the joints' sight."""
    layer = MANOLayer(joints=name).double()
    generator = torch.Generator().manual_seed(0)
    pose = layer.mean_pose + 0.2 * torch.randn(3, 15, 3, generator=generator)
    betas = torch.randn(NUM_BETAS, generator=generator).double()
    turn = torch.from_numpy(Rotation.from_euler('xyz', [2.0, 0.5, -1.0]).as_matrix())
    rotations = torch.cat(
        [turn.expand(3, 1, 3, 3), axis_angle_to_matrix(pose.double())], 1
    )
    hands = layer(rotations, betas.expand(3, -1))
    size, place = 1.3, torch.tensor([0.1, -0.2, 0.7]).double()
    fit = fit_joints(layer, size * hands.joints + place)
    assert fit.error.max() < 1e-3
    found = (fit.vertices - size * hands.vertices - place).norm(dim=-1)
    assert found.mean() < 3e-3
    # the hand model gives what is told of them
    again = layer(fit.rotations, fit.betas.expand(3, -1)).joints
    spread, told = (x - x[:, :1] for x in (fit.joints, again))
    scale = spread.norm(dim=(1, 2)) / told.norm(dim=(1, 2))
    torch.testing.assert_close(spread, scale[:, None, None] * told)
