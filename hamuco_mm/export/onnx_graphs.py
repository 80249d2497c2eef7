"""The networks as functions from tensors to tensors, to be exported."""

from typing import Any

import torch
from mmengine.logging import print_log
from torch import Tensor, nn

from ..hand_model import PARAMETER_SIZES, MANOLayer
from ..models.estimators import replace_mesh
from ..models.view_alignment import ViewAlignment
from ..structures import HandEstimate, Stage

# Outputs of any stage, and of a hand that is one of the hand model.
_POINTS = ('keypoints', 'keypoints_cam', 'vertices')
_OF_HANDS = (*_POINTS, 'camera', *PARAMETER_SIZES, 'wrist')


class SingleViewGraph(nn.Module):
    """The single-view estimator, its hand model and normalisation included.

    Args:
        model (BasePoseEstimator): A :class:`TopdownPoseEstimator` or
            :class:`~hamuco_mm.models.estimators.HaMuCo` with a
            :class:`~hamuco_mm.models.heads.MANOHead` that has a ``decoder``.

    Attributes:
        input_size (tuple): Width and height of the crops, in pixels.
        output_names (tuple): What :meth:`forward` returns, in this order.

    Raises:
        ValueError: If the head is no hand's, or has no ``decoder``.
    """

    input_names: tuple[str, ...] = ('image',)
    model: Any  # whose parts nn.Module does not declare

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        head: Any = getattr(model, 'head', None)
        if getattr(head, 'hand_decoder', None) is None:
            raise ValueError(
                f'the head of the {type(model).__name__} is a '
                f'{type(head).__name__}; a MANOHead is needed'
            )
        if head.decoder is None:
            raise ValueError(
                'the head has no codec, so that the size of the crops is not '
                'known: set model.head.decoder=dict(type='
                "'WeakPerspectiveLabel', input_size=(W, H))"
            )
        if getattr(model, 'test_cfg', {}).get('rotation_test'):
            print_log(
                'test_cfg.rotation_test does nothing here: live and exported networks '
                'look at each crop once',
                'current',
            )
        self.model = model
        self.input_size = tuple(int(side) for side in head.decoder.input_size)
        self.output_names = _names(Stage.SINGLE)
        self.eval()

    @property
    def hand(self) -> MANOLayer:
        """The hand model."""
        return self.model.head.hand_decoder.hand

    def example(self, num_views: int) -> tuple[Tensor, ...]:
        """Random inputs for ``num_views`` views."""
        width, height = self.input_size
        return (255 * torch.rand(num_views, 3, height, width),)

    def forward(self, image: Tensor) -> tuple[Tensor, ...]:
        """Estimate the hand of each crop.

        Args:
            image (Tensor): RGB crops, float32 in [0, 255], (V, 3, H, W).

        Returns:
            tuple[Tensor]: ``keypoints`` (V, 21, 2) in pixels of the crop;
            root-relative in the frame of the crop's camera, in metres,
            ``keypoints_cam`` (V, 21, 3) and ``vertices`` (V, 778, 3);
            ``camera`` (V, 3), the weak-perspective (s, tx, ty) of
            :func:`~hamuco_mm.geometry.project_weak_perspective`; the
            :class:`~hamuco_mm.hand_model.HandParameters` that give the
            vertices, ``global_orient`` (V, 3), ``hand_pose`` (V, 45), ``betas``
            (V, 10) and ``transl`` (V, 3); and ``wrist`` (V, 3), about which
            ``global_orient`` turns, which takes it into another frame.
        """
        return self._outputs(self._single(image)[1])

    def _single(self, image: Tensor) -> tuple[tuple[Tensor, ...], HandEstimate]:
        feats = self.model.extract_feat(self._normalise(image))
        return feats, self.model.head.forward(feats)

    def _normalise(self, image: Tensor) -> Tensor:
        """What the data preprocessor does to MMPose's BGR images."""
        preprocessor = self.model.data_preprocessor
        if not preprocessor._channel_conversion:
            image = image.flip(1)  # the network sees BGR
        if preprocessor._enable_normalize:
            image = (image - preprocessor.mean) / preprocessor.std
        return image

    def _outputs(self, estimate: HandEstimate) -> tuple[Tensor, ...]:
        decoder = self.model.head.hand_decoder
        hands = decoder.hand_parameters(estimate)
        return (
            *self._points(estimate),
            estimate.camera,
            *(getattr(hands, name) for name in PARAMETER_SIZES),
            decoder.hand.wrist(estimate.betas),
        )

    def _points(self, estimate: HandEstimate) -> tuple[Tensor, ...]:
        half_size = estimate.keypoints_2d.new_tensor(self.input_size) / 2
        pixels = (estimate.keypoints_2d + 1) * half_size
        return pixels, estimate.mesh.joints, estimate.mesh.vertices


