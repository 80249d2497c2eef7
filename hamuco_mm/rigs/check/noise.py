"""How wrong the labels themselves are, seen without any camera."""

import numpy as np

from .observations import RigObservations

# Of the normal distribution: standard deviation by median absolute value, and
# deviation of a second difference of independent values.
_SIGMA_OF_MEDIAN, _SECOND_DIFFERENCE = 1.4826, np.sqrt(6)
# Times that the movement of the hand is fitted, each time with less weight on joints
# that do not follow it.
_ROUNDS = 4
# Joints of a hand that tell its movement and something besides.
_LEAST_JOINTS = 6


def label_noise(rig: RigObservations) -> np.ndarray:
    """How much labels tremble from time step to time step.

    Its measure are second differences of each joint's track, less what a movement of
    the whole hand (an affine one of the image) explains of them. Errors that last for
    several time steps are not in it.

    Args:
        rig (RigObservations): Time steps in order.

    Returns:
        np.ndarray: Standard deviation of x and of y in each view, pixels, (V, );
        0 of a view without enough joints in three time steps in a row.
    """
    found = np.zeros(rig.num_views)
    if rig.num_steps < 3:
        return found
    known = rig.weights > 0
    known = known[2:] & known[1:-1] & known[:-2]
    sequences = np.array(rig.sequences)
    known &= (sequences[2:] == sequences[:-2])[:, None, None]
    known &= known.sum(-1, keepdims=True) >= _LEAST_JOINTS
    change = _less_movement(np.diff(rig.points, 2, axis=0), rig.points[1:-1], known)
    for view in range(rig.num_views):
        if known[:, view].any():
            median = np.median(np.abs(change[:, view][known[:, view]]))
            found[view] = _SIGMA_OF_MEDIAN * median / _SECOND_DIFFERENCE
    return found


def _less_movement(
    change: np.ndarray, points: np.ndarray, known: np.ndarray
) -> np.ndarray:
    """Changes (T, V, J, 2) less the affine function of the points that fits most."""
    count = known.sum(-1, keepdims=True)[..., None].clip(1)
    centred = points - (points * known[..., None]).sum(-2, keepdims=True) / count
    spread = np.sqrt((centred**2 * known[..., None]).sum((-1, -2)) / count[..., 0, 0])
    centred = centred / spread.clip(1e-9)[..., None, None]
    terms = np.concatenate([centred, np.ones_like(centred[..., :1])], -1)
    # first, the hand as a whole moves as the median joint
    rest = np.where(known[..., None], change, np.nan)
    some = known.any(-1)
    rest[some] -= np.nanmedian(rest[some], axis=-2, keepdims=True)
    for _ in range(_ROUNDS):
        size = np.where(known, np.linalg.norm(rest, axis=-1), np.nan)
        typical = np.ones(size.shape[:-1])
        typical[some] = np.nanmedian(size[some], axis=-1).clip(1e-9)
        weights = known / (1 + np.nan_to_num(size / typical[..., None]) ** 2)
        weighted = np.swapaxes(terms * weights[..., None], -1, -2)
        # joints on a line tell less than all numbers of the movement
        square = weighted @ terms + 1e-9 * np.eye(3)
        rest = change - terms @ np.linalg.solve(square, weighted @ change)
    return rest
