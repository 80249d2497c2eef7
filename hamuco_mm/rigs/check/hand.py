"""What is wrong with the hand that the labels show, whatever the cameras."""

from collections.abc import Sequence

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


def side_notes(points: np.ndarray, sides: Sequence[str] | None) -> list[Finding]:
    """Whether hands bend as those of their sides do.

    A note at most, whatever is seen: cameras and labels fit each other all the same,
    and a calibration in a mirrored frame shows hands of the other side.

    Args:
        points (np.ndarray): Joints, (T, J, 3), NaN where not known.
        sides (Sequence[str] | None): 'left', 'right' or '', (T, ).

    Returns:
        list[Finding]: Of each side that the labels say: another one is seen, or none
        can be.
    """
    own = np.array(sides or (), dtype=str)
    notes = []
    for stated in ('left', 'right'):
        of_side = points[own == stated]
        if not len(of_side):
            continue
        shape = hand_shape(of_side)
        steady = shape is not None and shape.restlessness <= _STEADY
        seen = bends_like(of_side) if steady else None
        if seen is None:
            notes.append(_side_unseen(stated, steady))
        elif seen != stated:
            notes.append(_other_side(stated, seen))
    return notes


def _other_side(stated: str, seen: str) -> Finding:
    return Finding(
        'hand_side',
        f'the fingers bend as those of a {seen} hand do, and the labels say {stated}',
        f'If it is a {seen} hand: rig2coco.py --hand-side {seen} (or hand_side in the '
        'labels); else the images are mirrored, or all cameras are',
        details=dict(stated=stated, seen=seen),
    )


def _side_unseen(stated: str, steady: bool) -> Finding:
    why = 'too few bent fingers' if steady else 'the joints are too unsteady'
    return Finding(
        'hand_side',
        f'the side of the hand is not checked: {why}',
        f'See by browse_dataset.py --mode original whether it is a {stated} hand, as '
        'the labels say',
        details=dict(stated=stated, seen=None),
    )
