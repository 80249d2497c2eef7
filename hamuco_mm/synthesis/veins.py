"""The veins on the back of a hand."""

from itertools import pairwise

import numpy as np

from .anatomy import INDEX, PINKY, HandAnatomy

_WIDTH = 1.3e-3  # metres, from the middle of a vein to where a third of it shows
# They wind this far to either side, once in this length, metres.
_WINDING, _WAVE = 1.2e-3, 0.024
# Where veins between the knuckles meet, as a share of the way to the wrist, and
# where they leave the back of the hand.
_ARCH, _END = 0.5, 0.95
_FAINTEST = 0.05


def make_veins(points: np.ndarray, anatomy: HandAnatomy) -> np.ndarray:
    """The dorsal venous network: veins rise from between the knuckles to an arch
    across the back of the hand, from whose ends two lead to the wrist.

    Args:
        points (np.ndarray): (N, 3) places in the flat hand's space, metres.
        anatomy (HandAnatomy): The flat hand.

    Returns:
        np.ndarray: (N,) 0..1, how much of a vein there is.
    """
    wrist = anatomy.rest_hand[0]
    axes = np.stack([anatomy.forward, anatomy.across], 1)
    flat = (points - wrist) @ axes
    knuckles = anatomy.rest_hand[[4 * f + 1 for f in range(INDEX, PINKY + 1)]]
    flat = _unwind(flat)
    nearest = np.min(
        [_distance(flat, a, b) for a, b in _segments((knuckles - wrist) @ axes)], 0
    )
    # the back is what lies above the knuckles and the wrist
    height = (points - wrist) @ -anatomy.palmar
    slope = ((knuckles - wrist) @ -anatomy.palmar).mean()
    reach = ((knuckles - wrist) @ anatomy.forward).mean()
    dorsal = height > slope * np.clip(flat[:, 0] / reach, 0, 1)
    vein = np.exp(-((nearest / _WIDTH) ** 2)) * dorsal
    return np.where(vein < _FAINTEST, 0, vein)


def _segments(knuckles: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """Straight parts of the veins, of knuckles (4, 2) forward and across."""
    webs = (knuckles[1:] + knuckles[:-1]) / 2
    outer = np.array([knuckles[0], *webs, knuckles[-1]])
    arch = outer * (1 - _ARCH, 0.85)
    # towards the fingers in its middle
    arch[:, 0] += 0.008 * np.sin(np.linspace(0, np.pi, len(arch)))
    ends = arch[[0, -1]] * ((1 - _END) / (1 - _ARCH), 0.7)
    return [
        *zip(webs, arch[1:-1]),
        *pairwise(arch),
        *zip(arch[[0, -1]], ends),
    ]


def _unwind(flat: np.ndarray) -> np.ndarray:
    """Coordinates (N, 2) in which winding veins are straight."""
    winding = np.sin(2 * np.pi / _WAVE * flat)
    return flat - _WINDING * winding[:, ::-1]


def _distance(points: np.ndarray, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """(N,) of points (N, 2) from the part of a line between two points."""
    way = end - start
    along = np.clip((points - start) @ way / (way @ way), 0, 1)
    return np.linalg.norm(points - start - along[:, None] * way, axis=1)
