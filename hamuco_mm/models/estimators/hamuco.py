from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

import torch
from mmpose.models.pose_estimators.base import BasePoseEstimator
from mmpose.registry import MODELS
from mmpose.structures import PoseDataSample
from torch import Tensor

from ...structures import (
    HandEstimate,
    HandTargets,
    Stage,
    ViewFrames,
    ViewGroups,
    targets_of,
)
from ...utils.transfer import to_device
from ..absolute import OptCenter
from ..feature_channels import with_in_channels
from ..finger_spread import finger_spread
from ..heads import GraphMANOHead, MANOHead
from ..layers import sigma_factor
from ..losses import VIEW_LOSSES, finger_axis_angles
from ..necks import CVINet
from ..prediction import HandPredictions, set_predictions, square_to_image
from ..quarter_turns import QUARTERS, mean_of_turned, turn_crops
from ..relabelling import FusedRelabelling
from ..view_alignment import ViewAlignment
from ..view_weights import view_weights, with_fused_scales
from .multiview_estimate import MultiViewEstimate, replace_mesh
from .options import check_alignment, check_test_cfg, check_uncertainty
from .view_losses import (
    arguments_of,
    build_view_losses,
    check_calls,
    keep_own_values,
)


@MODELS.register_module()
class HaMuCo(BasePoseEstimator):
    """HaMuCo: a single-view hand estimator that learns from several views.

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
            ``in_channels`` follow from the backbone, too. Without it
            (ablation "- DCVI") the single-view estimates are fused, and the
            consistency losses apply to them.
        view_head (dict, optional): Its decoder, a :class:`GraphMANOHead`. Its
            ``hand_model`` is that of the head and its ``in_channels`` follow
            from the ``view_neck``, unless they are given.
        loss_consistency_2d (dict, optional): L_c2D.
        loss_consistency_fusion (dict, optional): L_cf.
        loss_distill (dict, optional): L_d.
        relabelling (dict, optional): While one of these three losses is on, replaces
            labels that the fused hand contradicts, a
            :class:`~hamuco_mm.models.FusedRelabelling`. Not in the paper.
        loss_distill_features (dict, optional): Distillation of features beside meshes,
            a :class:`~hamuco_mm.models.FeatureDistillLoss`, whose ``in_channels`` and
            ``out_channels`` follow from the heads; needs a ``view_neck``. It has
            parameters of its own, and no schedule should switch it: several processes
            wait for the gradients of all. Not in the paper.
        use_extrinsics (bool): Align views by the extrinsics where there are
            any; False aligns by Procrustes analysis. Defaults to True.
        alignment (dict, optional): ``scale`` and ``num_reweightings`` of
            :class:`~hamuco_mm.models.view_alignment.ViewAlignment`. Defaults
            to the paper's: least squares, all views count the same.
        weigh_views (bool): In the fusion, count each view by how far off it
            expects its joints to be (:func:`~hamuco_mm.models.view_weights.
            view_weights`); needs heads with ``with_uncertainty=True``. Defaults
            to False: all views count the same, as in the paper.
        absolute (dict, optional): Adds hands in the world to the predictions
            of calibrated time steps, for example ``dict(type='OptCenter')``
            (:class:`~hamuco_mm.models.absolute.OptCenter`). Not used in
            training.
        train_cfg (dict, optional): Not used; MMPose's estimators have it.
        test_cfg (dict, optional): With ``rotation_test=True``, predictions are the
            mean of those of each crop turned by 0, 90, 180 and 270 degrees, at
            four times the cost; live and exported networks look once. Sigmas are
            those of one look, unless they were calibrated with this option.
            ``flip_test`` and ``output_keypoint_indices`` are refused, and unknown
            keys.
        data_preprocessor (dict, optional): Prepares images and labels, a
            :class:`HandDataPreprocessor`.
        use_syncbn (bool): Synchronise batch normalisation between processes.
            Defaults to False.
        metainfo (dict, optional): Of the data set, for predictions without
            one. Defaults to None.
        init_cfg (dict, optional): Initialization config.
    """

    # what the registry builds
    head: MANOHead
    view_neck: CVINet | None
    view_head: GraphMANOHead | None
    absolute: OptCenter | None
    relabelling: FusedRelabelling | None

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
        relabelling: dict | None = None,
        loss_distill_features: dict | None = None,
        use_extrinsics: bool = True,
        alignment: dict | None = None,
        weigh_views: bool = False,
        absolute: dict | None = None,
        train_cfg: dict | None = None,
        test_cfg: dict | None = None,
        data_preprocessor: dict | None = None,
        use_syncbn: bool = False,
        metainfo: dict | None = None,
        init_cfg: dict | list[dict] | None = None,
    ) -> None:
        if (view_neck is None) != (view_head is None):
            raise ValueError(
                'view_neck and view_head belong together: give '
                'both, or neither for no interaction'
            )
        check_test_cfg(test_cfg or {})
        check_alignment(alignment or {})
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
        self.absolute = None if absolute is None else MODELS.build(absolute)
        self.view_neck = None if view_neck is None else MODELS.build(view_neck)
        self.view_head = None
        if self.view_neck is not None and view_head is not None:
            view_head = dict(view_head)
            view_head.setdefault('hand_model', head.get('hand_model'))
            view_head.setdefault('in_channels', self.view_neck.out_channels)
            self.view_head = MODELS.build(view_head)
        self.weigh_views = weigh_views
        heads = [self.head] if self.view_head is None else [self.head, self.view_head]
        check_uncertainty(heads, weigh_views)
        if self.with_uncertainty:
            #: Tensor: what makes a sigma of the fused hand's scales, see
            #: :class:`~hamuco_mm.models.layers.KeypointScales`
            self.register_buffer('fused_sigma_factor', sigma_factor())
        self.relabelling = None if relabelling is None else MODELS.build(relabelling)
        self.view_losses = build_view_losses(
            dict(
                loss_consistency_2d=loss_consistency_2d,
                loss_consistency_fusion=loss_consistency_fusion,
                loss_distill=loss_distill,
                loss_distill_features=loss_distill_features,
            ),
            self.head,
            self.view_head,
        )
        # what a subclass gives them is known to it alone
        if type(self).view_loss_arguments is HaMuCo.view_loss_arguments:
            check_calls(self.view_losses)
        if relabelling is not None and not any(
            name in self.view_losses for name in VIEW_LOSSES
        ):
            raise ValueError(
                'relabelling works while one of the losses between views is on, and '
                f'there is none: give one of {", ".join(VIEW_LOSSES)}, or leave it out'
            )
        #: dict: factor of each loss between views, 1 unless a hook sets it;
        #: a loss with factor 0 is not computed.
        self.loss_factors = dict.fromkeys(self.view_losses, 1.0)
        #: bool: whether a step gives :func:`finger_spread`, which only the log
        #: needs; a hook may clear it where nothing is logged.
        self.with_finger_spread = True
        # in a tuple, so that it is no part of the network and its checkpoints
        self._teachers: tuple[HaMuCo, ...] = ()

    def _load_state_dict_pre_hook(
        self, state_dict: dict, prefix: str, *args: Any, **kwargs: Any
    ) -> None:
        """Leave losses as they are where a checkpoint has others."""
        keep_own_values(self.view_losses, state_dict, f'{prefix}view_losses.')
        super()._load_state_dict_pre_hook(state_dict, prefix, *args, **kwargs)

    def set_teacher(self, teacher: 'HaMuCo | None') -> None:
        """Let another network make the fused hands of ``loss_distill``.

        Args:
            teacher (HaMuCo, optional): Of the same hand model, for example an
                average of this network over its steps
                (:class:`~hamuco_mm.engine.hooks.MeanTeacherHook`); put into
                evaluation mode here. None: this network itself, as in the paper.
        """
        self._teachers = () if teacher is None else (teacher.eval(),)

    @property
    def active_factors(self) -> dict[str, float]:
        """The :attr:`loss_factors` that are not 0."""
        return {
            name: factor for name, factor in self.loss_factors.items() if factor > 0
        }

    def loss(
        self, inputs: Tensor, data_samples: Sequence[PoseDataSample]
    ) -> dict[str, Tensor]:
        """Losses of a batch (paper, section 3.2.3).

        Args:
            inputs (Tensor): N crops, (N, 3, H, W).
            data_samples (Sequence[PoseDataSample]): Their samples, as
                :class:`~hamuco_mm.models.HandDataPreprocessor` or MMPose's
                data preprocessor gives them.

        Returns:
            dict: See :meth:`loss_from_targets`.
        """
        targets = targets_of(data_samples, inputs.device)
        return self.loss_from_targets(inputs, targets.as_precise_as(inputs))

    def loss_from_targets(
        self,
        inputs: Tensor,
        targets: HandTargets,
        factors: Mapping[str, float | Tensor] | None = None,
    ) -> dict[str, Tensor]:
        """Losses as a function of tensors; data samples are not needed.

        ``torch.compile(fullgraph=True)`` takes it whole. Which operations it
        runs follows from the shape of ``inputs``, the
        :meth:`~hamuco_mm.structures.TensorTree.layout` of ``targets``, the
        names in ``factors`` and :attr:`with_finger_spread`, and never from a
        number in a tensor.

        Args:
            inputs (Tensor): N crops, (N, 3, H, W).
            targets (HandTargets): Their labels and rotations.
            factors (Mapping, optional): The losses between views that are on,
                and the factor of each, a number or a scalar tensor. Defaults
                to :attr:`active_factors`.

        Returns:
            dict: Scalars; those named ``loss_*`` are summed up. Also, with
            :attr:`with_finger_spread`, the measures of :func:`finger_spread`,
            which show a collapse.
        """
        result = self.estimate(inputs, targets.frames.groups)
        if factors is None:
            factors = self.active_factors
        taught = None
        if self._teachers and 'loss_distill' in factors:
            taught = self._teachers[0].fused_points(inputs, targets.frames)
        # while one of them is on, the fused hand is trusted
        if self.relabelling is not None and any(x in factors for x in VIEW_LOSSES):
            targets = self._relabelled(targets, result, taught)
        stages, heads = [Stage.SINGLE], [self.head]
        estimates = [result.single]
        if self.view_head is not None and result.interact is not None:
            stages.append(Stage.INTERACT)
            heads.append(self.view_head)
            estimates.append(result.interact)
        # of all stages at once: the work of a GPU is then the same, in half the
        # number of operations
        angles = finger_axis_angles(torch.stack([hands.pose for hands in estimates]))
        losses: dict[str, Tensor] = {}
        for head, hands, stage, fingers in zip(heads, estimates, stages, angles):
            losses.update(head.losses(hands, targets, stage, fingers))
        losses.update(self.loss_between_views(result, targets.frames, factors, taught))
        if self.with_finger_spread:
            for stage, spread in zip(stages, finger_spread(angles)):
                losses[f'finger_spread_{stage}'] = spread
        return losses

    def parse_losses(
        self, losses: Mapping[str, Tensor | Sequence[Tensor]]
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """The sum of the losses, and what the log gets.

        As MMEngine's, but of scalars no mean is taken, and the sum is one operation.

        Args:
            losses (dict): What :meth:`loss` gives; a subclass may add tensors of any
                shape, of which the mean counts, and lists, of which the sum of
                the means counts.

        Raises:
            TypeError: Naming a loss that is none of these.
        """
        scalars = {name: _scalar(name, value) for name, value in losses.items()}
        loss = torch.stack([x for name, x in scalars.items() if 'loss' in name]).sum()
        return loss, {'loss': loss, **scalars}

    def predict(
        self, inputs: Tensor, data_samples: list[PoseDataSample]
    ) -> list[PoseDataSample]:
        """Predict every view, alone and with the others of its time step.

        Args:
            inputs (Tensor): N crops, (N, 3, H, W).
            data_samples (list[PoseDataSample]): Their samples.

        Returns:
            list[PoseDataSample]: The samples with ``pred_instances``:
            ``keypoints`` (1, 21, 2) in pixels of the original image,
            ``keypoint_scores`` (1, 21), and root-relative in the camera
            frame, in metres, ``keypoints_cam`` (1, 21, 3) and ``vertices``
            (1, 778, 3). These are of the single-view stage. The names of the
            other stages end with ``_interact`` (if there is an interaction)
            and ``_fused``. The first two also have the parameters of the hand
            model that give their ``vertices``: ``global_orient`` (1, 3),
            ``hand_pose`` (1, 45), ``betas`` (1, 10) and ``transl`` (1, 3), see
            :class:`~hamuco_mm.hand_model.HandParameters`; a mean of several
            meshes is no mesh of the model. With ``absolute`` also the fields that it adds,
            for example ``keypoints_world``. With heads that have
            ``with_uncertainty=True``, also ``keypoint_sigmas`` (1, 21) of each
            stage: pixels within which 68 % of the errors of a coordinate of
            ``keypoints`` are expected.
        """
        device = inputs.device
        frames = ViewFrames.from_data_samples(data_samples, device)
        frames = frames.as_precise_as(inputs)
        to_image = to_device(
            square_to_image(data_samples), device, frames.R_cam2crop.dtype
        )
        hands = self.predict_from_frames(inputs, frames, to_image)
        set_predictions(data_samples, hands.arrays(self.stages))
        self.head.name_hand_model(data_samples)
        if self.absolute is not None:
            self.absolute.predict(data_samples)
        return data_samples

    def predict_from_frames(
        self, inputs: Tensor, frames: ViewFrames, square_to_image: Tensor
    ) -> HandPredictions:
        """Predictions as a function of tensors; data samples are not needed.

        Args:
            inputs (Tensor): N crops, (N, 3, H, W).
            frames (ViewFrames): Which of them belong together, and their
                rotations.
            square_to_image (Tensor): Where they are in the original images,
                see :func:`~hamuco_mm.models.prediction.square_to_image`,
                (N, 2, 3).

        Returns:
            HandPredictions: Of each of the :attr:`stages`.
        """
        result = (
            self.estimate_turned(inputs, frames.groups)
            if self.test_cfg.get('rotation_test')
            else self.estimate(inputs, frames.groups)
        )
        # the networks may be under autocast; geometry is not
        with torch.autocast(inputs.device.type, enabled=False):
            own = [x for x in (result.single, result.interact) if x is not None]
            estimates = [*own, self.fuse(result, frames)]
            # heads have the same hand model
            decoder = self.head.hand_decoder
            return HandPredictions.from_estimates(
                estimates,
                [decoder.hand_parameters(hands, frames.R_cam2crop) for hands in own],
                frames.R_cam2crop,
                square_to_image,
                self._sigmas(estimates),
            )

    @property
    def stages(self) -> list[Stage]:
        """The stages that are predicted, from early to late."""
        return [
            stage
            for stage in Stage
            if stage is not Stage.INTERACT or self.view_neck is not None
        ]

    @property
    def with_uncertainty(self) -> bool:
        """Whether all stages predict how far off their joints are."""
        return self.head.uncertainty is not None

    @property
    def sigma_factors(self) -> dict[Stage, Tensor]:
        """What makes sigmas of each stage's scales: scalars of the checkpoint;
        empty without uncertainty."""
        if not self.with_uncertainty:
            return {}
        own = [self.head.uncertainty, self.view_head and self.view_head.uncertainty]
        factors = [scales.sigma_factor for scales in own if scales is not None]
        return dict(zip(self.stages, [*factors, self.fused_sigma_factor]))

    def _sigmas(self, estimates: Sequence[HandEstimate]) -> list[Tensor] | None:
        """Of the 2D joints of each stage in the crops' [-1, 1], (N, 21)."""
        scales = [hands.keypoint_scales for hands in estimates]
        pairs = zip(self.sigma_factors.values(), scales)
        return [factor * b for factor, b in pairs if b is not None] or None

    def _forward(
        self, inputs: Tensor, data_samples: list[PoseDataSample] | None = None
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Raw results without data samples: N unrelated views.

        Returns:
            tuple[Tensor]: Single-view 2D joints (N, 21, 2) in [-1, 1],
            root-relative joints (N, 21, 3) and vertices (N, 778, 3).
        """
        estimate = self.head(self.extract_feat(inputs))
        return (estimate.keypoints_2d, estimate.mesh.joints, estimate.mesh.vertices)

    def estimate(self, inputs: Tensor, groups: ViewGroups) -> MultiViewEstimate:
        """One pass of the network over its crops as they are.

        Args:
            inputs (Tensor): N crops, (N, 3, H, W).
            groups (ViewGroups): Which of them belong together.
        """
        feats = self.extract_feat(inputs)
        single = self.head(feats)
        interact = None
        if self.view_neck is not None and self.view_head is not None:
            graphs = self.view_neck(feats, single, groups)
            interact = self.view_head(graphs, single)
        return MultiViewEstimate(groups, single, interact)

    def estimate_turned(self, inputs: Tensor, groups: ViewGroups) -> MultiViewEstimate:
        """The mean of what :meth:`estimate` gives for crops turned by quarters.

        Args:
            inputs (Tensor): N square crops, (N, 3, S, S).
            groups (ViewGroups): Which of them belong together.

        Returns:
            MultiViewEstimate: Hands in the frames of the crops as they are.

        Raises:
            ValueError: If the crops are not square.
        """
        results = [
            self.estimate(turn_crops(inputs, quarters), groups)
            for quarters in range(QUARTERS)
        ]
        interact = [x.interact for x in results if x.interact is not None]
        size, decoder = inputs.shape[-1], self.head.hand_decoder
        with torch.autocast(inputs.device.type, enabled=False):
            return MultiViewEstimate(
                groups,
                mean_of_turned([x.single for x in results], size, decoder),
                mean_of_turned(interact, size, decoder) if interact else None,
            )

    def align(
        self, result: MultiViewEstimate, frames: ViewFrames
    ) -> tuple[Tensor, ViewAlignment]:
        """The views' points (B, V, P, 3), and in each other's frames.

        Not part of :meth:`estimate`, because the warm-up does not need it.
        """
        rotations, calibrated = (
            frames.padded_rotations() if self.use_extrinsics else (None, None)
        )
        groups = frames.groups
        # geometry needs float32 also under autocast
        with torch.autocast(groups.mask.device.type, enabled=False):
            points = groups.to_padded(result.multiview.mesh.points)
            weights = self.fusion_weights(result.multiview)
            if weights is not None:
                weights = groups.to_padded(weights)
            return points, ViewAlignment(
                points, groups.mask, rotations, calibrated, weights, **self.alignment
            )

    def fusion_weights(self, views: HandEstimate) -> Tensor | None:
        """How much each of N views counts in the fusion, (N,); None: the same."""
        return view_weights(views) if self.weigh_views else None

    def fuse(self, result: MultiViewEstimate, frames: ViewFrames) -> HandEstimate:
        """The fused mesh in each view, under that view's own camera."""
        _, alignment = self.align(result, frames)
        groups, views = frames.groups, result.multiview
        fused = replace_mesh(views, groups.to_flat(alignment.fused()))
        if not self.with_uncertainty:
            return fused
        return with_fused_scales(fused, views, groups, alignment.weights)

    @torch.no_grad()
    def fused_points(self, inputs: Tensor, frames: ViewFrames) -> Tensor:
        """The fused hand in the frame of each view, without gradients.

        Args:
            inputs (Tensor): N crops, (N, 3, H, W).
            frames (ViewFrames): Which of them belong together, and their
                rotations.

        Returns:
            Tensor: Vertices, then joints, in metres, (B, V, P, 3).
        """
        _, alignment = self.align(self.estimate(inputs, frames.groups), frames)
        with torch.autocast(inputs.device.type, enabled=False):
            return alignment.fused()

    @torch.no_grad()
    def _relabelled(
        self, targets: HandTargets, result: MultiViewEstimate, taught: Tensor | None
    ) -> HandTargets:
        """With labels that :attr:`relabelling` makes of the fused hands."""
        frames, groups = targets.frames, targets.frames.groups
        labels, confidences = targets.keypoints, targets.keypoint_weights
        if self.relabelling is None or labels is None or confidences is None:
            return targets
        if taught is None:
            taught = self.align(result, frames)[1].fused()
        with torch.autocast(taught.device.type, enabled=False):
            fused = replace_mesh(result.multiview, groups.to_flat(taught))
            several = groups.to_flat(groups.view_weights) > 0
            keypoints = self.relabelling(
                labels, confidences, fused.keypoints_2d, several
            )
        return replace(targets, keypoints=keypoints)

    def loss_between_views(
        self,
        result: MultiViewEstimate,
        frames: ViewFrames,
        factors: Mapping[str, float | Tensor],
        taught: Tensor | None = None,
    ) -> dict[str, Tensor]:
        """The losses between views that are on, see :meth:`loss_from_targets`.

        Args:
            result (MultiViewEstimate): Of this network.
            frames (ViewFrames): Of its views.
            factors (Mapping): The factors of those that are on.
            taught (Tensor, optional): The fused points that the single view
                learns from, (B, V, P, 3). Defaults to those of ``result``.

        Raises:
            ValueError: If :meth:`view_loss_arguments` leaves out one that is on.
        """
        if not factors:
            return {}
        with torch.autocast(frames.groups.mask.device.type, enabled=False):
            points, alignment = self.align(result, frames)
            arguments = self.view_loss_arguments(
                factors, result, frames.groups, points, alignment, taught
            )
            for name in factors:
                if name not in arguments:
                    raise ValueError(
                        f'{type(self).__name__} has view_losses[{name!r}], but its '
                        'view_loss_arguments gives it no arguments: override that '
                        'method'
                    )
            return {
                name: factor * self.view_losses[name](*arguments[name])
                for name, factor in factors.items()
            }

    def view_loss_arguments(
        self,
        names: Collection[str],
        result: MultiViewEstimate,
        groups: ViewGroups,
        points: Tensor,
        alignment: ViewAlignment,
        taught: Tensor | None,
    ) -> dict[str, tuple]:
        """What each loss between views is called with.

        A subclass that puts a loss of its own into ``view_losses`` and
        :attr:`loss_factors` adds its arguments to those of this method.

        Args:
            names (Collection[str]): Losses that are on; others may be left out.
            result (MultiViewEstimate): Of this network.
            groups (ViewGroups): Of its views.
            points (Tensor): Vertices, then joints, of each view in its own frame, in
                metres, (B, V, P, 3).
            alignment (ViewAlignment): The same in each other's frames.
            taught (Tensor, optional): What :meth:`loss_between_views` is given.

        Returns:
            dict: Positional arguments by the names of the losses.
            ``loss_consistency_2d``: the alignment and the weights of pairs
            (B, V, V); ``loss_distill_features``: what both heads decode hands from,
            (B, V, C1) and (B, V, C2), the mask and the weights of the views, (B, V);
            the others: points, the points (B, V, P, 3) that they are to come to, mask
            and weights likewise.
        """
        return arguments_of(names, result, groups, points, alignment, taught)


def _scalar(name: str, value: Tensor | Sequence[Tensor]) -> Tensor:
    if isinstance(value, Tensor):
        return value.mean() if value.ndim else value
    if not isinstance(value, list | tuple) or not value:
        raise TypeError(
            f'{name} should be a tensor or a list of tensors, got {type(value).__name__}'
        )
    return torch.stack([_scalar(name, item) for item in value]).sum()
