"""Meshes over images by the painter's algorithm, fast enough for videos."""

import cv2
import numpy as np

from .mesh_overlay import HAND_COLOR, Color, shade

# Positions have this many fractional bits in OpenCV's drawing.
_SHIFT = 4
# Farther outside the image than this (pixels), positions overflow OpenCV's
# fixed-point numbers; a face there is not seen anyway.
_FARTHEST = 30000.0


def paint_mesh(
    image: np.ndarray,
    vertices: np.ndarray,
    faces: np.ndarray,
    vertices_px: np.ndarray,
    color: Color = HAND_COLOR,
) -> np.ndarray:
    """Paint the faces of a mesh over an image, the farthest first.

    Each face has one colour. :func:`draw_mesh` shades smoothly and with
    smooth outlines, at several times the cost.

    Args:
        image (np.ndarray): uint8 RGB (H, W, 3), not changed.
        vertices (np.ndarray): (V, 3) metres in the camera frame (x right,
            y down, z forward); the position does not matter.
        faces (np.ndarray): (F, 3) vertex ids, anticlockwise from outside.
        vertices_px (np.ndarray): (V, 2) where each vertex appears in
            ``image``; (0, 0) is the centre of the first pixel.
        color (tuple): RGB in [0, 1].

    Returns:
        np.ndarray: uint8 RGB (H, W, 3).
    """
    image = image.copy()
    a, b, c = vertices[faces].transpose(1, 0, 2)
    normals = np.cross(b - a, c - a)
    first, second, third = vertices_px[faces].transpose(1, 0, 2)
    edge, other = second - first, third - first
    # y points down, so faces seen from outside turn clockwise
    inside = edge[:, 0] * other[:, 1] - edge[:, 1] * other[:, 0] > 0
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
    colors = np.round(255 * shade(normals, inside, color)).tolist()
    corners = np.round(np.clip(vertices_px, -_FARTHEST, _FARTHEST) * 2**_SHIFT).astype(
        np.int32
    )[faces]
    for face in np.argsort(-(a + b + c)[:, 2]):
        cv2.fillConvexPoly(image, corners[face], colors[face], shift=_SHIFT)
    return image
