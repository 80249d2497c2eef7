from dataclasses import replace

from mmcv.cnn import build_activation_layer
from mmengine.model import BaseModule, normal_init
from mmpose.registry import MODELS
from torch import Tensor, nn

from ...geometry import matrix_to_rot6d
from ...geometry.precision import at_least_float32
from ...hand_model.topology import NUM_JOINTS
from ...structures import HandEstimate
from ..layers import HandDecoder, KeypointScales
from ..losses import DEFAULT_LOSS_KEYPOINT, DEFAULT_LOSS_POSE, HandLosses


@MODELS.register_module()
class GraphMANOHead(BaseModule):
    """The decoder F_r after the interaction (paper, section 3.2.2).

    A graph feature goes through an MLP to the 6D pose and the camera; the
    shape is the single view's, detached. It is the ``view_head`` of
    :class:`~hamuco_mm.models.HaMuCo` and cannot be the head of MMPose's
    estimators, which pass feature maps to their heads.

    Args:
        in_channels (int): Width of the graph features.
        hidden_channels (int): Width of the MLP. Defaults to 512.
        residual (bool): Regress the change from the single view's pose and
            camera (detached) rather than the pose and camera themselves. The
            interaction then starts from the single view's estimate, but learns
            to use the other views far more slowly. In the paper, pose and
            camera are regressed from scratch. Defaults to False.
        joint_layer (dict, optional): A graph convolution before the MLP, as
            ``dict(type='PreNormGCN', out_channels=32)``. Its ``channels`` are
            given to it, its ``out_channels`` make the width of each joint.
            Defaults to None.
        act_cfg (dict): Activation of the MLP. Defaults to ReLU.
        with_uncertainty (bool): Predict how far off each 2D joint is; needs
            ``loss_keypoint=dict(type='LaplaceKeypointLoss')``. Defaults
            to False.
        hand_model (dict, optional): See :class:`MANOHead`.
        loss_keypoint (dict, optional): 2D joints against the pseudo label,
            weighted by confidence, in the crop's [-1, 1].
        loss_pose (dict, optional): Prior of the finger pose.
        loss_shape (dict, optional): Prior of the shape.
        loss_keypoint_cam (dict, optional): 3D joints against labels that a
            supervised data set has, in units of 0.2 m. It has to be a mean
            over the hands, as MMPose's ``L1Loss`` is.
        loss_vertex (dict, optional): The same for the mesh.
        init_cfg (dict, optional): Initialization config.
    """

    def __init__(
        self,
        in_channels: int,
        hidden_channels: int = 512,
        residual: bool = False,
        joint_layer: dict | None = None,
        act_cfg: dict = dict(type='ReLU', inplace=True),
        with_uncertainty: bool = False,
        hand_model: dict | None = None,
        loss_keypoint: dict | None = DEFAULT_LOSS_KEYPOINT,
        loss_pose: dict | None = DEFAULT_LOSS_POSE,
        loss_shape: dict | None = None,
        loss_keypoint_cam: dict | None = None,
        loss_vertex: dict | None = None,
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
            with_scales=with_uncertainty,
        )
        self.residual = residual
        #: int: width of the features that hands are decoded from
        self.feature_channels = hidden_channels
        self.in_channels = in_channels
        self.joint_layer = None
        if joint_layer is not None:
            self.joint_layer = MODELS.build(dict(joint_layer, channels=in_channels))
            in_channels = joint_layer.get('out_channels') or in_channels
        self.hidden = nn.Sequential(
            nn.Linear(NUM_JOINTS * in_channels, hidden_channels),
            build_activation_layer(act_cfg),
        )
        self.pose = nn.Linear(hidden_channels, self.hand_decoder.num_pose)
        self.camera = nn.Linear(hidden_channels, self.hand_decoder.num_camera)
        self.uncertainty = None
        if with_uncertainty:
            self.uncertainty = KeypointScales(hidden_channels, hidden_channels, act_cfg)

    def init_weights(self) -> None:
        """Small last layers: the first output is the mean hand, or the
        single view's with ``residual``."""
        super().init_weights()
        if self.init_cfg is None:
            normal_init(self.pose, std=0.001)
            normal_init(self.camera, std=0.001)

    def forward(self, graphs: Tensor, single: HandEstimate) -> HandEstimate:
        """Decode N graph features.

        Args:
            graphs (Tensor): Graph features in shape (N, 21, C).
            single (HandEstimate): The single-view estimates of the same N
                views; they receive no gradient from here.

        Returns:
            HandEstimate: "interact": N hands.

        Raises:
            ValueError: If the features do not have ``in_channels`` channels.
        """
        if graphs.shape[-1] != self.in_channels:
            raise ValueError(
                f'view_head.in_channels={self.in_channels}, but the interaction gives '
                f'{graphs.shape[-1]} channels: leave in_channels out'
            )
        if self.joint_layer is not None:
            graphs = self.joint_layer(graphs)
        hidden = self.hidden(graphs.flatten(1))
        pose = at_least_float32(self.pose(hidden))
        camera = at_least_float32(self.camera(hidden))
        if self.residual:
            decoder = self.hand_decoder
            pose = pose + (
                matrix_to_rot6d(single.pose.detach()).flatten(1)
                - decoder.identity_rot6d
            )
            camera = camera + decoder.encode_camera(single.camera.detach())
        hands = self.hand_decoder(pose, single.betas.detach(), camera)
        scales = None if self.uncertainty is None else self.uncertainty(hidden)
        return replace(hands, features=hidden, keypoint_scales=scales)
