"""How far off a head expects its joints to be."""

from mmcv.cnn import build_activation_layer
from mmengine.model import normal_init
from torch import Tensor, nn

from ...hand_model.topology import NUM_JOINTS

# Of the first output, in halves of a crop's side: about the error of a
# detector's labels. Outputs stay within a factor of exp(5) = 150.
FIRST_SCALE = 0.1
LARGEST_LOG = 5.0


class KeypointScales(nn.Module):
    """An MLP from features to the scale b of a Laplace distribution per joint.

    The features receive no gradient: learning how far off the joints are
    does not change what they are computed from.

    Args:
        in_channels (int): Width of the features.
        hidden_channels (int): Width of the MLP.
        act_cfg (dict): Its activation.
    """

    def __init__(self, in_channels: int, hidden_channels: int, act_cfg: dict) -> None:
        super().__init__()
        self.hidden = nn.Sequential(
            nn.Linear(in_channels, hidden_channels),
            build_activation_layer(act_cfg),
        )
        self.last = nn.Linear(hidden_channels, NUM_JOINTS)

    def init_weights(self) -> None:
        """A small last layer: all joints are equally uncertain at first."""
        normal_init(self.last, std=0.001)

    def forward(self, features: Tensor) -> Tensor:
        """(N, C) -> scales of the 2D joints in the crop's [-1, 1], (N, 21)."""
        raw = self.last(self.hidden(features.detach())).float()
        return FIRST_SCALE * (LARGEST_LOG * (raw / LARGEST_LOG).tanh()).exp()
