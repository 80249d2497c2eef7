"""From the frame of a network's crop back to the image and the camera."""
from typing import List

import numpy as np
import torch
from torch import Tensor

from ..geometry import rotation_about_z
from ..structures import HandMesh


def crop_angles(data_samples: List, device) -> Tensor:
    """``bbox_rotation`` of N samples in radians, 0 where there is none."""
    degrees = [
        float(np.ravel(s.metainfo.get('bbox_rotation', 0))[0])
        for s in data_samples
    ]
    return torch.deg2rad(torch.tensor(degrees, device=device))


def to_camera_frame(mesh: HandMesh, data_samples: List) -> HandMesh:
    """Undo the crop's rotation: N meshes from crop to camera frames.

    Rotating the image by r turns camera space by -r about the optical axis.
    """
    R_crop2cam = rotation_about_z(
        crop_angles(data_samples, mesh.joints.device))
    return mesh.map(lambda points: points @ R_crop2cam.transpose(-1, -2))


def world_to_crop_rotations(data_samples: List, device):
    """Rotations from the world into each crop's frame.

    Args:
        data_samples (list[PoseDataSample]): N samples; calibrated ones carry
            ``camera_param`` with ``R`` (world to camera) in their metainfo.

    Returns:
        tuple:
        - Tensor: (N, 3, 3); the identity where not calibrated.
        - Tensor: Which samples are calibrated, bool (N,).
    """
    calibrated = [
        'R' in s.metainfo.get('camera_param', ()) for s in data_samples
    ]
    rotations = np.stack([
        np.asarray(s.metainfo['camera_param']['R'], np.float32)
        if known else np.eye(3, dtype=np.float32)
        for s, known in zip(data_samples, calibrated)
    ])
    R_world2cam = torch.from_numpy(rotations).to(device)
    R_cam2crop = rotation_about_z(-crop_angles(data_samples, device))
    return (R_cam2crop @ R_world2cam,
            torch.tensor(calibrated, device=device))


def crop_to_image(keypoints: np.ndarray, metainfo: dict) -> np.ndarray:
    """Invert MMPose's crop for pixels, its rotation included.

    Args:
        keypoints (np.ndarray): Crop pixels in shape (..., 2).
        metainfo (dict): ``input_center``, ``input_scale``, ``input_size`` as
            :class:`TopdownAffine` leaves them, and ``bbox_rotation`` in
            degrees if the crop was rotated.

    Returns:
        np.ndarray: Pixels of the original image in shape (..., 2).
    """
    size = np.asarray(metainfo['input_size'], np.float64)
    scale = np.asarray(metainfo['input_scale'], np.float64)
    angle = np.deg2rad(
        float(np.ravel(metainfo.get('bbox_rotation', 0))[0]))
    offset = (keypoints - size / 2) * (scale / size)
    cos, sin = np.cos(angle), np.sin(angle)
    turned = offset @ np.array([[cos, sin], [-sin, cos]])
    return (turned + metainfo['input_center']).astype(np.float32)
