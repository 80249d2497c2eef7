from mmengine.model import normal_init
from mmpose.registry import MODELS
from torch import Tensor, nn

from ...structures import HandEstimate
from .base_hand_head import BaseHandHead


@MODELS.register_module()
class MANOHead(BaseHandHead):
    """The decoder F_d of the single-view estimator (paper, section 3.1).

    The pooled last feature map goes through one MLP each for the 6D pose, the
    shape and the weak-perspective camera. Starts at the mean hand that fills
    the crop. Stands in a plain :class:`TopdownPoseEstimator` as well as in
    :class:`~hamuco_mm.models.HaMuCo`.

    Args:
        in_channels (int): Channels of the last feature map. ``HaMuCo`` finds
            them by itself; a :class:`TopdownPoseEstimator` has to be told.
        hidden_channels (int): Width of the MLPs. Defaults to 512.
        pool_size (int): Cells a side that the map is pooled to. Defaults to
            1, global pooling. More cells keep where things are, with which
            short trainings of narrow networks get further.
        loss_shape (dict, optional): Prior of the shape. Defaults to
            ``dict(type='HandShapePriorLoss')``.
        **kwargs: See :class:`BaseHandHead`.
    """

    def __init__(
        self,
        in_channels: int,
        hidden_channels: int = 512,
        pool_size: int = 1,
        loss_shape=dict(type='HandShapePriorLoss'),
        init_cfg=None,
        **kwargs,
    ):
        super().__init__(loss_shape=loss_shape, init_cfg=init_cfg, **kwargs)
        decoder = self.hand_decoder
        self.in_channels = in_channels
        self.pool = nn.AdaptiveAvgPool2d(pool_size)
        in_channels *= pool_size**2
        self.pose = _mlp(in_channels, hidden_channels, decoder.num_pose)
        self.shape = _mlp(in_channels, hidden_channels, decoder.num_betas)
        self.camera = _mlp(in_channels, hidden_channels, decoder.num_camera)

    def init_weights(self):
        """Small last layers: the first output is the mean hand."""
        super().init_weights()
        if self.init_cfg is None:
            for mlp in (self.pose, self.shape, self.camera):
                normal_init(mlp[-1], std=0.001)

    def forward(self, feats: tuple[Tensor, ...]) -> HandEstimate:
        """Feature maps (N, C, h, w), the last one is used -> N hands.

        Raises:
            ValueError: If the last map has not ``in_channels`` channels.
        """
        if feats[-1].shape[1] != self.in_channels:
            raise ValueError(
                f'head.in_channels={self.in_channels}, but the last map of the '
                f'backbone has {feats[-1].shape[1]} channels: set in_channels'
            )
        pooled = self.pool(feats[-1]).flatten(1)
        return self.hand_decoder(
            self.pose(pooled), self.shape(pooled), self.camera(pooled)
        )

    def loss(self, feats, batch_data_samples, train_cfg={}) -> dict:
        """Losses of the single-view estimate."""
        return self.loss_by_estimate(self.forward(feats), batch_data_samples, 'single')

    def predict(self, feats, batch_data_samples, test_cfg={}) -> list:
        """One :class:`InstanceData` a sample, see
        :meth:`BaseHandHead.predict_by_estimate`.

        Raises:
            ValueError: If flip testing is asked for: a mirrored image shows
                the other hand.
        """
        if test_cfg.get('flip_test', False):
            raise ValueError(
                'MANOHead models one side of the body, so '
                'test_cfg.flip_test must be False'
            )
        return self.predict_by_estimate(self.forward(feats), batch_data_samples)


def _mlp(in_channels: int, hidden_channels: int, out_channels: int):
    return nn.Sequential(
        nn.Linear(in_channels, hidden_channels),
        nn.ReLU(inplace=True),
        nn.Linear(hidden_channels, out_channels),
    )
