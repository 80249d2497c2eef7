"""How far off a head expects its joints to be."""

import math

import torch
from mmcv.cnn import build_activation_layer
from mmengine.model import normal_init
from torch import Tensor, nn

from ...geometry.precision import at_least_float32
from ...hand_model.topology import NUM_JOINTS
from ...structures import SIGMA_SHARE

# Of the first output, in halves of a crop's side: about the error of a
# detector's labels. Outputs stay within a factor of exp(5) = 150.
FIRST_SCALE = 0.1
LARGEST_LOG = 5.0
# Half of the width around 0 that holds SIGMA_SHARE of a Laplace distribution with b = 1.
LAPLACE_SIGMA = -math.log(1 - SIGMA_SHARE)


class KeypointScales(nn.Module):
    """An MLP from features to the scale b of a Laplace distribution per joint.

    The features receive no gradient: learning how far off the joints are
    does not change what they are computed from.

    Args:
        in_channels (int): Width of the features.
        hidden_channels (int): Width of the MLP.
        act_cfg (dict): Its activation.

    Attributes:
        sigma_factor (Tensor): What makes a sigma of a scale; a scalar of the
            checkpoint. At first that of the labels' errors, see
            :func:`sigma_factor`.
    """

    sigma_factor: Tensor

    def __init__(self, in_channels: int, hidden_channels: int, act_cfg: dict) -> None:
        super().__init__()
        self.hidden = nn.Sequential(
            nn.Linear(in_channels, hidden_channels),
            build_activation_layer(act_cfg),
        )
        self.last = nn.Linear(hidden_channels, NUM_JOINTS)
        self.register_buffer('sigma_factor', sigma_factor())

    def init_weights(self) -> None:
        """A small last layer: all joints are equally uncertain at first."""
        normal_init(self.last, std=0.001)

    def forward(self, features: Tensor) -> Tensor:
        """(N, C) -> scales of the 2D joints in the crop's [-1, 1], (N, 21)."""
        raw = at_least_float32(self.last(self.hidden(features.detach())))
        return FIRST_SCALE * (LARGEST_LOG * (raw / LARGEST_LOG).tanh()).exp()


def sigma_factor() -> Tensor:
    """What makes a sigma, within which 68 % of the errors of a coordinate lie, of
    a scale b, as long as nothing is known but the distribution; a scalar.

    Scales are those of the labels' errors. What a network predicts is nearer
    to the truth than its labels are, so the factor is fitted on validation data
    (``tools/misc/calibrate_sigmas.py``).
    """
    return torch.tensor(LAPLACE_SIGMA)
