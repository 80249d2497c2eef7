import numpy as np
import torch
from mmengine.structures import InstanceData
from mmpose.models.heads.base_head import BaseHead
from mmpose.registry import KEYPOINT_CODECS, MODELS
from torch import Tensor

from ...structures import HandEstimate
from ...utils.transfer import to_device
from ..layers import NORMALISING_LENGTH, HandDecoder
from ..prediction import to_camera_frame

DEFAULT_LOSS_KEYPOINT = dict(type='L1Loss', use_target_weight=True)
DEFAULT_LOSS_POSE = dict(type='HandPosePriorLoss', loss_weight=0.01)


class BaseHandHead(BaseHead):
    """What heads that end in a hand model share: decoding, the losses of one
    estimate against its labels, and predictions.

    Args:
        hand_model (dict, optional): Arguments of
            :class:`~hamuco_mm.models.layers.HandDecoder`, as
            ``dict(path='data/mano/MANO_RIGHT.pkl')``. Defaults to the
            embedded open hand.
        loss_keypoint (dict, optional): 2D joints against the pseudo label,
            weighted by confidence, in the crop's [-1, 1].
        loss_pose (dict, optional): Prior of the finger pose.
        loss_shape (dict, optional): Prior of the shape.
        loss_keypoint_cam (dict, optional): 3D joints against labels that a
            supervised data set has, in units of 0.2 m.
        loss_vertex (dict, optional): The same for the mesh.
        decoder (dict, optional): The codec, for predictions.
        init_cfg (dict, optional): Initialization config.
    """

    def __init__(
        self,
        hand_model: dict | None = None,
        loss_keypoint: dict | None = DEFAULT_LOSS_KEYPOINT,
        loss_pose: dict | None = DEFAULT_LOSS_POSE,
        loss_shape: dict | None = None,
        loss_keypoint_cam: dict | None = None,
        loss_vertex: dict | None = None,
        decoder: dict | None = None,
        init_cfg=None,
    ):
        super().__init__(init_cfg)
        self.hand_decoder = HandDecoder(**(hand_model or {}))

        def build(cfg):
            return None if cfg is None else MODELS.build(cfg)

        self.loss_keypoint = build(loss_keypoint)
        self.loss_pose = build(loss_pose)
        self.loss_shape = build(loss_shape)
        self.loss_keypoint_cam = build(loss_keypoint_cam)
        self.loss_vertex = build(loss_vertex)
        self.decoder = decoder and KEYPOINT_CODECS.build(decoder)

    def loss_by_estimate(
        self, estimate: HandEstimate, data_samples: list, name: str
    ) -> dict:
        """Losses of N estimates against their own labels.

        Args:
            estimate (HandEstimate): N hands.
            data_samples (list[PoseDataSample]): Their N samples.
            name (str): Which estimate it is, the end of the losses' names.

        Returns:
            dict: Scalars ``loss_kpt_<name>``, ``loss_pose_<name>``, ...
        """
        losses = dict()
        device = estimate.keypoints_2d.device
        if self.loss_keypoint is not None:
            losses[f'loss_kpt_{name}'] = self.loss_keypoint(
                estimate.keypoints_2d,
                _labels(data_samples, 'keypoint_labels', device),
                _labels(data_samples, 'keypoint_weights', device),
            )
        if self.loss_pose is not None:
            losses[f'loss_pose_{name}'] = self.loss_pose(estimate.pose)
        if self.loss_shape is not None:
            losses[f'loss_shape_{name}'] = self.loss_shape(estimate.betas)
        supervised = (
            (
                'kpt_cam',
                self.loss_keypoint_cam,
                estimate.mesh.joints,
                'keypoints_cam_labels',
            ),
            ('vertex', self.loss_vertex, estimate.mesh.vertices, 'vertices_labels'),
        )
        for key, criterion, points, field in supervised:
            if criterion is None:
                continue
            rows = [
                row
                for row, sample in enumerate(data_samples)
                if field in sample.gt_instance_labels
            ]
            target = (
                _labels([data_samples[row] for row in rows], field, device)
                if rows
                else points[:0]
            )
            error = criterion(
                points[rows] / NORMALISING_LENGTH, target / NORMALISING_LENGTH
            )
            # the mean over no rows is NaN, and must not reach the others
            losses[f'loss_{key}_{name}'] = error if rows else points.sum() * 0
        return losses

    def predict_by_estimate(
        self, estimate: HandEstimate, data_samples: list
    ) -> list[InstanceData]:
        """N estimates as N predictions in crop pixels and camera metres.

        Returns:
            list[InstanceData]: ``keypoints`` (1, 21, 2) in pixels of the
            crop, ``keypoint_scores`` (1, 21), and root-relative in the camera
            frame, ``keypoints_cam`` (1, 21, 3) and ``vertices`` (1, 778, 3)
            in metres. The samples' metainfo then has ``hand_model_path``, of the
            hand model whose meshes these are.

        Raises:
            RuntimeError: If the head has no ``decoder``.
        """
        preds = self.decode(estimate.keypoints_2d[:, None])
        mesh = to_camera_frame(estimate.mesh, data_samples)
        joints = mesh.joints.detach().cpu().numpy()
        vertices = mesh.vertices.detach().cpu().numpy()
        for row, pred in enumerate(preds):
            pred.keypoints_cam = joints[row : row + 1]
            pred.vertices = vertices[row : row + 1]
        path = self.hand_decoder.hand_model['path']
        for sample in data_samples:
            sample.set_field(path, 'hand_model_path', field_type='metainfo')
        return preds

    def decode(self, batch_outputs: Tensor) -> list[InstanceData]:
        """Normalised (N, 1, 21, 2) to N instances in crop pixels."""
        return super().decode(batch_outputs.detach().cpu().numpy())


def _labels(data_samples: list, field: str, device) -> Tensor:
    """Stack a label of one instance a sample, (N, ...): arrays, as
    ``multiview_collate`` gives them, or tensors."""
    labels = [sample.gt_instance_labels.get(field) for sample in data_samples]
    join = np.concatenate if isinstance(labels[0], np.ndarray) else torch.cat
    return to_device(join(labels), device)
