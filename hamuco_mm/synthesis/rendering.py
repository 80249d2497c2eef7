"""From a lit mesh to pixels."""

from dataclasses import dataclass

import cv2
import numpy as np

from ..rendering.rasterizer import rasterize
from .skin import Skin, SkinMap, texture


@dataclass(frozen=True, eq=False)
class Surface:
    """A lit mesh in front of one camera, N vertices and F faces.

    Attributes:
        pixels (np.ndarray): (N, 2) projections in pixels.
        depth (np.ndarray): (N,) metres.
        faces (np.ndarray): (F, 3).
        colors (np.ndarray): (N, 3) shaded colours, BGR 0..255.
        light (np.ndarray): (N,) brightness of the light.
        rest (np.ndarray): (N, 3) places on the flat hand, metres.
    """

    pixels: np.ndarray
    depth: np.ndarray
    faces: np.ndarray
    colors: np.ndarray
    light: np.ndarray
    rest: np.ndarray


class NumpyRenderer:
    """Renders on the CPU with numpy and OpenCV alone.

    Args:
        supersampling (int): Samples per pixel and axis.
    """

    name = 'numpy'

    def __init__(self, supersampling: int = 2) -> None:
        self.supersampling = supersampling

    def render(
        self, surface: Surface, skin: Skin, skin_map: SkinMap, background: np.ndarray
    ) -> np.ndarray:
        """Draw a surface over a background (S, S, 3) of 0..255, float32."""
        size, factor = len(background), self.supersampling
        width = size * factor
        seen = rasterize(
            surface.pixels * factor, surface.depth, surface.faces, width, width
        )
        attributes = np.concatenate(
            [surface.colors, surface.light[:, None], surface.rest], 1
        ).astype(np.float32)
        corners = surface.faces[seen.faces]
        values = sum(
            attributes[corners[:, k]] * seen.barycentric[:, k : k + 1] for k in range(3)
        )
        painted = texture(skin, skin_map, values[:, 4:], values[:, :3], values[:, 3])
        # The hand's colour, and how much of each pixel it covers.
        layer = np.zeros((width * width, 4), np.float32)
        layer[seen.pixels, :3] = painted
        layer[seen.pixels, 3] = 1
        layer = cv2.resize(
            layer.reshape(width, width, 4), (size, size), interpolation=cv2.INTER_AREA
        )
        return background * (1 - layer[..., 3:]) + layer[..., :3]


def make_renderer(name: str = 'numpy'):
    """Renderer by name: 'numpy', 'moderngl', or 'auto'.

    'auto' takes moderngl where it works, else numpy. The pictures of the two
    differ slightly, so a data set that shall be the same everywhere names
    its renderer.

    Raises:
        RuntimeError: If 'moderngl' is asked for and does not work here.
        ValueError: If the name is unknown.
    """
    if name == 'numpy':
        return NumpyRenderer()
    if name not in ('moderngl', 'auto'):
        raise ValueError(
            f"renderer must be 'auto', 'numpy' or 'moderngl', got {name!r}"
        )
    from .gl_rendering import ModernglRenderer

    try:
        return ModernglRenderer()
    except RuntimeError:
        if name == 'moderngl':
            raise
        return NumpyRenderer()
