"""The graph feature of each view, before the views interact."""

from collections.abc import Sequence
from typing import Any

import torch
from mmengine.model import BaseModule
from mmpose.registry import MODELS
from torch import Tensor, nn

from ...hand_model.topology import NUM_JOINTS
from ...structures import HandEstimate

DEFAULT_LOCATION_LAYER = dict(type='JointLocationEmbedding')
DEFAULT_GLOBAL_LAYER = dict(type='SpatialAwareGraphBuilder')
DEFAULT_LOCAL_LAYER = dict(type='JointFeatureSampler')


class ViewSharedGraphFeature(BaseModule):
    """VSGFE: one feature per joint of each view, from what the single-view
    estimator knows (paper, section 3.2.1). A width of 0 leaves a part out.

    Args:
        in_channels (Sequence[int]): Channels of the backbone's maps, early to
            late.
        location_channels (int): Width c1 of G1, joint locations and pose.
        global_channels (int): Width c2 of G2, the last map.
        local_channels (int): Width c3 of G3, the earlier maps at the joints.
        grid_size (int): Cells per side of G2's grid.
        location_layer (dict): Config of what makes G1; each layer is given its
            channels.
        global_layer (dict): Config of what makes G2.
        local_layer (dict): Config of what makes G3.
    """

    def __init__(
        self,
        in_channels: Sequence[int],
        location_channels: int,
        global_channels: int,
        local_channels: int,
        grid_size: int,
        location_layer: dict = DEFAULT_LOCATION_LAYER,
        global_layer: dict = DEFAULT_GLOBAL_LAYER,
        local_layer: dict = DEFAULT_LOCAL_LAYER,
    ) -> None:
        super().__init__()
        self.channels = location_channels + global_channels + local_channels
        if not self.channels:
            raise ValueError(
                'at least one of location_channels, '
                'global_channels, local_channels must be > 0'
            )
        if local_channels and len(in_channels) < 2:
            raise ValueError(
                'local_channels > 0 samples the earlier feature maps, but '
                f'in_channels={tuple(in_channels)} names one map: set '
                'local_channels=0, or give the backbone several out_indices if it '
                'has these'
            )
        self.location = _build(location_layer, location_channels)
        self.joint_graph = _build(
            global_layer,
            global_channels,
            in_channels=in_channels[-1],
            grid_size=grid_size,
        )
        self.sampler = _build(local_layer, local_channels, in_channels=in_channels[:-1])

    def forward(self, feats: Sequence[Tensor], estimate: HandEstimate) -> Tensor:
        """Feature maps and the single-view estimate -> (N, 21, C)."""
        parts = []
        if self.location is not None:
            parts.append(self.location(estimate))
        if self.joint_graph is not None:
            parts.append(self.joint_graph(feats[-1]))
        if self.sampler is not None:
            parts.append(self.sampler(feats[:-1], estimate.keypoints_2d))
        joints = torch.cat([part.to(parts[-1].dtype) for part in parts], -1)
        return joints.unflatten(0, (-1, NUM_JOINTS))


def _build(layer: dict, channels: int, **arguments: Any) -> nn.Module | None:
    """A layer of that many output channels; None for 0."""
    if not channels:
        return None
    return MODELS.build(dict(layer, out_channels=channels, **arguments))
