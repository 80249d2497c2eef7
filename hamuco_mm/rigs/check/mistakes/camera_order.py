"""Calibrations in another order than the views."""

from collections.abc import Iterator
from itertools import permutations

import numpy as np

from ..epipolar import fundamental, pair_cost
from ..observations import RigObservations
from .explanation import Circumstances, Explanation

# With up to this many cameras all orders are tried; with more, exchanges of two.
_MAX_EXHAUSTIVE = 7


def exchanged_cameras(
    rig: RigObservations, known: Circumstances
) -> Iterator[Explanation]:
    """The order that fits epipolar lines best."""
    order = best_order(rig)
    if order is None:
        return
    wrong = {view: other for view, other in enumerate(order) if view != other}
    names = dict(known.read_as.get('camera_names') or {})
    calibration_of = {rig.names[v]: rig.names[other] for v, other in wrong.items()}
    yield Explanation(
        'camera_order',
        'the calibrations are in another order than the views: '
        + ', '.join(
            f'{view} has that of {other}' for view, other in calibration_of.items()
        ),
        rig.reordered(order),
        sorted(wrong),
        [
            '--camera-names '
            + ' '.join(
                f'{view}={names.get(other, other)}'
                for view, other in calibration_of.items()
            )
        ],
        details=dict(calibration_of=calibration_of),
    )


def best_order(rig: RigObservations) -> tuple[int, ...] | None:
    """The assignment of calibrations to views that fits epipolar lines best.

    Returns:
        tuple | None: For each view the view whose calibration it should have;
        None if that is its own.
    """
    count = rig.num_views
    costs = np.full((count,) * 4, np.nan)
    F = {
        (a, b): fundamental(rig.cameras, a, b) for a, b in permutations(range(count), 2)
    }
    for i in range(count):
        for j in range(i + 1, count):
            for (a, b), matrix in F.items():
                costs[i, j, a, b] = pair_cost(
                    rig.points[:, i],
                    rig.weights[:, i],
                    rig.size[i],
                    rig.points[:, j],
                    rig.weights[:, j],
                    rig.size[j],
                    matrix,
                )
    costs = np.nan_to_num(costs, nan=0.0)
    if count <= _MAX_EXHAUSTIVE:
        orders = np.array(list(permutations(range(count))))
        best = orders[_order_costs(costs, orders).argmin()]
    else:
        best = _exchange(costs)
    return None if (best == np.arange(count)).all() else tuple(int(v) for v in best)


def _exchange(costs: np.ndarray) -> np.ndarray:
    """Exchange two as long as that helps."""
    best = np.arange(len(costs))
    while True:
        neighbours = [best]
        for a in range(len(best)):
            for b in range(a):
                other = best.copy()
                other[[a, b]] = other[[b, a]]
                neighbours.append(other)
        around = np.array(neighbours)
        winner = around[_order_costs(costs, around).argmin()]
        if (winner == best).all():
            return best
        best = winner


def _order_costs(costs: np.ndarray, orders: np.ndarray) -> np.ndarray:
    """Sum over pairs of views for each of N orders (N, V)."""
    i, j = np.triu_indices(costs.shape[0], 1)
    return costs[i, j, orders[:, i], orders[:, j]].sum(1)
