"""How the frames of crops are turned against cameras and the world."""

from collections.abc import Sequence

import numpy as np
import torch
from mmpose.structures import PoseDataSample
from torch import Tensor

from ..geometry import rotation_about_z
from ..utils.transfer import to_device


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
            in degrees and ``R_cam2ray`` (3, 3) in their metainfo, none if
            absent.
        device (torch.device | str): Of the result.

    Returns:
        Tensor: (N, 3, 3).
    """
    degrees = [
        float(np.ravel(s.metainfo.get('bbox_rotation', 0))[0]) for s in data_samples
    ]
    angles = torch.deg2rad(to_device(degrees, device))
    R_ray2crop = rotation_about_z(-angles)
    if not any('R_cam2ray' in s.metainfo for s in data_samples):
        return R_ray2crop
    R_cam2ray = np.stack(
        [
            np.asarray(s.metainfo.get('R_cam2ray', np.eye(3)), np.float32)
            for s in data_samples
        ]
    )
    return _product(R_ray2crop, to_device(R_cam2ray, device))


def world_to_crop_rotations(
    data_samples: Sequence[PoseDataSample], device: torch.device | str
) -> tuple[Tensor, list[bool]]:
    """Rotations from the world into each crop's frame.

    Args:
        data_samples (Sequence[PoseDataSample]): N samples; calibrated ones
            carry ``camera_param`` with ``R`` (world to camera) in their
            metainfo.
        device (torch.device | str): Of the rotations.

    Returns:
        tuple:
        - Tensor: (N, 3, 3); the identity where not calibrated.
        - list[bool]: Which samples are calibrated. Not on the device, which
          a condition on it would wait for.
    """
    calibrated = ['R' in s.metainfo.get('camera_param', ()) for s in data_samples]
    rotations = np.stack(
        [
            np.asarray(s.metainfo['camera_param']['R'], np.float32)
            if known
            else np.eye(3, dtype=np.float32)
            for s, known in zip(data_samples, calibrated)
        ]
    )
    R_world2cam = to_device(rotations, device)
    R_cam2crop = cam_to_crop_rotations(data_samples, device)
    return _product(R_cam2crop, R_world2cam), calibrated


def _product(left: Tensor, right: Tensor) -> Tensor:
    """In float32 also under autocast, in which batches may be prepared."""
    with torch.autocast(left.device.type, enabled=False):
        return left @ right
