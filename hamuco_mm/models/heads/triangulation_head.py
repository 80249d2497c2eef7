from collections.abc import Sequence
from typing import NamedTuple

import torch
from mmengine.structures import InstanceData
from mmpose.models.heads import HeatmapHead
from mmpose.models.heads.base_head import BaseHead
from mmpose.registry import KEYPOINT_CODECS, MODELS
from mmpose.structures import PoseDataSample
from torch import Tensor, nn

from ...cameras import Cameras
from ...geometry import project
from ...geometry.precision import at_least_float32, in_own_precision
from ...geometry.triangulation import triangulate_dlt
from ...hand_model.topology import NUM_JOINTS, ROOT_JOINT
from ...structures import Stage, ViewGroups, describe, targets_of
from ..crop_cameras import crop_cameras
from ..losses import DEFAULT_LOSS_KEYPOINT
from .augmentation import refuse_augmentation

# Metres. A point nearer to a camera, or behind it, projects as from here.
MIN_DEPTH = 0.05


class ConfidentJoints(NamedTuple):
    """What N views say of the joints.

    Attributes:
        keypoints_2d (Tensor): In the crop's [-1, 1] square, (N, 21, 2).
        confidences (Tensor): Positive, (N, 21).
        heatmaps (Tensor | None): What the 2D joints are the means of, (N, 21, h, w).
    """

    keypoints_2d: Tensor
    confidences: Tensor
    heatmaps: Tensor | None = None


@MODELS.register_module()
class TriangulationHead(BaseHead):
    """2D joints with confidences, triangulated over the views of a time step.

    The algebraic form of Iskakov et al., "Learnable Triangulation of Human
    Pose", ICCV 2019: soft-argmax of heatmaps gives the joints of each view, a
    second branch their confidences, and a DLT that these weigh the joints in
    the world. All of it is differentiable.

    The paper trains with 3D labels. Here there are none: the triangulated
    joints are projected into all views, and compared with the 2D pseudo labels
    there. Every view needs its camera, and images have no distortion.

    Works in a plain :class:`TopdownPoseEstimator`, on batches of time steps
    (:class:`~hamuco_mm.datasets.MultiViewDataset`). There is no mesh.

    Args:
        in_channels (int): Channels of the last feature map.
        deconv_out_channels (Sequence[int]): Of the layers that enlarge it to
            heatmaps, each twofold.
        hidden_channels (int): Width of the branch of confidences. Defaults to
            256.
        loss_keypoint (dict): 2D joints of a view against its pseudo label.
        loss_reprojection (dict): Triangulated joints in a view against its
            pseudo label.
        decoder (dict, optional): The codec, for predictions.
        init_cfg (dict, optional): Initialization config.
    """

    def __init__(
        self,
        in_channels: int,
        deconv_out_channels: Sequence[int] = (256, 256, 256),
        hidden_channels: int = 256,
        loss_keypoint: dict = DEFAULT_LOSS_KEYPOINT,
        loss_reprojection: dict = DEFAULT_LOSS_KEYPOINT,
        decoder: dict | None = None,
        init_cfg: dict | list[dict] | None = None,
    ) -> None:
        super().__init__(init_cfg)
        self.heatmaps = HeatmapHead(
            in_channels,
            NUM_JOINTS,
            deconv_out_channels=deconv_out_channels,
            deconv_kernel_sizes=[4] * len(deconv_out_channels),
        )
        self.confidence = nn.Sequential(
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(in_channels, hidden_channels),
            nn.ReLU(inplace=True),
            nn.Linear(hidden_channels, NUM_JOINTS),
        )
        self.loss_keypoint = MODELS.build(loss_keypoint)
        self.loss_reprojection = MODELS.build(loss_reprojection)
        self.decoder = decoder and KEYPOINT_CODECS.build(decoder)

    def forward(self, feats: tuple[Tensor, ...]) -> ConfidentJoints:
        """Feature maps (N, C, h, w), the last one is used -> N views."""
        # numbers of 8 bits, under autocast, are half a pixel of a crop
        heatmaps = at_least_float32(self.heatmaps(feats))
        confidences = at_least_float32(self.confidence(feats[-1])).sigmoid()
        return ConfidentJoints(soft_argmax(heatmaps), confidences, heatmaps)

    def worlds(
        self, joints: ConfidentJoints, cameras: Cameras, groups: ViewGroups
    ) -> dict[str, Tensor]:
        """Joints in the world, of which the last ones are predicted.

        Args:
            joints (ConfidentJoints): Of N views.
            cameras (Cameras): Of their crops, (N,).
            groups (ViewGroups): Which of them are of the same time step.

        Returns:
            dict: By the names of their losses, as :func:`triangulate_views` gives them.
        """
        return dict(loss_reprojection=triangulate_views(joints, cameras, groups))

    def loss(
        self,
        feats: tuple[Tensor, ...],
        batch_data_samples: Sequence[PoseDataSample],
        train_cfg: dict = {},
    ) -> dict[str, Tensor]:
        """Losses ``loss_kpt_single`` of the views' joints, and
        ``loss_reprojection`` of the triangulated ones.

        Raises:
            ValueError: If a view has no camera, or there are no 2D labels.
        """
        joints = self.forward(feats)
        device = feats[-1].device
        targets = targets_of(batch_data_samples, device)
        if targets.keypoints is None or targets.keypoint_weights is None:
            raise ValueError(
                'no sample has keypoint_labels, which TriangulationHead learns from: '
                "put dict(type='GenerateTarget', encoder=codec) into the training "
                'pipeline'
            )
        dtype = joints.keypoints_2d.dtype
        cameras = crop_cameras(batch_data_samples, device, dtype)
        labels = targets.keypoints, targets.keypoint_weights
        losses = dict(loss_kpt_single=self.loss_keypoint(joints.keypoints_2d, *labels))
        for name, world in self.worlds(joints, cameras, targets.frames.groups).items():
            seen = project(cameras.to_camera(world), cameras.K, MIN_DEPTH)
            # a time step of one view has no joints in the world, and no loss of them
            seen = torch.where(seen.isfinite(), seen, targets.keypoints)
            losses[name] = self.loss_reprojection(seen, *labels)
        return losses

    def predict(
        self,
        feats: tuple[Tensor, ...],
        batch_data_samples: Sequence[PoseDataSample],
        test_cfg: dict = {},
    ) -> list[InstanceData]:
        """Predictions of N views.

        Returns:
            list[InstanceData]: ``keypoints`` (1, 21, 2) of the view alone, in
            pixels of the crop, with their confidences as ``keypoint_scores``
            (1, 21), and ``keypoints_cam_fused`` (1, 21, 3), triangulated,
            root-relative in the camera frame, in metres.

        Raises:
            ValueError: If a view has no camera, or none beside it in its time
                step. For options that
                :func:`~hamuco_mm.models.heads.augmentation.refuse_augmentation` names.
        """
        refuse_augmentation(type(self).__name__, test_cfg)
        joints = self.forward(feats)
        device, dtype = feats[-1].device, joints.keypoints_2d.dtype
        cameras = crop_cameras(batch_data_samples, device, dtype)
        groups = ViewGroups.from_data_samples(batch_data_samples, device)
        if 1 in groups.sizes:
            row = sum(groups.sizes[: groups.sizes.index(1)])
            raise ValueError(
                f'{describe(batch_data_samples[row])} is the only view of its time '
                'step: TriangulationHead needs two or more'
            )
        *_, world = self.worlds(joints, cameras, groups).values()
        points = cameras.to_camera(world)
        preds = self.decode(joints.keypoints_2d[:, None].detach().cpu().numpy())
        scores = joints.confidences.detach().cpu().numpy()
        relative = (points - points[:, ROOT_JOINT, None]).detach().cpu().numpy()
        for row, pred in enumerate(preds):
            pred.keypoint_scores = scores[row : row + 1]
            pred.set_field(relative[row : row + 1], Stage.FUSION.field('keypoints_cam'))
        return preds


