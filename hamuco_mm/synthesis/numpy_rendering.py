"""From a lit mesh to pixels, on the CPU."""

import cv2
import numpy as np

from ..rendering.rasterizer import rasterize
from .skin import Skin, SkinMap, texture
from .surface import Surface


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
        # rows of attributes, (7, N), then (7, M): contiguous, for speed
        attributes = np.concatenate(
            [surface.colors.T, surface.light[None], surface.rest.T]
        ).astype(np.float32)
        corners = surface.faces.T.take(seen.faces, 1)
        values = attributes.take(corners[0], 1) * seen.barycentric[:, 0]
        for k in (1, 2):
            values += attributes.take(corners[k], 1) * seen.barycentric[:, k]
        painted = texture(skin, skin_map, values[4:].T, values[:3].T, values[3])
        # The hand's colour, and how much of each pixel it covers.
        samples = np.zeros((width * width, 4), np.float32)
        samples[seen.pixels, :3] = painted
        samples[seen.pixels, 3] = 1
        layer = cv2.resize(
            samples.reshape(width, width, 4), (size, size), interpolation=cv2.INTER_AREA
        )
        return background * (1 - layer[..., 3:]) + layer[..., :3]
