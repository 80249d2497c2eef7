"""What a hand is painted with: skin tone, creases, nails, veins, blotches, sleeve."""

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter

from hamuco_mm.hand_model import MANO_JOINT_NAMES, MANOLayer

from ..rendering.normals import vertex_normals
from .anatomy import THUMB, HandAnatomy
from .veins import make_veins

# sRGB tones from light to dark skin; people are drawn in between.
_TONES = np.array(
    [
        (236, 200, 178),
        (222, 176, 148),
        (200, 148, 116),
        (168, 116, 86),
        (126, 84, 62),
        (88, 58, 46),
    ],
    float,
)
_PALM_TONE = np.array((222, 168, 148), float)
_NAIL_TONE = np.array((232, 186, 174), float)
# What veins take from the colour of the skin, BGR: they are darker and less red.
VEIN_TINT = np.array((0.08, 0.16, 0.3), np.float32)

VOXEL = 2e-3
_NOISE_SIZE = 64  # power of two: the noise repeats, by masking


@dataclass(frozen=True, eq=False)
class SkinMap:
    """Details of the skin, as volumes in the flat hand's space.

    Attributes:
        origin (np.ndarray): (3,) metres, the corner of the volumes.
        shade (np.ndarray): (X, Y, Z) factors of the colour: creases.
        nail (np.ndarray): (X, Y, Z) 0..1, where nails are.
        vein (np.ndarray): (X, Y, Z) 0..1, where veins are.
        noise (np.ndarray): (64, 64, 64) periodic, standard deviation 1.
        palmar (np.ndarray): (778,) 0 on the back of the hand, 1 on the palm.
        redness (np.ndarray): (778,) 1 at the fingertips.
    """

    origin: np.ndarray
    shade: np.ndarray
    nail: np.ndarray
    vein: np.ndarray
    noise: np.ndarray
    palmar: np.ndarray
    redness: np.ndarray


@dataclass(frozen=True, eq=False)
class Skin:
    """One subject's skin and sleeve, colours 0..255 in BGR.

    Attributes:
        tone, palm, nail (np.ndarray): (3,) colours.
        blotches (float): Standard deviation of the colour's variation.
        creases (float): Depth of the creases, 0..1.
        gloss (float): Strength of the highlights.
        shininess (float): Exponent of the highlights.
        noise_shift (np.ndarray): (3,) int, where the noise is read.
        sleeve (np.ndarray, optional): (3,) colour; None is a bare arm.
        veins (float): How much those on the back of the hand show, 0..1.
    """

    tone: np.ndarray
    palm: np.ndarray
    nail: np.ndarray
    blotches: float
    creases: float
    gloss: float
    shininess: float
    noise_shift: np.ndarray
    sleeve: np.ndarray | None
    veins: float = 0.0


def sample_skin(rng: np.random.Generator) -> Skin:
    """Draw a subject's skin."""
    depth = _tone_depth(rng)
    tone = _tone_at(depth)
    tone = np.clip(tone * rng.normal(1, (0.03, 0.03, 0.04)), 20, 250)
    darkness = depth / (len(_TONES) - 1)
    share = 0.15 + 0.4 * darkness
    palm = tone + share * (_PALM_TONE - tone)
    nail = tone + (0.35 + 0.2 * darkness) * (_NAIL_TONE - tone)
    bare = rng.random() < 0.5
    sleeve = np.clip(rng.uniform(15, 230) + 35 * rng.normal(size=3), 5, 250)
    return Skin(
        tone[::-1],
        palm[::-1],
        nail[::-1],
        rng.uniform(0.02, 0.06),
        rng.uniform(0.3, 1),
        rng.uniform(4, 34),
        rng.uniform(8, 30),
        rng.integers(0, _NOISE_SIZE, 3),
        None if bare else sleeve,
    )


def sample_veins(rng: np.random.Generator, share: float) -> float:
    """Draw how much a person's veins show; they do in this share of the people."""
    shows, strength = rng.random() < share, rng.uniform(0.3, 1)
    return strength if shows else 0.0


def skin_tone(rng: np.random.Generator) -> np.ndarray:
    """A person's tone (3,), RGB 0..255."""
    return _tone_at(_tone_depth(rng))


