"""Whether translations are in metres, by the length of the hand."""

from collections.abc import Mapping

import numpy as np

from ...cameras.conventions import UNITS
from ...hand_model import HAND_JOINT_NAMES
from .hand_shape import hand_shape

# From the wrist along the middle finger to its tip: adults have 0.17 to 0.2 m,
# labels of bent fingers and a child's hand less.
_CHAIN = [
    HAND_JOINT_NAMES.index(name)
    for name in HAND_JOINT_NAMES
    if name == 'wrist' or name.startswith('middle')
]
TYPICAL_LENGTH = 0.18
PLAUSIBLE = (0.09, 0.30)
# Noise lengthens bones. Where they are as restless as this (see `HandShape`), only a
# hand that is too long or too short by this factor besides tells of a unit.
_RESTLESS, _NOISE_FACTOR = 0.4, 10.0
# No unit of `--unit`, and found in files: metres of an inch. A length of the hand
# says so within this factor.
_INCH, _SAME_UNIT = 0.0254, 1.25


def hand_length(points: np.ndarray) -> float | None:
    """Median length from wrist to middle fingertip, along the bones.

    Args:
        points (np.ndarray): Joints, (T, J, 3), NaN where not known.

    Returns:
        float | None: In the unit of the points.
    """
    bones = np.linalg.norm(np.diff(points[:, _CHAIN], axis=1), axis=-1)
    # bone by bone, so that a joint that is never seen with its neighbours
    # counts in some time steps at least
    if not np.isfinite(bones).any(0).all():
        return None
    return float(np.nanmedian(bones, axis=0).sum())


def scale_finding(
    points: np.ndarray, read_as: Mapping
) -> tuple[float | None, dict | None]:
    """Length of the hand, and what is wrong with the unit.

    Returns:
        tuple: Metres or None; None or ``message, remedy, details``.
    """
    length = hand_length(points)
    if length is None:
        return None, None
    if length == 0:
        return length, dict(
            message='all joints of the hand are at one place, so the labels are none '
            'of a hand',
            remedy='label the images again (tools/misc/pseudo_label.py), or see that '
            'each joint is read from its own entry',
            details=dict(hand_length=length),
        )
    shape = hand_shape(points)
    noisy = shape is not None and shape.restlessness > _RESTLESS
    widened = _NOISE_FACTOR if noisy else 1.0
    if PLAUSIBLE[0] / widened <= length <= PLAUSIBLE[1] * widened:
        return length, None
    now = float(read_as.get('metres_per_unit', 1))
    wanted = now * TYPICAL_LENGTH / length
    unit = f'{wanted:.3g}'
    for name, metres in UNITS.items():
        low, high = (now * bound / length for bound in PLAUSIBLE)
        if low <= metres <= high:
            unit = name
    if max(wanted / _INCH, _INCH / wanted) < _SAME_UNIT:
        unit = str(_INCH)
    return length, dict(
        message=f'the hand is {length:.3g} m long, so the translations are '
        f'not in the unit they were read in ({_name(now)})',
        remedy=f'rig2coco.py --unit {unit}'
        + (
            ''
            if unit in UNITS
            else ' (inches)'
            if unit == str(_INCH)
            else f' (metres per unit, so that the hand is {TYPICAL_LENGTH} m long)'
        ),
        details=dict(hand_length=length, unit=unit),
    )


def _name(metres_per_unit: float) -> str:
    for name, metres in UNITS.items():
        if metres == metres_per_unit:
            return name
    return f'{metres_per_unit:.3g} m'
