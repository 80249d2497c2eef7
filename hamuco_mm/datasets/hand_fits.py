"""Hand meshes from MANO fits: pose, shape and translation."""

import numpy as np
import torch

from ..geometry import axis_angle_to_matrix
from ..hand_model import NUM_BETAS, NUM_ROTATIONS, MANOLayer

NUM_POSE = 3 * NUM_ROTATIONS
# Pose, shape and translation.
NUM_FIT = NUM_POSE + NUM_BETAS + 3


class HandFitDecoder:
    """Turns the 61 numbers of a fit into vertices.

    The fits have all 45 finger angles, relative to the model's mean pose, and
    turn about the wrist before the translation is added.

    Args:
        hand_model (dict | str, optional): Arguments of
            :class:`~hamuco_mm.hand_model.MANOLayer`, or the path of a model
            file.
    """

    def __init__(self, hand_model: dict | str | None):
        if not isinstance(hand_model, dict):
            hand_model = dict(path=hand_model)
        self.layer = MANOLayer(**hand_model)

    @torch.no_grad()
    def vertices(self, fit: np.ndarray) -> np.ndarray:
        """Vertices in the world frame in metres, float32 (778, 3).

        Args:
            fit (np.ndarray): Poses (48), shape (10), translation (3).
        """
        numbers = torch.tensor(np.asarray(fit), dtype=torch.float32)
        pose, betas, translation = numbers.split((NUM_POSE, NUM_BETAS, 3))
        pose = pose.reshape(NUM_ROTATIONS, 3).clone()
        pose[1:] += self.layer.mean_pose
        mesh = self.layer(axis_angle_to_matrix(pose), betas)
        return (mesh.vertices + translation).numpy()