def make_skin_map(layer: MANOLayer, anatomy: HandAnatomy) -> SkinMap:
    """Lay out creases, nails and veins on a hand model; the same for everybody."""
    vertices = layer.v_template.double().numpy()
    origin = vertices.min(0) - 2 * VOXEL
    size = np.ceil((vertices.max(0) + 2 * VOXEL - origin) / VOXEL).astype(int)
    grid = np.stack(np.meshgrid(*[np.arange(n) + 0.5 for n in size], indexing='ij'), -1)
    points = origin + VOXEL * grid.reshape(-1, 3)
    shade, nail = np.ones(len(points)), np.zeros(len(points))
    outer = ((grid < 1) | (grid > size - 1)).any(-1).ravel()
    for finger in range(5):
        tip = 4 * finger + 4
        joints = anatomy.rest_hand[tip - 3 : tip + 1]
        pad = anatomy.pad(finger)
        radius = anatomy.radii[finger]
        for k in range(1 if finger == THUMB else 0, 3):
            along = _unit(joints[k + 1] - joints[max(k - 1, 0)])
            offset = points - joints[k]
            far = np.linalg.norm(offset, axis=1) > 2.2 * radius[k]
            line = np.exp(-((offset @ along / 1.6e-3) ** 2))
            # Deep on the palm's side, faint wrinkles over the knuckles.
            depth = np.where(offset @ pad > 0, 0.28, 0.12 if k else 0.0)
            shade *= 1 - depth * line * ~far
        along = _unit(joints[3] - joints[2])
        end = ((vertices - joints[3]) @ along)[
            np.linalg.norm(vertices - joints[3], axis=1) < 0.012
        ].max()
        middle = joints[3] + (end - 0.0065) * along - pad * radius[2] * 0.95
        across = np.cross(along, pad)
        offset = (points - middle) @ np.stack([along, across, pad], 1)
        inside = np.linalg.norm(offset / (0.0068, 0.8 * radius[2], 0.0045), axis=1)
        nail = np.maximum(nail, np.clip((1.1 - inside) / 0.2, 0, 1))
    vein = make_veins(points, anatomy)
    shade[outer], nail[outer], vein[outer] = 1, 0, 0
    rng = np.random.default_rng(0)
    noise = np.zeros((_NOISE_SIZE,) * 3)
    for sigma in (0.7, 2.0, 6.0):
        white = rng.normal(size=noise.shape)
        noise = noise + _standard(gaussian_filter(white, sigma, mode='wrap'))
    normals = vertex_normals(vertices, layer.faces.numpy())
    tips = [i for i, n in enumerate(MANO_JOINT_NAMES) if n.endswith('3')]
    return SkinMap(
        origin,
        shade.reshape(size).astype(np.float32),
        nail.reshape(size).astype(np.float32),
        vein.reshape(size).astype(np.float32),
        _standard(noise).astype(np.float32),
        palmar=np.clip(0.5 + 1.2 * (normals @ anatomy.palmar), 0, 1),
        redness=layer.weights.double().numpy()[:, tips].sum(1),
    )


def vertex_colors(skin: Skin, skin_map: SkinMap) -> np.ndarray:
    """Unlit colours of the hand's vertices (778, 3), BGR 0..255."""
    colors = skin.tone + skin_map.palmar[:, None] * (skin.palm - skin.tone)
    return colors * (1 + skin_map.redness[:, None] * (-0.06, -0.05, 0.02))


def texture(
    skin: Skin,
    skin_map: SkinMap,
    rest: np.ndarray,
    colors: np.ndarray,
    light: np.ndarray,
) -> np.ndarray:
    """Paint details on shaded points.

    Args:
        skin (Skin): The subject's skin.
        skin_map (SkinMap): The model's details.
        rest (np.ndarray): (M, 3) places on the flat hand, metres, float32.
        colors (np.ndarray): (M, 3) shaded colours.
        light (np.ndarray): (M,) brightness of the light there.

    Returns:
        np.ndarray: (M, 3) colours.
    """
    place: np.ndarray = rest - skin_map.origin.astype(np.float32)
    place *= np.float32(1 / VOXEL)
    noisy = (place.astype(np.int32) + skin.noise_shift.astype(np.int32)) & (
        _NOISE_SIZE - 1
    )
    noise = skin_map.noise.take(_flat(noisy, skin_map.noise.shape))
    # The volumes' outer layers are empty: the arm reads nothing there.
    size = skin_map.shade.shape
    last_voxel: np.ndarray = np.array(size, np.float32) - 1
    np.clip(place, 0, last_voxel, out=place)
    flat = _flat(place.astype(np.int32), size)
    factor = 1 + np.float32(skin.creases) * (skin_map.shade.take(flat) - 1)
    factor *= 1 + np.float32(skin.blotches) * noise
    painted: np.ndarray = colors * factor[:, None]
    if skin.veins:
        vein = skin_map.vein.take(flat)
        hit = np.flatnonzero(vein)
        painted[hit] *= 1 - np.float32(skin.veins) * vein[hit, None] * VEIN_TINT
    nail = skin_map.nail.take(flat)
    hit = np.flatnonzero(nail)  # few: sparse is faster
    share = nail[hit, None]
    varnish = light[hit, None] * skin.nail.astype(np.float32)
    painted[hit] += share * (varnish - painted[hit])
    return painted


def _flat(voxels: np.ndarray, size: tuple[int, ...]) -> np.ndarray:
    """Where voxels (M, 3) of a volume are in its memory, (M,)."""
    return (voxels[:, 0] * size[1] + voxels[:, 1]) * size[2] + voxels[:, 2]


def _tone_depth(rng: np.random.Generator) -> float:
    """Place on the scale from light to dark; lighter tones are more frequent."""
    return (len(_TONES) - 1.001) * rng.beta(1.0, 1.4)


def _tone_at(depth: float) -> np.ndarray:
    low = int(depth)
    return _TONES[low] + (depth - low) * (_TONES[low + 1] - _TONES[low])


def _unit(vector: np.ndarray) -> np.ndarray:
    return vector / np.linalg.norm(vector)


def _standard(values: np.ndarray) -> np.ndarray:
    return (values - values.mean()) / values.std()
