"""Cameras as the crops of a network see the world."""

from collections.abc import Sequence

import torch
from mmpose.structures import PoseDataSample

from ..cameras import Camera, Cameras, stack_cameras
from ..structures import describe
from ..utils.transfer import to_device
from .prediction import square_to_image


def crop_cameras(
    data_samples: Sequence[PoseDataSample],
    device: torch.device | str = 'cpu',
    dtype: torch.dtype = torch.float32,
) -> Cameras:
    """Cameras of N crops whose "pixels" are the crop's [-1, 1] square.

    Args:
        data_samples (Sequence[PoseDataSample]): N samples with
            ``camera_param`` in their metainfo, and what MMPose's crops leave
            there, see :func:`~hamuco_mm.models.prediction.square_to_image`.
        device (torch.device | str): Of the result.
        dtype (torch.dtype): Of the result.

    Raises:
        ValueError: If a sample has no whole camera (K, R and t), or one whose
            lens bends.
    """
    cameras = stack_cameras(
        [
            Camera.from_camera_param(sample.get('camera_param') or {}, describe(sample))
            for sample in data_samples
        ]
    )
    known = cameras.calibrated.tolist()
    if not all(known):
        raise ValueError(
            f'{describe(data_samples[known.index(False)])} has no whole camera: joints '
            'are triangulated with K, R and t of every view (camera_param)'
        )
    if cameras.lens is not None:
        raise ValueError(
            'a camera has a lens (dist): joints are triangulated in crops of images '
            'without distortion, so undistort the images first'
        )
    to_image = torch.from_numpy(square_to_image(data_samples)).double()
    linear = torch.linalg.inv(to_image[..., :2])
    to_square = torch.cat([linear, -linear @ to_image[..., 2:]], -1)
    return cameras.warp(to_square).map(
        lambda values, _: to_device(values, device, dtype)
    )
