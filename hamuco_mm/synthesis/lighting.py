"""Light on a hand: sky, sun, shadows of the fingers, highlights."""

from dataclasses import dataclass

import numpy as np

_BALL_RADIUS = 9e-3


@dataclass(frozen=True, eq=False)
class Light:
    """One scene's light; colours are BGR factors.

    Attributes:
        direction (np.ndarray): (3,) unit vector towards the lamp, world.
        lamp (np.ndarray): (3,) colour and strength of the lamp.
        sky, ground (np.ndarray): (3,) light from above and from below.
    """

    direction: np.ndarray
    lamp: np.ndarray
    sky: np.ndarray
    ground: np.ndarray


@dataclass(frozen=True)
class LightConfig:
    """How coloured the light is.

    Attributes:
        lamp_warmth, sky_warmth (float): Standard deviation of the red of the
            lamp, and of the light from all around; blue is the opposite.
    """

    lamp_warmth: float = 0.06
    sky_warmth: float = 0.04


def sample_light(rng: np.random.Generator, config: LightConfig | None = None) -> Light:
    """Draw a scene's light: mostly from above, warm or cold."""
    config = config or LightConfig()
    direction = rng.normal(size=3) + (0, 0.9, 0)
    direction /= np.linalg.norm(direction)
    warmth = rng.normal(0, config.lamp_warmth)
    tint = np.array((1 - warmth, 1.0, 1 + warmth))
    strength = rng.uniform(0.4, 1.0)
    ambient = rng.uniform(0.38, 0.7)
    sky_warmth = rng.normal(0, config.sky_warmth)
    sky = np.array((1 - sky_warmth, 1.0, 1 + sky_warmth)) * ambient
    return Light(direction, strength * tint, sky, sky * rng.uniform(0.45, 0.85))


def shade(
    light: Light, vertices: np.ndarray, normals: np.ndarray, balls: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Diffuse light at each vertex, with soft shadows.

    The fingers' shadows and the darkness between them come from balls along
    the bones instead of the mesh: smooth, and hundreds of times cheaper.

    Args:
        light (Light): The scene's light.
        vertices (np.ndarray): (N, 3) world metres.
        normals (np.ndarray): (N, 3).
        balls (np.ndarray): (B, 3) centres, world metres.

    Returns:
        tuple: Light (N, 3), BGR factors; and how much of the lamp arrives,
        (N,) 0..1, for the highlights.
    """
    offset = (balls[None] - vertices[:, None]).astype(np.float32)
    squared = np.einsum('nbk,nbk->nb', offset, offset) + 1e-9
    elsewhere = squared > (1.9 * _BALL_RADIUS) ** 2  # not the flesh around it
    distance = np.sqrt(squared)
    facing = np.einsum('nbk,nk->nb', offset, normals.astype(np.float32)) / distance
    blocked = np.maximum(facing, 0) * (_BALL_RADIUS**2 / squared) * elsewhere
    openness = np.exp(-1.1 * blocked.sum(1))

    ahead = offset @ light.direction.astype(np.float32)
    miss = np.sqrt(np.maximum(squared - ahead**2, 0))
    hit = np.clip(1.6 - miss / _BALL_RADIUS, 0, 1) * elsewhere * (ahead > 0)
    lit = 1 - hit.max(1)

    # Light seeps a little around the edge of the shade through skin.
    cosine = normals @ light.direction
    seep = np.array((0.04, 0.06, 0.16))
    diffuse = np.clip((cosine[:, None] + seep) / (1 + seep), 0, 1)
    up = 0.5 + 0.5 * normals[:, 1:2]
    ambient = light.ground + up * (light.sky - light.ground)
    lit = 0.12 + 0.88 * lit
    return (ambient * openness[:, None] + light.lamp * diffuse * lit[:, None]), lit * (
        cosine > 0
    )


def highlights(
    light: Light,
    eye: np.ndarray,
    vertices: np.ndarray,
    normals: np.ndarray,
    lit: np.ndarray,
    shininess: float,
) -> np.ndarray:
    """Blinn-Phong highlights (N, 3), to be scaled by the skin's gloss."""
    view = eye - vertices
    view /= np.linalg.norm(view, axis=1, keepdims=True)
    half = view + light.direction
    half /= np.linalg.norm(half, axis=1, keepdims=True) + 1e-9
    cosine = np.clip(np.einsum('nk,nk->n', normals, half), 0, 1)
    return (cosine**shininess * lit)[:, None] * light.lamp