@in_own_precision
def soft_argmax(heatmaps: Tensor) -> Tensor:
    """Where heatmaps are high: the mean place, by a softmax of all cells.

    Args:
        heatmaps (Tensor): Of any size, (N, K, h, w).

    Returns:
        Tensor: x and y in the square [-1, 1] that the cells fill, (N, K, 2).
    """
    height, width = heatmaps.shape[-2:]
    share = heatmaps.flatten(2).softmax(-1).unflatten(2, (height, width))
    across, down = (
        (2 * torch.arange(number, device=heatmaps.device) + 1) / number - 1
        for number in (width, height)
    )
    x, y = share.sum(-2) * across, share.sum(-1) * down
    return torch.stack([x.sum(-1), y.sum(-1)], -1)


def triangulate_views(
    joints: ConfidentJoints, cameras: Cameras, groups: ViewGroups
) -> Tensor:
    """The joints in the world that the views of each time step have in common.

    Args:
        joints (ConfidentJoints): Of N views.
        cameras (Cameras): Of their crops, see
            :func:`~hamuco_mm.models.crop_cameras.crop_cameras`, (N,).
        groups (ViewGroups): Which of them are of the same time step.

    Returns:
        Tensor: Metres, for each view those of its time step, (N, 21, 3); NaN
        where it is the only one.
    """
    weights = groups.to_padded(joints.confidences)
    # the solution is the same for any common factor, its gradient is not
    weights = weights / weights.sum(1, keepdim=True)
    world = triangulate_dlt(
        groups.to_padded(joints.keypoints_2d),
        groups.to_padded(cameras.projection_matrix()),
        weights,
    )
    return groups.to_flat(world[:, None].expand(-1, weights.shape[1], -1, -1))
