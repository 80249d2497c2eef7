"""Hand model files that are not the open hand's."""

from pathlib import Path

import numpy as np

from hamuco_mm.hand_model.loading import OPEN_HAND


def write_hand_model(path: Path) -> Path:
    """A file as MANO's: another mesh and other faces than the open hand's."""
    with np.load(OPEN_HAND) as content:
        arrays = dict(content)
    arrays['v_template'] = 1.1 * arrays['v_template']
    arrays['f'] = np.roll(arrays['f'], 1, axis=0)
    np.savez(path, **arrays)
    return path
