"""Views that are early or late."""

from collections.abc import Iterator, Mapping
from itertools import permutations

import numpy as np

from ..epipolar import fundamental, pair_cost
from ..observations import RigObservations
from .explanation import Circumstances, Explanation

# A view is shifted if that leaves less than this part of its misfit.
SHIFT_BETTER = 0.85


def shifted_views(rig: RigObservations, known: Circumstances) -> Iterator[Explanation]:
    """The shifts that fit epipolar lines best."""
    shifts = best_shifts(rig, known.max_shift)
    if shifts is None:
        return
    step = int(known.read_as.get('step', 1))
    given = {k: int(n) for k, n in (known.read_as.get('offsets') or {}).items()}
    every = known.read_as.get('every') or {}
    late = {
        name: shift * step * int(every.get(name, 1))
        for name, shift in zip(rig.names, shifts)
        if shift
    }
    # all offsets: an option replaces the earlier one
    offsets = dict(given)
    for name, frames in late.items():
        offsets[name] = offsets.get(name, 0) + frames
    yield Explanation(
        'synchronisation',
        'views are not synchronised: '
        + ', '.join(_late(name, frames, given) for name, frames in late.items()),
        rig.shifted(shifts),
        [view for view, shift in enumerate(shifts) if shift],
        [
            '--offset '
            + ' '.join(f'{name}={offset}' for name, offset in offsets.items() if offset)
        ],
        details=dict(frames_late=late, offsets=offsets, given_offsets=given),
    )


def _late(name: str, frames: int, given: Mapping[str, int]) -> str:
    text = f'{name} is {abs(frames)} frames {"late" if frames > 0 else "early"}'
    if given.get(name):
        text += f' at its present offset {given[name]}'
    return text


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
