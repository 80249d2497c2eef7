from collections.abc import Sequence
from dataclasses import replace

import torch
from mmcv.cnn import build_activation_layer
from mmengine.model import normal_init
from mmengine.structures import InstanceData
from mmpose.models.heads.base_head import BaseHead
from mmpose.registry import KEYPOINT_CODECS, MODELS
from mmpose.structures import PoseDataSample
from torch import Tensor, nn

from ...codecs import WeakPerspectiveLabel
from ...hand_model import PARAMETER_SIZES
from ...structures import HandEstimate, Stage, cam_to_crop_rotations, targets_of
from ..layers import HandDecoder, KeypointScales
from ..losses import DEFAULT_LOSS_KEYPOINT, DEFAULT_LOSS_POSE, HandLosses
from ..prediction import pixels_per_unit, square_to_image, to_camera_frame
from .augmentation import refuse_augmentation


@MODELS.register_module()
class MANOHead(BaseHead):
    """The decoder F_d of the single-view estimator (paper, section 3.1).

    The pooled last feature map goes through one MLP each for the 6D pose, the
    shape and the weak-perspective camera. The first output is the mean hand,
    which fills the crop. Works in a plain :class:`TopdownPoseEstimator` and in
    :class:`~hamuco_mm.models.HaMuCo`.

    Args:
        in_channels (int): Channels of the last feature map. ``HaMuCo`` finds
            them by itself; with :class:`TopdownPoseEstimator`, set them.
        hidden_channels (int): Width of the MLPs. Defaults to 512.
        pool_size (int): Cells per side that the map is pooled to. Defaults to
            1, global pooling. More cells keep more of the positions in the
            image, which helps short trainings of narrow networks.
        act_cfg (dict): Activation of the MLPs. Defaults to ReLU.
        with_uncertainty (bool): Predict how far off each 2D joint is; needs
            ``loss_keypoint=dict(type='LaplaceKeypointLoss')``. Defaults
            to False.
        hand_model (dict, optional): Arguments of
            :class:`~hamuco_mm.models.layers.HandDecoder`, as
            ``dict(path='data/mano/MANO_RIGHT.pkl')``. Defaults to the
            embedded open hand.
        loss_keypoint (dict, optional): 2D joints against the pseudo label,
            weighted by confidence, in the crop's [-1, 1].
        loss_pose (dict, optional): Prior of the finger pose.
        loss_shape (dict, optional): Prior of the shape.
        loss_keypoint_cam (dict, optional): 3D joints against labels that a
            supervised data set has, in units of 0.2 m. It has to be a mean
            over the hands, as MMPose's ``L1Loss`` is.
        loss_vertex (dict, optional): The same for the mesh.
        loss_mixed_views (dict, optional): Each hand under the cameras of the
            other views of its time step against their pseudo labels, a
            :class:`~hamuco_mm.models.losses.MixedViewsLoss`.
        decoder (dict, optional): The codec, for predictions: a
            :class:`~hamuco_mm.codecs.WeakPerspectiveLabel`.
        init_cfg (dict, optional): Initialization config.

    Raises:
        ValueError: For another codec.
    """

    def __init__(
        self,
        in_channels: int,
        hidden_channels: int = 512,
        pool_size: int = 1,
        act_cfg: dict = dict(type='ReLU', inplace=True),
        with_uncertainty: bool = False,
        hand_model: dict | None = None,
        loss_keypoint: dict | None = DEFAULT_LOSS_KEYPOINT,
        loss_pose: dict | None = DEFAULT_LOSS_POSE,
        loss_shape: dict | None = dict(type='HandShapePriorLoss'),
        loss_keypoint_cam: dict | None = None,
        loss_vertex: dict | None = None,
        loss_mixed_views: dict | None = None,
        decoder: dict | None = None,
        init_cfg: dict | list[dict] | None = None,
    ) -> None:
        super().__init__(init_cfg)
        self.hand_decoder = HandDecoder(**(hand_model or {}))
        self.losses = HandLosses(
            loss_keypoint,
            loss_pose,
            loss_shape,
            loss_keypoint_cam,
            loss_vertex,
            loss_mixed_views,
            with_scales=with_uncertainty,
        )
        self.decoder = decoder and KEYPOINT_CODECS.build(decoder)
        if self.decoder and not isinstance(self.decoder, WeakPerspectiveLabel):
            raise ValueError(
                f'head.decoder is a {type(self.decoder).__name__}, and the hands of a '
                "MANOHead lie in the square of dict(type='WeakPerspectiveLabel', "
                'input_size=...): set it here and as the encoder of GenerateTarget'
            )
        self.in_channels = in_channels
        self.pool = nn.AdaptiveAvgPool2d(pool_size)
        in_channels *= pool_size**2
        #: int: width of the features that hands are decoded from
        self.feature_channels = in_channels
        sizes = self.hand_decoder
        self.pose = _mlp(in_channels, hidden_channels, sizes.num_pose, act_cfg)
        self.shape = _mlp(in_channels, hidden_channels, sizes.num_betas, act_cfg)
        self.camera = _mlp(in_channels, hidden_channels, sizes.num_camera, act_cfg)
        self.uncertainty = None
        if with_uncertainty:
            self.uncertainty = KeypointScales(in_channels, hidden_channels, act_cfg)

    def init_weights(self) -> None:
        """Small last layers: the first output is the mean hand."""
        super().init_weights()
        if self.init_cfg is None:
            for mlp in (self.pose, self.shape, self.camera):
                normal_init(mlp[-1], std=0.001)

    def forward(self, feats: tuple[Tensor, ...]) -> HandEstimate:
        """Feature maps (N, C, h, w), the last one is used -> N hands.

        Raises:
            ValueError: If the last map does not have ``in_channels`` channels.
        """
        if feats[-1].shape[1] != self.in_channels:
            raise ValueError(
                f'head.in_channels={self.in_channels}, but the last map of the '
                f'backbone has {feats[-1].shape[1]} channels: set in_channels'
            )
        pooled = self.pool(feats[-1]).flatten(1)
        hands = self.hand_decoder(
            self.pose(pooled), self.shape(pooled), self.camera(pooled)
        )
        scales = None if self.uncertainty is None else self.uncertainty(pooled)
        return replace(hands, features=pooled, keypoint_scales=scales)

    def loss(
        self,
        feats: tuple[Tensor, ...],
        batch_data_samples: Sequence[PoseDataSample],
        train_cfg: dict = {},
    ) -> dict[str, Tensor]:
        """Losses of the single-view estimate, see
        :class:`~hamuco_mm.models.losses.HandLosses`."""
        targets = targets_of(batch_data_samples, feats[-1].device)
        targets = targets.as_precise_as(feats[-1])
        return self.losses(self.forward(feats), targets, Stage.SINGLE)

    def predict(
        self,
        feats: tuple[Tensor, ...],
        batch_data_samples: Sequence[PoseDataSample],
        test_cfg: dict = {},
    ) -> list[InstanceData]:
        """One :class:`InstanceData` for each sample, see
        :meth:`predict_by_estimate`.

        Raises:
            ValueError: See
                :func:`~hamuco_mm.models.heads.augmentation.refuse_augmentation`.
        """
        refuse_augmentation(type(self).__name__, test_cfg)
        R_cam2crop = cam_to_crop_rotations(batch_data_samples, feats[-1].device)
        return self.predict_by_estimate(
            self.forward(feats), batch_data_samples, R_cam2crop
        )

    def predict_by_estimate(
        self,
        estimate: HandEstimate,
        data_samples: Sequence[PoseDataSample],
        R_cam2crop: Tensor,
    ) -> list[InstanceData]:
        """N estimates as N predictions in crop pixels and camera metres.

        Args:
            estimate (HandEstimate): N hands: this head's, or others of the
                same crops.
            data_samples (Sequence[PoseDataSample]): Their N samples.
            R_cam2crop (Tensor): Rotations from the camera frames into the
                frames of the crops, (N, 3, 3).

        Returns:
            list[InstanceData]: ``keypoints`` (1, 21, 2) in pixels of the
            crop, ``keypoint_scores`` (1, 21), and root-relative in the camera
            frame, ``keypoints_cam`` (1, 21, 3) and ``vertices`` (1, 778, 3)
            in metres; and the :class:`~hamuco_mm.hand_model.HandParameters`
            that give the vertices; with uncertainty also ``keypoint_sigmas`` (1, 21),
            in pixels of the original image. The samples are changed by :meth:`name_hand_model`.

        Raises:
            RuntimeError: If the head has no ``decoder``.
        """
        preds = self.decode(estimate.keypoints_2d[:, None])
        R_cam2crop = R_cam2crop.to(estimate.pose.dtype)
        mesh = to_camera_frame(estimate.mesh, R_cam2crop)
        joints = mesh.joints.detach().cpu().numpy()
        vertices = mesh.vertices.detach().cpu().numpy()
        hands = self.hand_decoder.hand_parameters(estimate, R_cam2crop)
        fields = {
            name: getattr(hands, name).detach().cpu().numpy()
            for name in PARAMETER_SIZES
        }
        if self.uncertainty is not None and estimate.keypoint_scales is not None:
            to_image = torch.from_numpy(square_to_image(data_samples))
            sigmas = self.uncertainty.sigma_factor * estimate.keypoint_scales
            fields['keypoint_sigmas'] = (
                sigmas.detach().cpu() * pixels_per_unit(to_image)
            ).numpy()
        for row, pred in enumerate(preds):
            pred.keypoints_cam = joints[row : row + 1]
            pred.vertices = vertices[row : row + 1]
            for name, values in fields.items():
                pred.set_field(values[row : row + 1], name)
        self.name_hand_model(data_samples)
        return preds

    def name_hand_model(self, data_samples: Sequence[PoseDataSample]) -> None:
        """Say in the samples' metainfo, as ``hand_model_path``, of which hand
        model the predicted meshes are: its file."""
        path = self.hand_decoder.hand_model['path']
        for sample in data_samples:
            sample.set_field(path, 'hand_model_path', field_type='metainfo')

    def decode(self, batch_outputs: Tensor) -> list[InstanceData]:
        """Normalised (N, 1, 21, 2) to N instances in crop pixels."""
        return super().decode(batch_outputs.detach().cpu().numpy())


def _mlp(
    in_channels: int, hidden_channels: int, out_channels: int, act_cfg: dict
) -> nn.Sequential:
    return nn.Sequential(
        nn.Linear(in_channels, hidden_channels),
        build_activation_layer(act_cfg),
        nn.Linear(hidden_channels, out_channels),
    )
