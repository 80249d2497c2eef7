"""What is wrong with the hand that the labels show, whatever the cameras."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from .finding import Finding
from .hand_shape import bends_like, hand_shape
from .mistakes.joint_orders import JOINT_ORDERS, order_from, reordered_joints
from .observations import RigObservations

# See `HandShape`: above is no hand, below is one. An order of joints is right if it
# leaves less than this part of the given misfit.
_NO_HAND, _HAND, _BETTER = 0.33, 0.25, 0.6
# Above, a better order is looked for.
_ODD = 0.2
# See `HandShape`: points that are less steady tell nothing.
_STEADY = 0.2
# A side is wrong if it is that of this part of the time steps whose side can be seen.
# Of 3280 pieces of right recordings (1 to 30 time steps, 2 to 8 views, errors of up to
# 5 px at 256 px, or those of a detector) 8 looked like the other side, and not one of
# those below `_HAND`.
_MOST = 2 / 3


def order_finding(
    rig: RigObservations, points: np.ndarray
) -> tuple[np.ndarray, list[Finding]]:
    """Whether the joints are in the order of a hand.

    Args:
        rig (RigObservations): Of the points.
        points (np.ndarray): Joints, (T, J, 3), NaN where not known.

    Returns:
        tuple: The points in the right order, and what is wrong, if anything.
    """
    given = hand_shape(points)
    if given is None or given.restlessness > _STEADY or given.misfit < _ODD:
        return points, []
    misfits = {}
    for name in JOINT_ORDERS:
        shape = hand_shape(points[:, order_from(name)])
        if shape is not None:
            misfits[name] = shape.misfit
    best = min(misfits, key=lambda name: misfits[name], default=None)
    if best is not None and misfits[best] < min(_HAND, _BETTER * given.misfit):
        named = reordered_joints(rig, list(range(rig.num_views)), best)
        finding = Finding(named.kind, named.message, named.remedy, None, named.details)
        return points[:, order_from(best)], [finding]
    if given.misfit < _NO_HAND:
        return points, []
    return points, [
        Finding(
            'hand',
            'labels and cameras fit each other, but the points are not those of a hand: '
            'the bones of the chains wrist - base - ... - tip have lengths that no hand '
            'has, in none of the known orders of joints',
            'See by browse_dataset.py --mode original which joint is which; the order is '
            'wrist, thumb, index, middle, ring, pinky, each finger from base to tip',
            details=dict(shape_misfit=given.misfit),
        )
    ]


def side_findings(
    points: np.ndarray, sides: Sequence[str] | None
) -> tuple[list[Finding], list[Finding]]:
    """Whether hands bend as those of their sides do.

    Args:
        points (np.ndarray): Joints, (T, J, 3), NaN where not known.
        sides (Sequence[str] | None): 'left', 'right' or '', (T, ).

    Returns:
        tuple: What is wrong: a side that most hands are not of. And notes: what is less
        sure, or cannot be seen.
    """
    own = np.array(sides or (), dtype=str)
    seen = {
        side: _seen_side(points[own == side])
        for side in ('left', 'right')
        if (own == side).any()
    }
    counts = {side: int((own == side).sum()) for side in seen}
    judged = sum(counts[side] for side, view in seen.items() if view.side)
    wrong: list[Finding] = []
    notes: list[Finding] = []
    for stated, view in seen.items():
        if view.side is None:
            notes.append(_side_unseen(stated, view))
        elif view.side != stated:
            sure = view.is_hand and counts[stated] >= _MOST * judged
            (wrong if sure else notes).append(_other_side(stated, view.side))
    return wrong, notes


class _SeenSide(NamedTuple):
    """The side that fingers show: 'left', 'right' or None; whether the points are
    steady enough to show one, and surely those of a hand."""

    side: str | None
    steady: bool
    is_hand: bool


def _seen_side(points: np.ndarray) -> _SeenSide:
    shape = hand_shape(points)
    if shape is None or shape.restlessness > _STEADY:
        return _SeenSide(None, False, False)
    return _SeenSide(bends_like(points), True, shape.misfit < _HAND)


def _other_side(stated: str, seen: str) -> Finding:
    return Finding(
        'hand_side',
        f'the fingers bend as those of a {seen} hand do, and the labels say {stated}',
        f'If it is a {seen} hand: rig2coco.py --hand-side {seen} (or hand_side in the '
        'labels); else the images are mirrored, or all cameras are',
        details=dict(stated=stated, seen=seen),
    )


def _side_unseen(stated: str, view: _SeenSide) -> Finding:
    why = 'too few bent fingers' if view.steady else 'the joints are too unsteady'
    return Finding(
        'hand_side',
        f'the side of the hand is not checked: {why}',
        f'See by browse_dataset.py --mode original whether it is a {stated} hand, as '
        'the labels say',
        details=dict(stated=stated, seen=None),
    )
