from mmengine.model import normal_init
from mmpose.registry import MODELS
from torch import Tensor, nn

from ...geometry import matrix_to_rot6d
from ...hand_model.topology import NUM_JOINTS
from ...structures import HandEstimate
from .base_hand_head import BaseHandHead


@MODELS.register_module()
class GraphMANOHead(BaseHandHead):
    """The decoder F_r after the interaction (paper, section 3.2.2).

    A graph feature goes through an MLP to the 6D pose and the camera; the
    shape is the single view's, detached.

    Args:
        in_channels (int): Width of the graph features.
        hidden_channels (int): Width of the MLP. Defaults to 512.
        residual (bool): Regress the change from the single view's pose and
            camera (detached) rather than the pose and camera themselves. The
            interaction then starts where the single view is, which short
            trainings need; the paper regresses them anew. Defaults to False.
        **kwargs: See :class:`BaseHandHead`.
    """

    def __init__(
        self,
        in_channels: int,
        hidden_channels: int = 512,
        residual: bool = False,
        init_cfg=None,
        **kwargs,
    ):
        super().__init__(init_cfg=init_cfg, **kwargs)
        decoder = self.hand_decoder
        self.residual = residual
        self.hidden = nn.Sequential(
            nn.Linear(NUM_JOINTS * in_channels, hidden_channels), nn.ReLU(inplace=True)
        )
        self.pose = nn.Linear(hidden_channels, decoder.num_pose)
        self.camera = nn.Linear(hidden_channels, decoder.num_camera)

    def init_weights(self):
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
        """
        hidden = self.hidden(graphs.flatten(1))
        pose, camera = self.pose(hidden).float(), self.camera(hidden).float()
        if self.residual:
            decoder = self.hand_decoder
            pose = pose + (
                matrix_to_rot6d(single.pose.detach()).flatten(1)
                - decoder.identity_rot6d
            )
            camera = camera + decoder.encode_camera(single.camera.detach())
        return self.hand_decoder(pose, single.betas.detach(), camera)

    def loss(self, feats, batch_data_samples, train_cfg={}):
        """Not a head of its own: HaMuCo calls :meth:`loss_by_estimate`."""
        raise NotImplementedError(
            'GraphMANOHead is the `view_head` of HaMuCo and needs its graph '
            'features; use MANOHead as the `head` of an estimator'
        )

    predict = loss
