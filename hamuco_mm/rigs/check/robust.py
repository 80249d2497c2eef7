"""A loss that wrong labels cannot dominate.

Geman and McClure's, of distances in sizes of the hand: detectors put some
joints far off, which says nothing of the cameras.
"""

import numpy as np

# Distance at which a label counts half: about half a finger's width.
SCALE = 0.06


def misfit(relative: np.ndarray) -> np.ndarray:
    """In [0, 1]; 0.5 at :data:`SCALE`, 1 for infinity."""
    return 1 - 1 / (1 + (relative / SCALE) ** 2)


def trust(relative: np.ndarray) -> np.ndarray:
    """Factors for the equations of the next round of least squares."""
    return np.maximum(1 / (1 + (relative / SCALE) ** 2), 1e-3)
