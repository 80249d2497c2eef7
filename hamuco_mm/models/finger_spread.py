"""How much the finger poses of a batch differ: a sign of collapse."""

import torch
from torch import Tensor


@torch.no_grad()
def finger_spread(finger_angles: Tensor) -> Tensor:
    """How much the finger poses of a batch differ, in degrees.

    The root mean square, over the 15 finger joints and the N hands, of the
    axis-angle pose's deviation from the batch's mean. When views agree on one
    pose whatever the images show ("groupthink"), the spread falls to 0.

    Args:
        finger_angles (Tensor): Rotation vectors of N hands in radians,
            (..., N, 15, 3).

    Returns:
        Tensor: (...).
    """
    deviation = finger_angles - finger_angles.mean(-3, keepdim=True)
    return deviation.square().sum(-1).mean((-1, -2)).sqrt().rad2deg()
