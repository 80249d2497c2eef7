"""The input of renderers, and their interface."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from .skin import Skin, SkinMap


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


class Renderer(Protocol):
    """Draws a surface over a background (S, S, 3) of 0..255, float32."""

    name: str

    def render(
        self, surface: Surface, skin: Skin, skin_map: SkinMap, background: np.ndarray
    ) -> np.ndarray: ...
