"""What may be wrong with a rig, and how to put it right."""

from dataclasses import dataclass, replace
from itertools import permutations, product

import numpy as np

from ...cameras import EXTRINSICS, Cameras, Convention
from ...cameras.conventions import AXES
from .epipolar import fundamental, pair_cost
from .observations import RigObservations

# With up to this many cameras all orders are tried; with more, exchanges of two.
_MAX_EXHAUSTIVE = 7
# A view is shifted if that leaves less than this part of its misfit.
SHIFT_BETTER = 0.85


@dataclass(frozen=True)
class Hypothesis:
    """A way to read the rig.

    Attributes:
        convention (Convention | None): How R and t should have been read;
            None as they were.
        order (tuple | None): View v has the calibration of ``order[v]``.
        shifts (tuple | None): The labels of view v belong this many time steps
            earlier.
        without (int | None): A view that fits nothing.
    """

    convention: Convention | None = None
    order: tuple[int, ...] | None = None
    shifts: tuple[int, ...] | None = None
    without: int | None = None

    def apply(self, rig: RigObservations, current: Convention) -> RigObservations:
        """The observations, mended.

        Args:
            rig (RigObservations): As they are.
            current (Convention): How R and t were read.
        """
        if self.convention is not None:
            given = rig.cameras.as_arrays()
            raw = current.from_world2cam(given['R'], given['t'])
            R, t = self.convention.to_world2cam(*raw)
            mended = Cameras.from_arrays(dict(given, R=R, t=t))
            rig = replace(rig, cameras=mended)
        if self.order is not None:
            rig = rig.reordered(self.order)
        if self.shifts is not None:
            rig = rig.shifted(self.shifts)
        return rig if self.without is None else rig.without(self.without)

    @property
    def num_mistakes(self) -> int:
        return sum(
            part is not None
            for part in (self.convention, self.order, self.shifts, self.without)
        )

    def views(self, num_views: int) -> list[int]:
        """The views that it concerns."""
        if self.convention is not None or self.without is not None:
            return list(range(num_views))
        changed = set()
        if self.order is not None:
            changed |= {v for v, other in enumerate(self.order) if v != other}
        if self.shifts is not None:
            changed |= {v for v, shift in enumerate(self.shifts) if shift}
        return sorted(changed)


def other_conventions(current: Convention) -> list[Convention]:
    """All other meanings of R and t; the unit is another matter, as no
    reprojection depends on it."""
    found = [
        replace(current, extrinsics=extrinsics, axes=axes)
        for axes, extrinsics in product(AXES, EXTRINSICS)
    ]
    # one fault before two
    found.sort(key=lambda c: c.axes != current.axes)
    return [c for c in found if c != current]


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


def best_shifts(rig: RigObservations, max_shift: int) -> tuple[int, ...] | None:
    """Time shifts of views that fit epipolar lines clearly better.

    One view after the other is given the shift that improves its fit to the
    others most. With two views the second is shifted.

    Returns:
        tuple | None: For each view; None if no shift helps. The most common
        shift is 0.
    """
    count = rig.num_views
    F = {
        (a, b): fundamental(rig.cameras, a, b) for a, b in permutations(range(count), 2)
    }
    shifts = np.zeros(count, int)
    for _ in range(count):
        now = rig.shifted(shifts.tolist())
        gains = {}
        for view in range(1 if count == 2 else 0, count):
            costs = {
                shift: _view_cost(rig, now, view, shift, F)
                for shift in range(-max_shift, max_shift + 1)
            }
            best = min(costs, key=lambda s: (costs[s], abs(s)))
            if costs[best] < SHIFT_BETTER * costs[shifts[view]]:
                gains[view] = costs[shifts[view]] - costs[best], best
        if not gains:
            break
        view = max(gains, key=lambda v: gains[v][0])
        shifts[view] = gains[view][1]
    if count > 2:
        # which views are late is relative: most are right
        values, counts = np.unique(shifts, return_counts=True)
        shifts = shifts - values[counts.argmax()]
    return tuple(int(s) for s in shifts) if shifts.any() else None


def _view_cost(
    rig: RigObservations, now: RigObservations, view: int, shift: int, F: dict
) -> float:
    """Misfit of a shifted view with all others; 1 where too little overlaps."""
    points, weights = rig.view_later(view, shift)
    if (weights > 0).sum() < 0.5 * (rig.weights[:, view] > 0).sum():
        return 1.0
    costs = [
        pair_cost(
            points,
            weights,
            rig.size[view],
            now.points[:, other],
            now.weights[:, other],
            rig.size[other],
            F[view, other],
        )
        for other in range(rig.num_views)
        if other != view
    ]
    known = [cost for cost in costs if np.isfinite(cost)]
    # the median: other views may be late as well
    return float(np.median(known)) if known else 1.0
