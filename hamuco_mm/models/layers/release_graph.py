"""Graph features and graph convolution in the form of the authors' release.

What it has in place of the parts in ``graph_features.py`` and
``view_interaction.py``; ``docs/method.md`` lists the differences. A config picks
them by the ``*_layer`` arguments of :class:`~hamuco_mm.models.CVINet` and
:class:`~hamuco_mm.models.GraphMANOHead`.
"""

from collections.abc import Sequence

import torch
from mmpose.registry import MODELS
from torch import Tensor, nn

from ...hand_model.topology import NUM_JOINTS, NUM_ROTATIONS
from ...structures import HandEstimate
from .graph_features import finger_rot6d, joint_locations, on_grid, sample_at_joints
from .view_interaction import mix_joints

NEGATIVE_SLOPE = 0.1


@MODELS.register_module()
class HandLocationEmbedding(nn.Module):
    """G1 by one MLP over all joints.

    It takes the locations of the 21 joints and the finger pose together, and
    gives the features of all joints.

    Args:
        out_channels (int): Width c1, of each joint.
    """

    def __init__(self, out_channels: int):
        super().__init__()
        pose_channels = (NUM_ROTATIONS - 1) * 6
        width = NUM_JOINTS * out_channels
        self.out_channels = out_channels
        self.layers = nn.Sequential(
            nn.Linear(NUM_JOINTS * 3 + pose_channels, width),
            nn.LeakyReLU(NEGATIVE_SLOPE, inplace=True),
            nn.Linear(width, width),
        )

    def forward(self, estimate: HandEstimate) -> Tensor:
        """Estimate of N hands -> a row for each joint, (N * 21, c1)."""
        hand = [joint_locations(estimate).flatten(1), finger_rot6d(estimate)]
        return self.layers(torch.cat(hand, -1)).view(-1, self.out_channels)


@MODELS.register_module()
class JointMapsGraphBuilder(nn.Module):
    """G2 by several maps per joint, whose cells are the feature.

    Args:
        in_channels (int): Channels of the last feature map.
        out_channels (int): Width c2: maps per joint times cells.
        grid_size (int): Cells per side. Defaults to 8.

    Raises:
        ValueError: If ``out_channels`` is no multiple of the number of cells.
    """

    def __init__(self, in_channels: int, out_channels: int, grid_size: int = 8) -> None:
        super().__init__()
        num_maps, rest = divmod(out_channels, grid_size**2)
        if rest:
            raise ValueError(
                f'JointMapsGraphBuilder: global_channels={out_channels} must be a '
                f'multiple of the {grid_size**2} cells of grid_size={grid_size}'
            )
        self.grid_size = grid_size
        self.out_channels = out_channels
        self.joint_maps = nn.Conv2d(in_channels, NUM_JOINTS * num_maps, 1)
        self.activation = nn.LeakyReLU(NEGATIVE_SLOPE)

    def forward(self, feature_map: Tensor) -> Tensor:
        """(N, C, h, w) -> a row for each joint, (N * 21, c2)."""
        maps = self.activation(self.joint_maps(feature_map))
        return on_grid(maps, self.grid_size).reshape(-1, self.out_channels)


@MODELS.register_module()
class RawJointFeatureSampler(nn.Module):
    """G3 as it is sampled from the earlier feature maps.

    Args:
        in_channels (Sequence[int]): Channels of the sampled maps.
        out_channels (int): Width c3: the sum of ``in_channels``.

    Raises:
        ValueError: If it is another number.
    """

    def __init__(self, in_channels: Sequence[int], out_channels: int):
        super().__init__()
        if out_channels != sum(in_channels):
            raise ValueError(
                f'RawJointFeatureSampler: local_channels={out_channels}, but the '
                f'sampled maps have {sum(in_channels)} channels together: set '
                f'local_channels={sum(in_channels)}'
            )

    def forward(self, feature_maps: Sequence[Tensor], keypoints_2d: Tensor) -> Tensor:
        """See :func:`~hamuco_mm.models.layers.graph_features.sample_at_joints`."""
        return sample_at_joints(feature_maps, keypoints_2d)


@MODELS.register_module()
class PreNormGCN(nn.Module):
    """Two graph convolutions after a LayerNorm.

    The rows of each learned adjacency, which starts from the identity, are
    divided by their sums.

    Args:
        channels (int): Width of the node features.
        out_channels (int, optional): Width of the result. Defaults to
            ``channels``.
        dropout (float): Between the two convolutions. Defaults to 0.1.
    """

    def __init__(
        self, channels: int, out_channels: int | None = None, dropout: float = 0.1
    ) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(channels)
        self.adjacency = nn.Parameter(torch.eye(NUM_JOINTS).repeat(2, 1, 1))
        self.hidden = nn.Linear(channels, channels)
        self.out = nn.Linear(channels, out_channels or channels)
        self.activation = nn.LeakyReLU(NEGATIVE_SLOPE)
        self.dropout = nn.Dropout(dropout)

    def forward(self, graph: Tensor) -> Tensor:
        """(..., 21, C) -> (..., 21, out_channels)."""
        # the small number keeps a row whose sum is exactly 0 finite
        weights = self.adjacency / (self.adjacency.sum(-1, keepdim=True) + 1e-5)
        hidden = self.hidden(mix_joints(weights[0], self.norm(graph)))
        hidden = self.dropout(self.activation(hidden))
        return self.activation(self.out(mix_joints(weights[1], hidden)))
