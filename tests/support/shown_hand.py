"""An open hand in front of the camera of the test images."""

import numpy as np
import torch
from scipy.spatial.transform import Rotation

from hamuco_mm.hand_model import NUM_BETAS, NUM_ROTATIONS, MANOLayer


def shown_hand() -> tuple[np.ndarray, np.ndarray]:
    """Vertices (778, 3) and joints (21, 3), metres in the camera frame."""
    rotations = torch.eye(3).repeat(NUM_ROTATIONS, 1, 1)
    rotations[0] = torch.as_tensor(
        Rotation.from_euler('xyz', [20, 70, 40], degrees=True).as_matrix()
    )
    mesh = MANOLayer()(rotations, torch.zeros(NUM_BETAS)).root_relative()
    place = torch.tensor([0.02, -0.01, 1.5])
    return (mesh.vertices + place).numpy(), (mesh.joints + place).numpy()
