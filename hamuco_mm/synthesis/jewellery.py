"""Watches, wristbands and rings, painted on the hand's vertices."""

from dataclasses import dataclass

import numpy as np

from hamuco_mm.hand_model import FINGER_NAMES, MANO_JOINT_NAMES, MANOLayer

from .anatomy import INDEX, PINKY, HandAnatomy

_METALS = np.array([(90, 180, 225), (200, 200, 205), (60, 60, 65)], float)  # BGR
# Where a ring sits on the first bone of its finger, as shares of the bone.
_RING_SPAN = (0.35, 0.6)


@dataclass(frozen=True, eq=False)
class Jewellery:
    """What one person wears.

    Attributes:
        band (np.ndarray, optional): (3,) colour of a band about the wrist, BGR
            0..255.
        ring (np.ndarray, optional): (3,) colour of a ring.
        finger (int): The ring's finger.
    """

    band: np.ndarray | None = None
    ring: np.ndarray | None = None
    finger: int = 0


def sample_jewellery(rng: np.random.Generator, share: float) -> Jewellery:
    """Draw what a person wears: a ring and a band, each with this share."""
    wears_band, wears_ring = rng.random(2) < share
    band = np.clip(rng.uniform(10, 220) + 40 * rng.normal(size=3), 2, 250)
    ring = _METALS[rng.integers(len(_METALS))]
    finger = int(rng.integers(INDEX, PINKY + 1))
    return Jewellery(band if wears_band else None, ring if wears_ring else None, finger)


def ring_vertices(layer: MANOLayer, anatomy: HandAnatomy) -> np.ndarray:
    """(5, 778) bool: what a ring covers on each finger."""
    vertices = layer.v_template.double().numpy()
    part = layer.weights.double().numpy().argmax(1)
    covered = np.zeros((5, len(vertices)), bool)
    for finger, name in enumerate(FINGER_NAMES):
        start, stop = anatomy.rest_hand[4 * finger + 1 : 4 * finger + 3]
        bone = stop - start
        along = (vertices - start) @ bone / (bone @ bone)
        inside = (along > _RING_SPAN[0]) & (along < _RING_SPAN[1])
        covered[finger] = inside & (part == MANO_JOINT_NAMES.index(f'{name}1'))
    return covered
