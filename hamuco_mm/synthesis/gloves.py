"""Thin gloves, as worn in laboratories."""

from dataclasses import replace

import numpy as np

from .skin import Skin

# Nitrile and latex: blue, black, violet, green, orange, white.
_COLORS = np.array(
    [
        (196, 118, 42),
        (44, 42, 40),
        (138, 66, 104),
        (112, 158, 58),
        (48, 116, 226),
        (206, 218, 226),
    ],
    float,
)  # BGR


def sample_glove(rng: np.random.Generator, share: float) -> np.ndarray | None:
    """Draw the colour (3,) of a person's gloves, BGR 0..255; None is bare hands."""
    wears = rng.random() < share
    color = _COLORS[rng.integers(len(_COLORS))] * rng.normal(1, 0.06, 3)
    return np.clip(color, 10, 245) if wears else None


def gloved(skin: Skin, color: np.ndarray) -> Skin:
    """What a gloved hand is painted with: one colour, faint folds, no nails or veins."""
    return replace(
        skin,
        tone=color,
        palm=color,
        nail=color,
        blotches=0.5 * skin.blotches,
        creases=0.4 * skin.creases,
        gloss=skin.gloss + 20,
        veins=0.0,
    )
