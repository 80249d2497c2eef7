"""Which frames of a recording follow each other."""

import numpy as np
from numpy.typing import ArrayLike


def consecutive_runs(
    sequence: ArrayLike, frame: ArrayLike, valid: np.ndarray | None = None
) -> list[np.ndarray]:
    """Rows of frames that follow each other in their sequence.

    Frames follow each other at the smallest step of their sequence: every
    second frame of a video is a video of half the rate. A frame that is there
    twice does not follow itself.

    Args:
        sequence (np.ndarray): Names or numbers, (N,).
        frame (np.ndarray): int (N,).
        valid (np.ndarray, optional): Rows to use, bool (N,). Defaults to all.

    Returns:
        list[np.ndarray]: Row numbers of each run, in the order of time.
    """
    sequence, frame = np.asarray(sequence), np.asarray(frame)
    valid = np.ones(len(frame), bool) if valid is None else valid
    runs = []
    for name in np.unique(sequence):
        rows = np.flatnonzero(sequence == name)
        rows = rows[frame[rows].argsort(kind='stable')]
        steps = np.diff(frame[rows])
        breaks = steps != min(steps[steps > 0], default=0)
        breaks |= (steps == 0) | ~valid[rows[1:]] | ~valid[rows[:-1]]
        parts = np.split(rows, np.flatnonzero(breaks) + 1)
        runs += [part for part in parts if valid[part].all()]
    return runs
