"""From the frames of networks' crops back to the images and the cameras."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from mmengine.structures import InstanceData
from mmpose.structures import PoseDataSample
from torch import Tensor

from ..hand_model import NUM_JOINTS, PARAMETER_SIZES, HandParameters
from ..structures import HandEstimate, HandMesh, Stage, TensorTree


@dataclass(frozen=True)
class HandPredictions(TensorTree):
    """The same N hands in S stages, as their cameras see them.

    Attributes:
        keypoints (Tensor): Pixels of the original images, (S, N, 21, 2).
        keypoints_cam (Tensor): Root-relative joints in the camera frames,
            in metres, (S, N, 21, 3).
        vertices (Tensor): The meshes likewise, (S, N, 778, 3).
        global_orient, hand_pose, betas, transl (Tensor): The parameters of
            the hand model that give the meshes, of the first P stages, in
            which each view has a hand of its own: (P, N, 3), (P, N, 45),
            (P, N, 10), (P, N, 3), see
            :class:`~hamuco_mm.hand_model.HandParameters`.
        keypoint_sigmas (Tensor | None): How far off each coordinate of
            ``keypoints`` is expected to be, pixels likewise, (S, N, 21). None where
            it is not predicted.
    """

    keypoints: Tensor
    keypoints_cam: Tensor
    vertices: Tensor
    global_orient: Tensor
    hand_pose: Tensor
    betas: Tensor
    transl: Tensor
    keypoint_sigmas: Tensor | None = None

    @classmethod
    def from_estimates(
        cls,
        estimates: Sequence[HandEstimate],
        parameters: Sequence[HandParameters],
        R_cam2crop: Tensor,
        square_to_image: Tensor,
        sigmas: Sequence[Tensor] | None = None,
    ) -> 'HandPredictions':
        """From the frames of the crops.

        Args:
            estimates (Sequence[HandEstimate]): Of each stage, N hands.
            parameters (Sequence[HandParameters]): Of the first stages, those
                of the N hands in the frames of their cameras.
            R_cam2crop (Tensor): What
                :func:`~hamuco_mm.structures.cam_to_crop_rotations` gives,
                (N, 3, 3).
            square_to_image (Tensor): What :func:`square_to_image` gives,
                (N, 2, 3).
            sigmas (Sequence[Tensor], optional): Of the 2D joints of each
                stage, in the crop's [-1, 1], (N, 21).
        """
        mesh = HandMesh(
            vertices=torch.stack([estimate.mesh.vertices for estimate in estimates]),
            joints=torch.stack([estimate.mesh.joints for estimate in estimates]),
        )
        mesh = to_camera_frame(mesh, R_cam2crop)
        square = torch.stack([estimate.keypoints_2d for estimate in estimates])
        linear, offset = square_to_image[..., :2], square_to_image[..., None, :, 2]
        return cls(
            square @ linear.mT + offset,
            mesh.joints,
            mesh.vertices,
            **{
                name: torch.stack([getattr(hands, name) for hands in parameters])
                for name in PARAMETER_SIZES
            },
            keypoint_sigmas=None
            if sigmas is None
            else torch.stack(list(sigmas)) * pixels_per_unit(square_to_image),
        )

    def arrays(self, stages: Sequence[Stage]) -> dict[str, np.ndarray]:
        """The fields of ``pred_instances`` of N samples, (N, ...).

        On a GPU this waits for the results: it is the one place where
        predictions move to the host.

        Args:
            stages (Sequence[Stage]): The S stages, which name the fields.

        Returns:
            dict[str, np.ndarray]: Also the parameters of the first stages.
        """
        return {
            stage.field(name): array
            for name, values in vars(self).items()
            if values is not None
            for stage, array in zip(stages, values.detach().cpu().numpy())
        }


def to_camera_frame(mesh: HandMesh, R_cam2crop: Tensor) -> HandMesh:
    """N meshes from the frames of their crops to those of their cameras.

    Args:
        mesh (HandMesh): N meshes; more dimensions may stand before N.
        R_cam2crop (Tensor): What
            :func:`~hamuco_mm.structures.cam_to_crop_rotations` gives,
            (N, 3, 3).
    """
    # row vectors: multiplying by R_cam2crop applies its inverse
    return mesh.map(lambda points: points @ R_cam2crop)


def square_to_image(metainfos: Sequence[Mapping | PoseDataSample]) -> np.ndarray:
    """What inverts MMPose's crops for points, their rotation included.

    Args:
        metainfos (Sequence[Mapping | PoseDataSample]): Of N crops, or their
            samples: ``input_center`` and ``input_scale`` as
            :class:`TopdownAffine` leaves them, and ``bbox_rotation`` in
            degrees if the crop was rotated.

    Returns:
        np.ndarray: Affine maps from a crop's [-1, 1] square to pixels of the
        original image, float32 (N, 2, 3).
    """
    half = np.array([meta.get('input_scale') for meta in metainfos], np.float64) / 2
    angle = np.deg2rad(
        [float(np.ravel(meta.get('bbox_rotation', 0))[0]) for meta in metainfos]
    )
    cos, sin = np.cos(angle), np.sin(angle)
    affine = np.empty((len(half), 2, 3), np.float32)
    affine[:, 0, 0], affine[:, 0, 1] = cos * half[:, 0], -sin * half[:, 1]
    affine[:, 1, 0], affine[:, 1, 1] = sin * half[:, 0], cos * half[:, 1]
    affine[:, :, 2] = [meta.get('input_center') for meta in metainfos]
    return affine


def pixels_per_unit(square_to_image: Tensor) -> Tensor:
    """Pixels of the original image in half of a crop's side, the geometric
    mean of its width and height.

    Args:
        square_to_image (Tensor): What :func:`square_to_image` gives,
            (N, 2, 3).

    Returns:
        Tensor: (N, 1).
    """
    return square_to_image[:, :, :2].det().abs().sqrt()[:, None]


def set_predictions(
    data_samples: Sequence[PoseDataSample], fields: dict[str, np.ndarray]
) -> None:
    """Give N samples their ``pred_instances``, of one hand each.

    A regression has no confidence of its own: all scores are 1. Boxes are
    those of ``gt_instances``, where it has them.

    Args:
        data_samples (Sequence[PoseDataSample]): N samples.
        fields (dict[str, np.ndarray]): Arrays (N, ...), of which each sample
            gets its part, (1, ...), without a copy.
    """
    scores = np.ones((len(data_samples), NUM_JOINTS), np.float32)
    fields = dict(fields, keypoint_scores=scores, keypoints_visible=scores)
    for row, sample in enumerate(data_samples):
        # `InstanceData` checks each attribute against all others, which for
        # so many fields takes longer than the rest; `set_field` does not
        instances = InstanceData()
        for name, values in fields.items():
            instances.set_field(values[row : row + 1], name)
        truth = sample.get('gt_instances', ())
        for name in ('bboxes', 'bbox_scores'):
            if name in truth:
                instances.set_field(truth.get(name), name)
        sample.pred_instances = instances
