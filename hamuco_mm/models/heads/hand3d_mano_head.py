from collections.abc import Sequence

import numpy as np
from mmengine.structures import InstanceData
from mmpose.registry import MODELS
from mmpose.structures import PoseDataSample
from torch import Tensor

from .mano_head import MANOHead


@MODELS.register_module()
class Hand3DMANOHead(MANOHead):
    """A :class:`MANOHead` that predicts in the form of MMPose's hand models.

    MMPose's ``Hand3DInferencer``, and with it ``MMPoseInferencer(pose3d=...)``
    for names with 'hand3d', reads the outputs of InterNet: joints in pixels
    with their depth, the type of the hand, and the depth between the roots of
    two hands. The network and its checkpoints are those of :class:`MANOHead`.
    """

    def predict(
        self,
        feats: tuple[Tensor, ...],
        batch_data_samples: Sequence[PoseDataSample],
        test_cfg: dict = {},
    ) -> list[InstanceData]:
        """As :meth:`MANOHead.predict`, but ``keypoints`` (1, 21, 3) has the
        depth behind the root in millimetres as third coordinate, and there
        are ``hand_type`` (1, 2), right and left, and ``rel_root_depth``
        (1, 1)."""
        preds = super().predict(feats, batch_data_samples, test_cfg)
        for pred in preds:
            depth = 1000 * pred.keypoints_cam[..., 2:]
            pred.keypoints = np.concatenate([pred.keypoints, depth], axis=-1)
            pred.hand_type = np.array([[1.0, 0.0]], np.float32)
            pred.rel_root_depth = np.zeros((1, 1), np.float32)
        return preds
