"""Joints in the order of another data set or program."""

from collections.abc import Iterator
from functools import lru_cache

import numpy as np

from ....datasets.joint_order import reorder_by_name
from ....hand_model import FINGER_NAMES, HAND_JOINT_NAMES, MANO_JOINT_NAMES
from ..observations import RigObservations
from .explanation import Circumstances, Explanation, in_views
from .suspects import suspected_groups

_LEVELS = range(1, 5)
_UP, _DOWN = tuple(_LEVELS), tuple(reversed(_LEVELS))
_MANO_FINGERS = ('index', 'middle', 'pinky', 'ring', 'thumb')
_LITTLE_FIRST = tuple(reversed(FINGER_NAMES))
_THUMB_LAST = (*FINGER_NAMES[1:], FINGER_NAMES[0])


def _by_finger(fingers: tuple[str, ...], levels: tuple[int, ...]) -> tuple[str, ...]:
    return tuple(f'{finger}{level}' for finger in fingers for level in levels)


def _tips(fingers: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f'{finger}4' for finger in fingers)


# What it is -> names of its joints in order. That of OpenPose, MediaPipe, FreiHAND,
# HanCo, DexYCB, H2O and COCO-WholeBody is this package's.
JOINT_ORDERS: dict[str, tuple[str, ...]] = {
    'the wrist, then each finger from its tip (RHD)': (
        'wrist',
        *_by_finger(FINGER_NAMES, _DOWN),
    ),
    'each finger from its tip, the wrist last (InterHand2.6M, AssemblyHands)': (
        *_by_finger(FINGER_NAMES, _DOWN),
        'wrist',
    ),
    'each finger from its base, the wrist last': (
        *_by_finger(FINGER_NAMES, _UP),
        'wrist',
    ),
    "MANO's joints, then the tips from thumb to pinky (HO-3D, smplx)": (
        *MANO_JOINT_NAMES,
        *_tips(FINGER_NAMES),
    ),
    "MANO's joints, then the tips in MANO's order of the fingers": (
        *MANO_JOINT_NAMES,
        *_tips(_MANO_FINGERS),
    ),
    "MANO's order of the fingers, each with its tip": (
        'wrist',
        *_by_finger(_MANO_FINGERS, _UP),
    ),
    'the wrist, then the fingers from pinky to thumb (STB)': (
        'wrist',
        *_by_finger(_LITTLE_FIRST, _UP),
    ),
    'the wrist, then the fingers from pinky to thumb, each from its tip': (
        'wrist',
        *_by_finger(_LITTLE_FIRST, _DOWN),
    ),
    'the wrist, then the fingers from index to thumb (MSRA)': (
        'wrist',
        *_by_finger(_THUMB_LAST, _UP),
    ),
    'the wrist, all bases, then the rest of each finger (BigHand2.2M, FPHA)': (
        'wrist',
        *_by_finger(FINGER_NAMES, (1,)),
        *_by_finger(FINGER_NAMES, (2, 3, 4)),
    ),
    'the wrist, all bases, all second joints, all third joints, all tips': (
        'wrist',
        *(f'{finger}{level}' for level in _LEVELS for finger in FINGER_NAMES),
    ),
}


@lru_cache
def order_from(name: str) -> np.ndarray:
    """``ours = theirs[order_from(name)]``, (21, )."""
    return reorder_by_name(JOINT_ORDERS[name], HAND_JOINT_NAMES)


def other_joint_order(
    rig: RigObservations, known: Circumstances
) -> Iterator[Explanation]:
    """Some views have another order than the others.

    An order that all share fits any cameras; see
    :mod:`hamuco_mm.rigs.check.hand`.
    """
    for views in suspected_groups(rig)[1:]:
        for name in JOINT_ORDERS:
            yield reordered_joints(rig, views, name)


def reordered_joints(rig: RigObservations, views: list[int], name: str) -> Explanation:
    """Views whose labels are in a known order."""
    return Explanation(
        'joint_order',
        f'the joints are in another order {in_views(rig, views)}: {name}',
        rig.with_joints(views, order_from(name)),
        views,
        advice='Give the joints as wrist, thumb, index, middle, ring, pinky, each '
        'finger from its base to its tip: new[i] = old[order[i]] with order '
        f'{order_from(name).tolist()}',
        details=dict(
            order=name,
            indices=order_from(name).tolist(),
            cameras=[rig.names[v] for v in views],
        ),
    )
