from dataclasses import dataclass

import torch
from mmengine.structures import InstanceData
from mmpose.models.pose_estimators.base import BasePoseEstimator
from mmpose.registry import MODELS
from torch import Tensor

from ...geometry import project_weak_perspective
from ...hand_model.topology import NUM_VERTICES
from ...structures import HandEstimate, HandMesh, ViewGroups
from ...utils.transfer import to_device
from ..feature_channels import with_in_channels
from ..prediction import crop_to_image, world_to_crop_rotations
from ..view_alignment import ViewAlignment
from .spread import finger_spread


@dataclass(frozen=True)
class MultiViewEstimate:
    """What one pass gives for N views of B time steps.

    Attributes:
        groups (ViewGroups): Which views belong together.
        single (HandEstimate): Of the single-view estimator.
        interact (HandEstimate | None): After the cross-view interaction;
            None without a ``view_neck``.
    """

    groups: ViewGroups
    single: HandEstimate
    interact: HandEstimate | None

    @property
    def multiview(self) -> HandEstimate:
        """The estimate whose views are aligned and fused."""
        return self.interact or self.single


@MODELS.register_module()
class HaMuCo(BasePoseEstimator):
    """HaMuCo: a single-view hand estimator, taught by its views' agreement.

    Zheng et al., "HaMuCo: Hand Pose Estimation via Multiview Collaborative
    Self-Supervised Learning", ICCV 2023. ``backbone`` and ``head`` are those
    of a :class:`TopdownPoseEstimator`, so a trained checkpoint loads into a
    plain single-view config. A batch is a flat list of views, see
    :class:`~hamuco_mm.structures.ViewGroups`; time steps may have any number
    of views, one included, calibrated or not.

    Losses that a config leaves out (``None``) are not computed. Those between
    views can also be switched during training, through
    :attr:`loss_factors`, by :class:`~hamuco_mm.engine.hooks.LossScheduleHook`.

    Args:
        backbone (dict): A backbone with several ``out_indices``.
        neck (dict, optional): A neck of MMPose, to map channels.
        head (dict): The single-view head, a :class:`MANOHead`. Its
            ``in_channels`` follow from the backbone, unless they are given.
        view_neck (dict, optional): The interaction, a :class:`CVINet`, whose
            ``in_channels`` follow from the backbone likewise. Without
            it (ablation "- DCVI") the views' single estimates are fused, and
            consistency is asked of them.
        view_head (dict, optional): Its decoder, a :class:`GraphMANOHead`. Its
            ``hand_model`` is that of the head and its ``in_channels`` follow
            from the ``view_neck``, unless they are given.
        loss_consistency_2d (dict, optional): L_c2D.
        loss_consistency_fusion (dict, optional): L_cf.
        loss_distill (dict, optional): L_d.
        use_extrinsics (bool): Align views by the extrinsics where there are
            any; False aligns by Procrustes analysis. Defaults to True.
        alignment (dict, optional): ``scale`` and ``num_reweightings`` of
            :class:`~hamuco_mm.models.view_alignment.ViewAlignment`. Defaults
            to the paper's: least squares, all views count the same.
        absolute (dict, optional): What adds hands in the world to the
            predictions of calibrated time steps, as ``dict(type='OptCenter')``
            (:class:`~hamuco_mm.models.absolute.OptCenter`). Not used in
            training.
        train_cfg (dict, optional): Not used; MMPose's estimators have it.
        test_cfg (dict, optional): Not used either; ``flip_test`` and
            ``output_keypoint_indices`` are refused.
        data_preprocessor (dict, optional): What makes batches, a
            :class:`HandDataPreprocessor`.
        use_syncbn (bool): Synchronise batch normalisation between processes.
            Defaults to False.
        metainfo (dict, optional): Of the data set, for predictions without
            one. Defaults to None.
        init_cfg (dict, optional): Initialization config.
    """

    def __init__(
        self,
        backbone: dict,
        head: dict,
        neck: dict | None = None,
        view_neck: dict | None = None,
        view_head: dict | None = None,
        loss_consistency_2d: dict | None = None,
        loss_consistency_fusion: dict | None = None,
        loss_distill: dict | None = None,
        use_extrinsics: bool = True,
        alignment: dict | None = None,
        absolute: dict | None = None,
        train_cfg: dict | None = None,
        test_cfg: dict | None = None,
        data_preprocessor: dict | None = None,
        use_syncbn: bool = False,
        metainfo: dict | None = None,
        init_cfg=None,
    ):
        if (view_neck is None) != (view_head is None):
            raise ValueError(
                'view_neck and view_head belong together: give '
                'both, or neither for no interaction'
            )
        for option in ('flip_test', 'output_keypoint_indices'):
            if (test_cfg or {}).get(option):
                raise ValueError(
                    f'HaMuCo has no test_cfg.{option}: a mirrored '
                    'image shows the other hand, and a hand has '
                    'all its joints'
                )
        head, view_neck = with_in_channels(backbone, neck, head, view_neck)
        super().__init__(
            backbone=backbone,
            neck=neck,
            head=head,
            train_cfg=train_cfg,
            test_cfg=test_cfg,
            data_preprocessor=data_preprocessor,
            use_syncbn=use_syncbn,
            init_cfg=init_cfg,
            metainfo=metainfo,
        )
        self.use_extrinsics = use_extrinsics
        self.alignment = dict(alignment or {})
        self.absolute = absolute and MODELS.build(absolute)
        self.view_neck = view_neck and MODELS.build(view_neck)
        if view_head is not None:
            view_head = dict(view_head)
            view_head.setdefault('hand_model', head.get('hand_model'))
            view_head.setdefault('in_channels', self.view_neck.out_channels)
            view_head = MODELS.build(view_head)
        self.view_head = view_head
        self.view_losses = torch.nn.ModuleDict(
            {
                name: MODELS.build(cfg)
                for name, cfg in dict(
                    loss_consistency_2d=loss_consistency_2d,
                    loss_consistency_fusion=loss_consistency_fusion,
                    loss_distill=loss_distill,
                ).items()
                if cfg is not None
            }
        )
        #: dict: factor of each loss between views, 1 unless a hook sets it;
        #: a loss with factor 0 is not computed.
        self.loss_factors = dict.fromkeys(self.view_losses, 1.0)

    def loss(self, inputs: Tensor, data_samples: list) -> dict:
        """Losses of a batch (paper, section 3.2.3).

        Args:
            inputs (Tensor): N crops, (N, 3, H, W).
            data_samples (list[PoseDataSample]): Their samples.

        Returns:
            dict: Scalars; those named ``loss_*`` are summed up. Also the
            measures of :func:`finger_spread`, which show a collapse.
        """
        result = self._estimate(inputs, data_samples)
        losses = self.head.loss_by_estimate(result.single, data_samples, 'single')
        if result.interact is not None:
            losses.update(
                self.view_head.loss_by_estimate(
                    result.interact, data_samples, 'interact'
                )
            )
        # geometry needs float32 also under autocast
        with torch.autocast(inputs.device.type, enabled=False):
            losses.update(self._view_losses(result, data_samples))
        losses['finger_spread_single'] = finger_spread(result.single)
        if result.interact is not None:
            losses['finger_spread_interact'] = finger_spread(result.interact)
        return losses

    def predict(self, inputs: Tensor, data_samples: list) -> list:
        """Predict every view, alone and with the others of its time step.

        Args:
            inputs (Tensor): N crops, (N, 3, H, W).
            data_samples (list[PoseDataSample]): Their samples.

        Returns:
            list[PoseDataSample]: The samples with ``pred_instances``:
            ``keypoints`` (1, 21, 2) in pixels of the original image,
            ``keypoint_scores`` (1, 21), and root-relative in the camera
            frame, in metres, ``keypoints_cam`` (1, 21, 3) and ``vertices``
            (1, 778, 3): the single view's. The same names with ``_interact``
            (if there is an interaction) and ``_fused`` for the others. With
            ``absolute`` also what that adds, as ``keypoints_world``.
        """
        result = self._estimate(inputs, data_samples)
        # the networks may be under autocast; geometry is not
        with torch.autocast(inputs.device.type, enabled=False):
            return self._predict_estimate(result, data_samples)

    def _predict_estimate(self, result: MultiViewEstimate, data_samples: list) -> list:
        views = {'': result.single, '_interact': result.interact}
        views['_fused'] = self._fused_estimate(result, data_samples)
        merged = [InstanceData() for _ in data_samples]
        for suffix, estimate in views.items():
            if estimate is None:
                continue
            preds = self.head.predict_by_estimate(estimate, data_samples)
            for pred, sample, into in zip(preds, data_samples, merged):
                pred.keypoints = crop_to_image(pred.keypoints, sample.metainfo)
                for field, value in pred.items():
                    if not (suffix and field == 'keypoint_scores'):
                        into.set_field(value, field + suffix)
        for sample, pred in zip(data_samples, merged):
            pred.keypoints_visible = pred.keypoint_scores
            for field in ('bboxes', 'bbox_scores'):
                if field in sample.get('gt_instances', ()):
                    pred.set_field(sample.gt_instances.get(field), field)
            sample.pred_instances = pred
        if self.absolute is not None:
            self.absolute.predict(data_samples)
        return data_samples

    def _forward(self, inputs: Tensor, data_samples: list | None = None):
        """Raw results without data samples: N unrelated views.

        Returns:
            tuple[Tensor]: Single-view 2D joints (N, 21, 2) in [-1, 1],
            root-relative joints (N, 21, 3) and vertices (N, 778, 3).
        """
        estimate = self.head.forward(self.extract_feat(inputs))
        return (estimate.keypoints_2d, estimate.mesh.joints, estimate.mesh.vertices)

    def _estimate(self, inputs: Tensor, data_samples: list):
        """The one pass that training and prediction share."""
        groups = ViewGroups.from_data_samples(data_samples, inputs.device)
        feats = self.extract_feat(inputs)
        single = self.head.forward(feats)
        interact = None
        if self.view_neck is not None:
            graphs = self.view_neck(feats, single, groups)
            interact = self.view_head(graphs, single)
        return MultiViewEstimate(groups, single, interact)

    def _align(self, result: MultiViewEstimate, data_samples: list):
        """The views' points (B, V, P, 3), and in each other's frames.

        Apart from the pass, as the warm-up has no use for it.
        """
        groups = result.groups
        with torch.autocast(groups.mask.device.type, enabled=False):
            points = groups.to_padded(result.multiview.mesh.points)
            return points, ViewAlignment(
                points,
                groups.mask,
                *self._known_rotations(data_samples, groups),
                **self.alignment,
            )

    def _known_rotations(self, data_samples, groups: ViewGroups):
        """Rotations (B, V, 3, 3) and which time steps have them all, bool
        (B,), or None if every one does."""
        if not self.use_extrinsics:
            return None, None
        rotations, known = world_to_crop_rotations(data_samples, groups.mask.device)
        if all(known):
            return groups.to_padded(rotations), None
        known = to_device(known, groups.mask.device)
        calibrated = (groups.to_padded(known) | ~groups.mask).all(1)
        return groups.to_padded(rotations), calibrated

    def _view_losses(self, result: MultiViewEstimate, data_samples) -> dict:
        """The losses between views that are on."""
        active = {
            name: factor for name, factor in self.loss_factors.items() if factor > 0
        }
        if not active:
            return {}
        groups = result.groups
        points, alignment = self._align(result, data_samples)
        with torch.no_grad():
            fused = alignment.fused()
        single = groups.to_padded(result.single.mesh.points)
        arguments = dict(
            loss_consistency_2d=(points, alignment),
            loss_consistency_fusion=(points, fused, groups.mask),
            loss_distill=(single, fused, groups.mask),
        )
        return {
            name: factor * self.view_losses[name](*arguments[name])
            for name, factor in active.items()
        }

    def _fused_estimate(self, result: MultiViewEstimate, data_samples) -> HandEstimate:
        """The fused mesh in each view, under that view's own camera."""
        view = result.multiview
        _, alignment = self._align(result, data_samples)
        fused = result.groups.to_flat(alignment.fused())
        mesh = HandMesh(
            vertices=fused[:, :NUM_VERTICES], joints=fused[:, NUM_VERTICES:]
        )
        # projected before its own root becomes the origin: least squares
        # aligned it to the view's mesh, whose root the camera is relative to
        keypoints_2d = project_weak_perspective(mesh.joints, view.camera)
        return HandEstimate(
            mesh=mesh.root_relative(),
            pose=view.pose,
            betas=view.betas,
            camera=view.camera,
            keypoints_2d=keypoints_2d,
        )
