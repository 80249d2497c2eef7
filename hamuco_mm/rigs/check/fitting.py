"""Numbers of the cameras that make labels and cameras fit best."""

from collections.abc import Callable

import numpy as np
import torch
from scipy.optimize import least_squares

from ...geometry.triangulation import triangulate_dlt
from .observations import RigObservations
from .scoring import HALF_TRUST

# Time steps to fit with.
_STEPS = 12
# Distances, in sizes of the hand, at which a label counts half, in turn: first far
# from the best numbers, then near.
_HALF_TRUSTS = (0.5, HALF_TRUST)


def few_steps(rig: RigObservations) -> RigObservations:
    """Some time steps, evenly spread, that are enough for a few numbers."""
    chosen = np.linspace(0, rig.num_steps - 1, min(_STEPS, rig.num_steps)).astype(int)
    return rig.take(np.unique(chosen))


def fit_numbers(
    rig: RigObservations,
    apply: Callable[[RigObservations, np.ndarray], RigObservations],
    start: np.ndarray,
) -> np.ndarray:
    """Find numbers by robust least squares of the reprojection errors.

    The points are triangulated anew for all numbers that are tried, so that only these
    few are free.

    Args:
        rig (RigObservations): As it is.
        apply (Callable): The rig with given numbers, (N, ), around 1 or less.
        start (np.ndarray): Numbers to begin with, (N, ).

    Returns:
        np.ndarray: (N, ).
    """
    few = few_steps(rig)
    numbers = start
    for half_trust in _HALF_TRUSTS:
        found = least_squares(
            lambda x: _residuals(apply(few, x), half_trust),  # noqa: B023
            numbers,
            diff_step=1e-4,
            max_nfev=15,
        )
        numbers = found.x
    return numbers


def _residuals(rig: RigObservations, half_trust: float) -> np.ndarray:
    """Errors whose squares are a loss that wrong labels cannot dominate."""
    points = triangulate_dlt(
        torch.from_numpy(rig.points),
        rig.cameras.projection_matrix(),
        torch.from_numpy(rig.weights),
    )
    seen = rig.cameras.project(rig.cameras.to_camera(points[:, None])).numpy()
    error = (seen - rig.points) / rig.size[:, None, None] / half_trust
    squared = (error**2).sum(-1, keepdims=True)
    counted = (rig.weights > 0)[..., None] & np.isfinite(squared)
    return np.where(counted, error / np.sqrt(1 + squared), 0).ravel()