class MultiViewGraph(SingleViewGraph):
    """All of HaMuCo for one time step of any number of calibrated views.

    The rotations between the views are inputs, so that no singular value
    decomposition, which ONNX lacks, is needed.

    Args:
        model (HaMuCo): The trained network.
    """

    input_names = ('image', 'R_world2crop')

    def __init__(self, model: nn.Module) -> None:
        super().__init__(model)
        if not hasattr(model, 'view_neck'):
            raise ValueError(
                f'a {type(model).__name__} sees views one by '
                'one: give the config of a HaMuCo'
            )
        if model.view_neck is not None:
            self.output_names += _names(Stage.INTERACT)
        self.output_names += _names(Stage.FUSION, _POINTS)

    def example(self, num_views: int) -> tuple[Tensor, ...]:
        random = torch.randn(num_views, 3, 3)
        rotations, upper = torch.linalg.qr(random)
        proper = rotations * torch.linalg.det(rotations)[:, None, None]
        return (*super().example(num_views), proper)

    def forward(  # type: ignore[override]
        self, image: Tensor, R_world2crop: Tensor
    ) -> tuple[Tensor, ...]:
        """Estimate one hand from all its views.

        Args:
            image (Tensor): RGB crops of the V views, float32 in [0, 255],
                (V, 3, H, W).
            R_world2crop (Tensor): Rotations of the extrinsics, followed by
                that of the crop if it was rotated, (V, 3, 3).

        Returns:
            tuple[Tensor]: Those of :class:`SingleViewGraph`, the same after
            the interaction with ``_interact`` behind their names (absent
            without a ``view_neck``), and ``keypoints_fused``,
            ``keypoints_cam_fused`` and ``vertices_fused``: the fused hand in
            each crop's frame.
        """
        feats, single = self._single(image)
        outputs, view = self._outputs(single), single
        time_step = _TimeStep(image)
        if self.model.view_neck is not None:
            graphs = self.model.view_neck(feats, single, time_step)
            view = self.model.view_head(graphs, single)
            outputs += self._outputs(view)
        weights = self.model.fusion_weights(view)
        fused = ViewAlignment(
            time_step.to_padded(view.mesh.points),
            time_step.mask,
            time_step.to_padded(R_world2crop),
            weights=None if weights is None else time_step.to_padded(weights),
            **self.model.alignment,
        ).fused()[0]
        estimate = replace_mesh(view, fused)
        return outputs + self._points(estimate)


class _TimeStep:
    """The :class:`ViewGroups` of one time step with any number of views.

    Symbolic sizes keep the number open in the exported graph."""

    full = regular = True
    windows = None

    def __init__(self, image: Tensor):
        self.mask = torch.ones_like(image[None, :, 0, 0, 0], dtype=torch.bool)

    def to_padded(self, rows: Tensor) -> Tensor:
        return rows[None]

    def to_flat(self, grid: Tensor) -> Tensor:
        return grid[0]


def _names(stage: Stage, names: tuple[str, ...] = _OF_HANDS) -> tuple[str, ...]:
    return tuple(stage.field(name) for name in names)
