"""The losses of one estimate against its own labels: a part of heads."""

import logging

from mmengine.logging import print_log
from mmpose.registry import MODELS
from torch import Tensor, nn

from ...structures import HandEstimate, HandTargets, RowLabels, Stage
from ..layers import NORMALISING_LENGTH

# What a head has unless its config says otherwise, with the weights of the
# authors' release.
DEFAULT_LOSS_KEYPOINT = dict(type='L1Loss', use_target_weight=True)
DEFAULT_LOSS_POSE = dict(type='HandPosePriorLoss', loss_weight=0.01)


class HandLosses(nn.Module):
    """Losses of N estimates against their own labels.

    Each is a config of a registered loss, or None to leave it out.

    Args:
        loss_keypoint (dict, optional): 2D joints against the pseudo label, weighted
            by confidence: ``use_target_weight`` is True where the class has it and
            nothing is said.
        loss_pose (dict, optional): Prior of the finger pose.
        loss_shape (dict, optional): Prior of the shape.
        loss_keypoint_cam (dict, optional): 3D joints against labels.
        loss_vertex (dict, optional): The mesh against labels.
        loss_mixed_views (dict, optional): Each hand under the cameras of the
            other views against their 2D labels.
        with_scales (bool): Whether the estimates have ``keypoint_scales``.
            Defaults to False.

    Raises:
        ValueError: If there are scales that no loss would teach, or none that
            ``loss_keypoint`` needs.
    """

    def __init__(
        self,
        loss_keypoint: dict | None,
        loss_pose: dict | None,
        loss_shape: dict | None,
        loss_keypoint_cam: dict | None,
        loss_vertex: dict | None,
        loss_mixed_views: dict | None = None,
        with_scales: bool = False,
    ) -> None:
        super().__init__()
        self.keypoint = _build_weighted(loss_keypoint)
        # MMPose's losses take weights of each coordinate, and some make none of others
        self._is_by_coordinate = type(self.keypoint).__module__.startswith('mmpose.')
        self.with_scales = with_scales
        if getattr(self.keypoint, 'needs_scales', False) != with_scales:
            raise ValueError(
                'with_uncertainty=True of a head and its loss_keypoint=dict(type='
                "'LaplaceKeypointLoss') belong together: the loss teaches what the "
                f'head predicts; got with_uncertainty={with_scales} and '
                f'loss_keypoint={loss_keypoint}'
            )
        self.pose = _build(loss_pose)
        self.shape = _build(loss_shape)
        self.keypoint_cam = _build(loss_keypoint_cam)
        self.vertex = _build(loss_vertex)
        self.mixed_views = _build(loss_mixed_views)

    def forward(
        self,
        estimate: HandEstimate,
        targets: HandTargets,
        stage: Stage,
        finger_angles: Tensor | None = None,
    ) -> dict[str, Tensor]:
        """Compare N hands with their labels.

        Args:
            estimate (HandEstimate): N hands.
            targets (HandTargets): Their labels.
            stage (Stage): Of the estimate; the losses' names end with it.
            finger_angles (Tensor, optional):
                :func:`~hamuco_mm.models.losses.finger_axis_angles` of the
                estimate, where they are known already.

        Returns:
            dict: Scalars ``loss_kpt_<stage>``, ``loss_pose_<stage>``, ...

        Raises:
            ValueError: If there is a loss of 2D joints, but no label.
        """
        losses = {}
        for name in ('keypoint', 'mixed_views'):
            if targets.keypoints is None and getattr(self, name) is not None:
                raise ValueError(
                    f'no sample has keypoint_labels, which loss_{name} needs: '
                    "put dict(type='GenerateTarget', encoder=codec) into the "
                    f'training pipeline, or set loss_{name}=None'
                )
        if self.keypoint is not None:
            weights = targets.keypoint_weights
            if self._is_by_coordinate and weights is not None:
                weights = weights[..., None]
            joints = estimate.keypoints_2d, targets.keypoints, weights
            scales = (estimate.keypoint_scales,) if self.with_scales else ()
            losses[f'loss_kpt_{stage}'] = self.keypoint(*joints, *scales)
        if self.pose is not None:
            losses[f'loss_pose_{stage}'] = self.pose(estimate.pose, finger_angles)
        if self.shape is not None:
            losses[f'loss_shape_{stage}'] = self.shape(estimate.betas)
        mesh = estimate.mesh
        if self.keypoint_cam is not None:
            losses[f'loss_kpt_cam_{stage}'] = _supervised(
                self.keypoint_cam, mesh.joints, targets.keypoints_cam
            )
        if self.vertex is not None:
            losses[f'loss_vertex_{stage}'] = _supervised(
                self.vertex, mesh.vertices, targets.vertices
            )
        if self.mixed_views is not None:
            losses[f'loss_mixed_views_{stage}'] = self.mixed_views(
                estimate,
                targets.keypoints,
                targets.keypoint_weights,
                targets.frames.groups,
            )
        return losses


def _build(cfg: dict | None) -> nn.Module | None:
    return None if cfg is None else MODELS.build(cfg)


def _build_weighted(cfg: dict | None) -> nn.Module | None:
    """A loss of the 2D joints, in which missing ones, whose weight is 0, count
    nothing. MMPose's losses leave weights out unless they are told."""
    if cfg is None:
        return None
    loss = MODELS.build(cfg)
    if getattr(loss, 'use_target_weight', True):
        return loss
    if 'use_target_weight' not in cfg:
        return MODELS.build(dict(cfg, use_target_weight=True))
    print_log(
        f'loss_keypoint of type {cfg["type"]} with use_target_weight=False: joints that '
        'no label has are learned as if they lay in a corner of the crop',
        'current',
        logging.WARNING,
    )
    return loss


def _supervised(
    criterion: nn.Module, points: Tensor, labels: RowLabels | None
) -> Tensor:
    """The mean of a loss over the rows that have a label; 0 with a gradient
    of 0 if no row has one.

    Args:
        criterion (nn.Module): A mean over rows.
        points (Tensor): Of each hand in metres, (N, P, 3).
        labels (RowLabels | None): Labels likewise.
    """
    if labels is None:
        return points.sum() * 0
    points, values = points / NORMALISING_LENGTH, labels.values / NORMALISING_LENGTH
    if labels.present is None:
        return criterion(points, values)
    # Rows without a label are their own target. Selecting the other rows would
    # give tensors whose sizes depend on values on the GPU: it would be waited for.
    values = values.where(labels.present[:, None, None], points.detach())
    share = labels.present.sum() / len(points)
    return criterion(points, values) / share
