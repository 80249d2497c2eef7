"""The three parts of a view's graph feature (paper, section 3.2.1)."""

from collections.abc import Sequence

import torch
from mmpose.registry import MODELS
from torch import Tensor, nn
from torch.nn import functional as F

from ...hand_model.topology import NUM_JOINTS, NUM_ROTATIONS
from ...structures import HandEstimate

# Metres (about the length of a hand) that become 1 where joint depths enter the
# network, and in the losses.
NORMALISING_LENGTH = 0.2


@MODELS.register_module()
class JointLocationEmbedding(nn.Module):
    """G1: an MLP of each joint's location and of the finger pose.

    The location is (u, v, depth): the projected joint and its normalised
    root-relative depth, as in the authors' release. The pose is the 15 finger
    rotations in 6D, the same for every joint.

    Args:
        out_channels (int): Width c1.
    """

    def __init__(self, out_channels: int):
        super().__init__()
        pose_channels = (NUM_ROTATIONS - 1) * 6
        self.layers = nn.Sequential(
            nn.Linear(3 + pose_channels, out_channels),
            nn.ReLU(inplace=True),
            nn.Linear(out_channels, out_channels),
        )

    def forward(self, estimate: HandEstimate) -> Tensor:
        """Estimate of N hands -> a row for each joint, (N * 21, c1)."""
        fingers = finger_rot6d(estimate)[:, None].expand(-1, NUM_JOINTS, -1)
        joints = torch.cat([joint_locations(estimate), fingers], -1)
        return self.layers(joints.flatten(0, 1))


@MODELS.register_module()
class SpatialAwareGraphBuilder(nn.Module):
    """G2: the last feature map, reshaped to one feature per joint (SAIGB).

    A 1x1 convolution makes one map per joint; its cells, on a fixed grid so
    that any input size works, are mapped to the feature. Zheng et al., "SAR:
    Spatial-Aware Regression for 3D Hand Pose and Mesh Reconstruction", ISMAR
    2021.

    Args:
        in_channels (int): Channels of the last feature map.
        out_channels (int): Width c2.
        grid_size (int): Cells per side. Defaults to 8: stride 32 at 256 px.
    """

    def __init__(self, in_channels: int, out_channels: int, grid_size: int = 8) -> None:
        super().__init__()
        self.grid_size = grid_size
        self.joint_maps = nn.Conv2d(in_channels, NUM_JOINTS, 1)
        self.project = nn.Linear(grid_size**2, out_channels)

    def forward(self, feature_map: Tensor) -> Tensor:
        """(N, C, h, w) -> a row for each joint, (N * 21, c2)."""
        maps = on_grid(F.relu(self.joint_maps(feature_map)), self.grid_size)
        return self.project(maps.reshape(-1, self.grid_size**2))


@MODELS.register_module()
class JointFeatureSampler(nn.Module):
    """G3: earlier feature maps, sampled where the joints project (JFS).

    Args:
        in_channels (Sequence[int]): Channels of the sampled maps.
        out_channels (int): Width c3.
    """

    def __init__(self, in_channels: Sequence[int], out_channels: int):
        super().__init__()
        self.project = nn.Linear(sum(in_channels), out_channels)

    def forward(self, feature_maps: Sequence[Tensor], keypoints_2d: Tensor) -> Tensor:
        """Sample bilinearly; joints outside the crop read the border.

        Args:
            feature_maps (Sequence[Tensor]): Maps (N, C, h, w).
            keypoints_2d (Tensor): Joints in [-1, 1], (N, 21, 2); they receive
                no gradient from here.

        Returns:
            Tensor: A row for each joint, (N * 21, c3).
        """
        return self.project(sample_at_joints(feature_maps, keypoints_2d))


def joint_locations(estimate: HandEstimate) -> Tensor:
    """(u, v, depth) of the joints of N hands, (N, 21, 3): projected to the crop's
    [-1, 1], and the root-relative depth in units of 0.2 m."""
    depth = estimate.mesh.joints[..., 2:] / NORMALISING_LENGTH
    return torch.cat([estimate.keypoints_2d, depth], -1)


def finger_rot6d(estimate: HandEstimate) -> Tensor:
    """The 15 finger rotations of N hands in 6D, (N, 90)."""
    return estimate.pose[:, 1:, :, :2].flatten(1)


def on_grid(maps: Tensor, grid_size: int) -> Tensor:
    """Maps (N, C, h, w), resized to (N, C, grid_size, grid_size) if they are of
    another size."""
    if maps.shape[-2:] == (grid_size, grid_size):
        return maps
    return F.interpolate(
        maps, (grid_size, grid_size), mode='bilinear', align_corners=False
    )


def sample_at_joints(feature_maps: Sequence[Tensor], keypoints_2d: Tensor) -> Tensor:
    """Feature maps, sampled bilinearly where the joints are.

    Args:
        feature_maps (Sequence[Tensor]): Maps (N, C, h, w).
        keypoints_2d (Tensor): Joints in [-1, 1], (N, 21, 2); they receive no
            gradient from here. Those outside the crop read the border.

    Returns:
        Tensor: A row for each joint, (N * 21, sum of C).
    """
    # float32 also under autocast: bfloat16 places joints cells apart
    grid = keypoints_2d.detach()[:, None]
    sampled = [
        F.grid_sample(
            feature_map.to(grid.dtype),
            grid,
            padding_mode='border',
            align_corners=False,
        )
        for feature_map in feature_maps
    ]
    return torch.cat(sampled, 1).permute(0, 2, 3, 1).flatten(0, 2)
