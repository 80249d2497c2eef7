import torch
from torch import Tensor

from ...geometry import matrix_to_axis_angle
from ...structures import HandEstimate


@torch.no_grad()
def finger_spread(estimate: HandEstimate) -> Tensor:
    """How much the finger poses of a batch differ, in degrees.

    The root mean square, over the 15 finger joints and the N hands, of the
    axis-angle pose's deviation from the batch's mean. When views agree on one
    pose whatever the images show ("groupthink"), it falls to 0.

    Args:
        estimate (HandEstimate): N hands.

    Returns:
        Tensor: Scalar.
    """
    pose = matrix_to_axis_angle(estimate.pose[:, 1:].float())
    deviation = pose - pose.mean(0)
    return deviation.square().sum(-1).mean().sqrt().rad2deg()
