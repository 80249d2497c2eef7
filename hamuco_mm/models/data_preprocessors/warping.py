"""Crops of a batch of images, made on their device."""

import numpy as np
import torch
from torch import Tensor, nn

from ...utils.transfer import to_device


def warp_crops(images: Tensor, matrices: np.ndarray, size: tuple[int, int]) -> Tensor:
    """Crop N images as ``cv2.warpAffine`` does, bilinearly and black outside.

    Args:
        images (Tensor): Of one size, any type, (N, C, h, w).
        matrices (np.ndarray): Pixels of the images to pixels of the crops,
            (N, 2, 3).
        size (tuple[int, int]): Width and height of the crops.

    Returns:
        Tensor: float32 (N, C, height, width), not rounded, pixel by pixel in
        memory (``channels_last``) where the images are.
    """
    width, height = size
    square_to_crop = _from_square(width, height)
    image_to_square = np.linalg.inv(_from_square(images.shape[3], images.shape[2]))
    bottom = np.broadcast_to([[0.0, 0, 1]], (len(matrices), 1, 3))
    crop_to_image = np.linalg.inv(np.concatenate([matrices, bottom], 1))
    theta = to_device(
        (image_to_square @ crop_to_image @ square_to_crop)[:, :2],
        images.device,
        torch.float32,
    )
    # positions in bfloat16 would be off by pixels
    with torch.autocast(images.device.type, enabled=False):
        shape = [len(images), images.shape[1], height, width]
        grid = nn.functional.affine_grid(theta, shape, align_corners=True)
        crops = nn.functional.grid_sample(
            images.float(), grid, padding_mode='zeros', align_corners=True
        )
    by_pixel = images.is_contiguous(memory_format=torch.channels_last)
    return crops.contiguous(memory_format=torch.channels_last) if by_pixel else crops


def _from_square(width: int, height: int) -> np.ndarray:
    """PyTorch's [-1, 1] square, whose corners are the centres of the corner
    pixels, to pixels, (3, 3)."""
    x, y = (width - 1) / 2, (height - 1) / 2
    return np.array([[x, 0, x], [0, y, y], [0, 0, 1]])
