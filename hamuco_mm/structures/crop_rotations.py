"""Rotations from camera frames and from the world into the frames of crops."""

from collections.abc import Sequence

import numpy as np
import torch
from mmpose.structures import PoseDataSample
from torch import Tensor

from ..cameras import rotation_of
from ..geometry import rotation_about_z
from ..geometry.precision import in_own_precision
from ..utils.transfer import to_device
from .view_samples import describe


def cam_to_crop_rotations(
    data_samples: Sequence[PoseDataSample], device: torch.device | str
) -> Tensor:
    """Rotations from camera frames into the frames of N crops.

    Rotating the image by ``bbox_rotation`` = r turns camera space by -r about
    the optical axis. Where the pipeline has
    :class:`~hamuco_mm.datasets.transforms.ViewingRayRotation`, the crop's own viewing
    ray is turned onto that axis first.

    Args:
        data_samples (Sequence[PoseDataSample]): N samples; ``bbox_rotation``
            in degrees and ``R_cam2ray`` (3, 3) in their metainfo. A missing
            one is no rotation.
        device (torch.device | str): Of the result.

    Returns:
        Tensor: (N, 3, 3).
    """
    degrees = [
        float(np.ravel(sample.get('bbox_rotation', 0))[0]) for sample in data_samples
    ]
    angles = torch.deg2rad(to_device(degrees, device))
    R_ray2crop = rotation_about_z(-angles)
    if not any('R_cam2ray' in sample for sample in data_samples):
        return R_ray2crop
    R_cam2ray = np.stack(
        [
            np.asarray(sample.get('R_cam2ray', np.eye(3)), np.float32)
            for sample in data_samples
        ]
    )
    return _product(R_ray2crop, to_device(R_cam2ray, device))


def world_to_crop_rotations(
    data_samples: Sequence[PoseDataSample], R_cam2crop: Tensor
) -> tuple[Tensor, list[bool]]:
    """Rotations from the world into each crop's frame.

    Args:
        data_samples (Sequence[PoseDataSample]): N samples; calibrated ones
            carry ``camera_param`` with ``R`` (world to camera) in their
            metainfo. An ``R`` that is missing, None or NaN is not
            known.
        R_cam2crop (Tensor): What :func:`cam_to_crop_rotations` makes of the
            same samples, (N, 3, 3).

    Returns:
        tuple:
        - Tensor: (N, 3, 3); the identity where not calibrated.
        - list[bool]: Which samples are calibrated. On the CPU: an ``if`` on
          a GPU value would wait for the GPU.

    Raises:
        ValueError: If an ``R`` has a wrong shape or is infinite; the message
            names the view.
    """
    rotations = [_rotation(sample) for sample in data_samples]
    calibrated = [rotation is not None for rotation in rotations]
    known_or_identity = np.stack(
        [np.eye(3) if rotation is None else rotation for rotation in rotations]
    )
    R_world2cam = to_device(known_or_identity.astype(np.float32), R_cam2crop.device)
    return _product(R_cam2crop, R_world2cam), calibrated


def _rotation(sample: PoseDataSample) -> np.ndarray | None:
    """World to camera; None where not known."""
    return rotation_of(sample.get('camera_param'), describe(sample))


@in_own_precision
def _product(left: Tensor, right: Tensor) -> Tensor:
    """In float32 also under autocast, in which batches may be prepared."""
    return left @ right
