"""From the frame of a network's crop back to the image and the camera."""

import numpy as np
from torch import Tensor

from ..structures import HandMesh


def to_camera_frame(mesh: HandMesh, R_cam2crop: Tensor) -> HandMesh:
    """N meshes from the frames of their crops to those of their cameras.

    Args:
        mesh (HandMesh): N meshes.
        R_cam2crop (Tensor): What
            :func:`~hamuco_mm.structures.cam_to_crop_rotations` gives,
            (N, 3, 3).
    """
    # row vectors: multiplying by R_cam2crop applies its inverse
    return mesh.map(lambda points: points @ R_cam2crop)


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
