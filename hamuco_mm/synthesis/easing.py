"""Time of movements that come to rest at each key frame."""

import numpy as np


def draw_keys(
    rng: np.random.Generator, num_frames: int, frames_apart: tuple[float, float]
) -> np.ndarray:
    """Times of key frames that cover frames 0 to ``num_frames - 1``.

    The first lies before frame 0 by up to the least distance, so that
    sequences start anywhere in a movement.
    """
    keys = [-rng.uniform(0, frames_apart[0])]
    while len(keys) < 2 or keys[-1] < num_frames - 1:
        keys.append(keys[-1] + rng.uniform(*frames_apart))
    return np.array(keys)


def eased_phase(keys: np.ndarray, times: np.ndarray) -> np.ndarray:
    """Key times (K,) and times (T,) to phases (T,) from 0 to K - 1.

    At key k the phase is k and stands still; in between it moves smoothly.
    """
    phase = np.interp(times, keys, np.arange(len(keys)))
    whole = np.floor(phase)
    share = phase - whole
    return whole + share * share * (3 - 2 * share)


def blend(values: np.ndarray, phase: np.ndarray) -> np.ndarray:
    """Values (K, ...) at the keys, blended linearly at phases (T,)."""
    low = np.minimum(np.floor(phase).astype(int), len(values) - 2)
    share = (phase - low).reshape(-1, *[1] * (values.ndim - 1))
    return values[low] + share * (values[low + 1] - values[low])
