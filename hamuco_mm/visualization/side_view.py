"""Hands seen from the side, where an image shows no depth."""

import numpy as np

from ..rendering.mesh_overlay import Color, draw_mesh

# Width of a side view in metres; an open hand is about 0.2 m long.
SIDE_VIEW_WIDTH = 0.24
_BACKGROUND = 248
# A viewer to the right of the camera's axis who looks to its left.
_R_CAM2SIDE = np.array([[0.0, 0, 1], [0, 1, 0], [-1, 0, 0]])


def draw_side_view(
    vertices: np.ndarray,
    faces: np.ndarray,
    size: int,
    color: Color,
) -> np.ndarray:
    """A mesh seen from the image's right, in the middle of an empty square.

    Args:
        vertices (np.ndarray): (V, 3) metres in the camera frame.
        faces (np.ndarray): (F, 3) vertex ids, anticlockwise from outside.
        size (int): Side of the square in pixels; it stands for
            ``SIDE_VIEW_WIDTH`` metres.
        color (tuple): RGB in [0, 1].

    Returns:
        np.ndarray: uint8 RGB (size, size, 3).
    """
    turned = vertices @ _R_CAM2SIDE.T
    paper = np.full((size, size, 3), _BACKGROUND, np.uint8)
    centre = (turned.max(axis=0) + turned.min(axis=0))[:2] / 2
    pixels = (turned[:, :2] - centre) * size / SIDE_VIEW_WIDTH
    return draw_mesh(paper, turned, faces, pixels + (size - 1) / 2, color)
