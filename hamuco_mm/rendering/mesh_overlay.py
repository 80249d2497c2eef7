"""Shaded meshes over images, on the CPU and without a window system."""

import cv2
import numpy as np

from .normals import vertex_normals
from .rasterizer import rasterize

Color = tuple[float, float, float]

# RGB of a hand in no other colour, a light blue.
HAND_COLOR: Color = (0.55, 0.73, 0.95)

# Direction towards each light in the camera frame (x right, y down, z
# forward) and its strength: a main one over the left shoulder, a weak one
# from the right.
_LIGHTS = (((-0.45, -0.65, -0.62), 0.60), ((0.80, 0.10, -0.59), 0.20))
_AMBIENT = 0.32
_HIGHLIGHT = 0.18
_SHININESS = 20
# The inside of the hand shows at the open wrist only.
_INSIDE = 0.4
# Depth only orders the points, which may be root-relative: the nearest one is
# put this far (metres) from the rasterizer's camera.
_NEAREST = 1.0


def draw_mesh(
    image: np.ndarray,
    vertices: np.ndarray,
    faces: np.ndarray,
    vertices_px: np.ndarray,
    color: Color = HAND_COLOR,
    opacity: float = 1.0,
    supersampling: int = 2,
) -> np.ndarray:
    """Draw a shaded mesh over an image.

    Args:
        image (np.ndarray): uint8 RGB (H, W, 3), not changed.
        vertices (np.ndarray): (V, 3) metres in the camera frame (x right,
            y down, z forward); the position does not matter.
        faces (np.ndarray): (F, 3) vertex ids, anticlockwise from outside.
        vertices_px (np.ndarray): (V, 2) where each vertex appears in
            ``image``; (0, 0) is the centre of the first pixel.
        color (tuple): RGB in [0, 1].
        opacity (float): 1 hides the image behind the mesh.
        supersampling (int): Subpixels per pixel and direction.

    Returns:
        np.ndarray: uint8 RGB (H, W, 3).
    """
    height, width = image.shape[:2]
    size = (height * supersampling, width * supersampling)
    inside_out = faces[:, ::-1]
    seen = rasterize(
        (vertices_px + 0.5) * supersampling,
        vertices[:, 2] - vertices[:, 2].min() + _NEAREST,
        np.concatenate([faces, inside_out]),
        size[1],
        size[0],
    )
    corners = faces[seen.faces % len(faces)]
    weights = seen.barycentric.copy()
    inside = seen.faces >= len(faces)
    weights[inside] = weights[inside, ::-1]
    normals = np.einsum('mk,mkc->mc', weights, vertex_normals(vertices, faces)[corners])

    layer = np.zeros((size[0] * size[1], 4), np.float32)
    layer[seen.pixels, :3] = shade(_unit(normals), inside, color)
    layer[seen.pixels, 3] = 1
    covered = cv2.resize(
        layer.reshape(*size, 4), (width, height), interpolation=cv2.INTER_AREA
    )
    # The layer is black where it is empty: its colours are already weighted
    # with how much of a pixel is covered.
    blended = image * (1 - opacity * covered[..., 3:])
    blended += 255 * opacity * covered[..., :3]
    return np.round(blended).clip(0, 255).astype(np.uint8)


def shade(normals: np.ndarray, inside: np.ndarray, color: Color) -> np.ndarray:
    """Colours of surface points under two lights.

    Args:
        normals (np.ndarray): (M, 3) unit length, in the camera frame.
        inside (np.ndarray): (M,) whether the inside of the hand is seen.
        color (tuple): RGB of the surface in [0, 1].

    Returns:
        np.ndarray: RGB (M, 3) in [0, 1].
    """
    normals = np.where(inside[:, None], -normals, normals)
    brightness = np.full(len(normals), _AMBIENT)
    gloss = np.zeros(len(normals))
    for direction, strength in _LIGHTS:
        direction = np.array(direction) / np.linalg.norm(direction)
        brightness += strength * np.maximum(normals @ direction, 0)
        # Blinn-Phong: the normal halfway between light and viewer shines.
        halfway = direction + (0, 0, -1)
        halfway /= np.linalg.norm(halfway)
        gloss += strength * np.maximum(normals @ halfway, 0) ** _SHININESS
    brightness = np.where(inside, _INSIDE * brightness, brightness)
    gloss = np.where(inside, 0, _HIGHLIGHT * gloss)
    return (brightness[:, None] * color + gloss[:, None]).clip(0, 1)


def _unit(vectors: np.ndarray) -> np.ndarray:
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.maximum(length, 1e-12)
