"""From the frame of a network's crop back to the image and the camera."""

import numpy as np
import torch
from torch import Tensor

from ..geometry import rotation_about_z
from ..structures import HandMesh
from ..utils.transfer import to_device


def cam_to_crop_rotations(data_samples: list, device) -> Tensor:
    """Rotations from camera frames into the frames of N crops.

    Rotating the image by ``bbox_rotation`` = r turns camera space by -r about
    the optical axis. Where the pipeline has :class:`ViewingRayRotation`, the
    crop's own viewing ray is turned onto that axis first.

    Args:
        data_samples (list[PoseDataSample]): N samples; ``bbox_rotation`` in
            degrees and ``R_cam2ray`` (3, 3) in their metainfo, none if
            absent.

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
    return R_ray2crop @ to_device(R_cam2ray, device)


def to_camera_frame(mesh: HandMesh, data_samples: list) -> HandMesh:
    """N meshes from the frames of their crops to those of their cameras."""
    R_cam2crop = cam_to_crop_rotations(data_samples, mesh.joints.device)
    # row vectors: multiplying by R_cam2crop applies its inverse
    return mesh.map(lambda points: points @ R_cam2crop)


def world_to_crop_rotations(data_samples: list, device):
    """Rotations from the world into each crop's frame.

    Args:
        data_samples (list[PoseDataSample]): N samples; calibrated ones carry
            ``camera_param`` with ``R`` (world to camera) in their metainfo.

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
    return R_cam2crop @ R_world2cam, calibrated


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
    angle = np.deg2rad(float(np.ravel(metainfo.get('bbox_rotation', 0))[0]))
    offset = (keypoints - size / 2) * (scale / size)
    cos, sin = np.cos(angle), np.sin(angle)
    turned = offset @ np.array([[cos, sin], [-sin, cos]])
    return (turned + metainfo['input_center']).astype(np.float32)
