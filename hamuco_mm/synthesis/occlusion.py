"""Which joints does the hand hide from a camera?"""

import numpy as np

from ..rendering.rasterizer import rasterize

# Side in pixels of the depth image that decides about occlusion.
_SIZE = 64


def joint_occlusion(
    pixels: np.ndarray,
    depth: np.ndarray,
    faces: np.ndarray,
    joint_pixels: np.ndarray,
    joint_depth: np.ndarray,
    image_size: int,
) -> np.ndarray:
    """How much each joint is hidden behind the hand itself.

    Args:
        pixels (np.ndarray): (N, 2) projected vertices.
        depth (np.ndarray): (N,) metres.
        faces (np.ndarray): (F, 3).
        joint_pixels (np.ndarray): (J, 2).
        joint_depth (np.ndarray): (J,) metres.
        image_size (int): Side of the image in pixels.

    Returns:
        np.ndarray: (J,) 0 for visible, 1 for hidden joints: by how far the
        surface seen at the joint's pixel is in front of its own flesh.
    """
    scale = _SIZE / image_size
    seen = rasterize(pixels * scale, depth, faces, _SIZE, _SIZE)
    buffer = np.full(_SIZE**2, np.inf)
    buffer[seen.pixels] = seen.depth
    place = np.floor(joint_pixels * scale).astype(int)
    place = np.clip(place, 0, _SIZE - 1)
    gap = joint_depth - buffer[place[:, 1] * _SIZE + place[:, 0]]
    return np.clip((gap - 0.014) / 0.012, 0, 1)
