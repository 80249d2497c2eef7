"""Joints in a volume that all views are projected into."""

from typing import Any

import torch
from mmcv.cnn import ConvModule
from mmpose.registry import MODELS
from torch import Tensor, nn
from torch.nn import functional as F

from ...cameras import Cameras
from ...geometry import project
from ...geometry.precision import at_least_float32, in_own_precision
from ...hand_model.topology import NUM_JOINTS, ROOT_JOINT
from ...structures import ViewGroups
from .triangulation_head import MIN_DEPTH, ConfidentJoints, TriangulationHead


@MODELS.register_module()
class VolumetricTriangulationHead(TriangulationHead):
    """Heatmaps of all views, projected into a volume of the world.

    The volumetric form of Iskakov et al., "Learnable Triangulation of Human Pose",
    ICCV 2019, with softmax aggregation: a cube around the hand that
    :class:`TriangulationHead` triangulates, in each of whose cells maps of all views
    meet; a 3D network gives heatmaps of the joints there, whose means are the joints.

    As there, no 3D label teaches it. Other than in the paper, the maps come from the
    heatmaps of the 2D joints, the 3D network is a small one, and cubes are not turned at
    random.

    Args:
        in_channels (int): Channels of the last feature map.
        volume_size (int): Cells along an edge, even. Defaults to 24.
        volume_side (float): Length of the edge, metres. Defaults to 0.3.
        volume_channels (int): Maps of each view. Defaults to 16.
        volume_hidden_channels (int): Width of the 3D network. Defaults to 16.
        **kwargs: Other arguments of :class:`TriangulationHead`.

    Raises:
        ValueError: If ``volume_size`` is odd or not above 0.
    """

    grid: Tensor

    def __init__(
        self,
        in_channels: int,
        volume_size: int = 24,
        volume_side: float = 0.3,
        volume_channels: int = 16,
        volume_hidden_channels: int = 16,
        **kwargs: Any,
    ) -> None:
        super().__init__(in_channels, **kwargs)
        if volume_size < 2 or volume_size % 2:
            raise ValueError(f'volume_size should be an even number, got {volume_size}')
        self.volume_size = volume_size
        self.to_volume = nn.Conv2d(NUM_JOINTS, volume_channels, 1)
        self.volume_network = VolumeNetwork(volume_channels, volume_hidden_channels)
        centres = (torch.arange(volume_size) + 0.5) / volume_size - 0.5
        axes = torch.meshgrid(centres, centres, centres, indexing='ij')
        grid = volume_side * torch.stack(axes, -1).flatten(0, 2)
        self.register_buffer('grid', grid, persistent=False)

    def worlds(
        self, joints: ConfidentJoints, cameras: Cameras, groups: ViewGroups
    ) -> dict[str, Tensor]:
        """The triangulated joints, then those of the volume, see
        :meth:`TriangulationHead.worlds`."""
        worlds = super().worlds(joints, cameras, groups)
        (triangulated,) = worlds.values()
        first = groups.to_padded(triangulated.detach())[:, 0]
        centre = first[:, ROOT_JOINT].nan_to_num()
        cells = centre[:, None] + self.grid.to(centre)
        volume = self._volume(joints, cameras, groups, cells)
        heat = at_least_float32(self.volume_network(volume)).flatten(2)
        world = mean_places(heat, cells)[:, None]
        world = world.expand(-1, groups.mask.shape[1], -1, -1)
        # the only view of a time step has none
        world = groups.to_flat(world).where(triangulated.isfinite(), torch.nan)
        return dict(worlds, loss_reprojection_volume=world)

    def _volume(
        self,
        joints: ConfidentJoints,
        cameras: Cameras,
        groups: ViewGroups,
        cells: Tensor,
    ) -> Tensor:
        """What the views of each time step see in its cells.

        Args:
            joints (ConfidentJoints): Of N views, with heatmaps.
            cameras (Cameras): Of their crops, (N,).
            groups (ViewGroups): Which of them are of the same time step.
            cells (Tensor): In the world, metres, (B, P, 3).

        Returns:
            Tensor: (B, C, D, D, D).
        """
        assert joints.heatmaps is not None
        maps = at_least_float32(self.to_volume(joints.heatmaps))
        num_views = groups.mask.shape[1]
        points = groups.to_flat(cells[:, None].expand(-1, num_views, -1, -1))
        places = project(cameras.to_camera(points), cameras.K, MIN_DEPTH)
        seen = F.grid_sample(maps, places[:, :, None], align_corners=False)
        by_view = groups.to_padded(seen.squeeze(-1))
        absent = ~groups.mask[:, :, None, None]
        share = by_view.masked_fill(absent, -torch.inf).softmax(1)
        return (share * by_view).sum(1).unflatten(-1, [self.volume_size] * 3)


@in_own_precision
def mean_places(heat: Tensor, cells: Tensor) -> Tensor:
    """Where cells are hot: their mean place, by a softmax of all cells.

    Args:
        heat (Tensor): Of each joint in each cell, (B, K, P).
        cells (Tensor): Where they are, (B, P, 3).

    Returns:
        Tensor: (B, K, 3).
    """
    return heat.softmax(-1) @ cells


class VolumeNetwork(nn.Module):
    """Two scales of 3D convolutions.

    Args:
        in_channels (int): Of the volume.
        channels (int): Width of the finer scale.
    """

    def __init__(self, in_channels: int, channels: int) -> None:
        super().__init__()
        self.fine = _convolution(in_channels, channels)
        self.coarse = nn.Sequential(
            _convolution(channels, 2 * channels, stride=2),
            _convolution(2 * channels, 2 * channels),
        )
        self.merge = _convolution(3 * channels, channels)
        self.last = nn.Conv3d(channels, NUM_JOINTS, 1)

    def forward(self, volume: Tensor) -> Tensor:
        """(B, C, D, D, D) -> heatmaps of the joints, (B, 21, D, D, D)."""
        fine = self.fine(volume)
        coarse = F.interpolate(self.coarse(fine), scale_factor=2)
        return self.last(self.merge(torch.cat([fine, coarse], 1)))


def _convolution(in_channels: int, out_channels: int, stride: int = 1) -> ConvModule:
    return ConvModule(
        in_channels,
        out_channels,
        3,
        stride,
        padding=1,
        conv_cfg=dict(type='Conv3d'),
        norm_cfg=dict(type='BN3d'),
    )
