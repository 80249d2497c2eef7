"""Joint orders, mapped by name and never by a bare list of numbers."""

import os.path as osp
import re
from collections.abc import Sequence

import mmpose
import numpy as np
from mmpose.datasets.datasets.utils import parse_pose_metainfo

from ..hand_model import FINGER_NAMES, HAND_JOINT_NAMES

JointNames = Sequence[str] | dict

_FINGERS = dict(
    {finger: finger for finger in FINGER_NAMES},
    forefinger='index',
    pointer='index',
    little='pinky',
    pinkie='pinky',
    small='pinky',
)
_SIDES = re.compile('^(right|left|r|l)_')
_SIDES_AFTER = re.compile('_(right|left|r|l)$')
_NUMBERED = re.compile('^([a-z]+?)(?:_finger)?_?([1-4])$')
_OF_FINGER = re.compile('^([a-z]+?)(?:_finger)?_([a-z]+)$')


def standard_joint_name(name: str, synonyms: dict[str, str] | None = None) -> str:
    """The name of a joint in :data:`~hamuco_mm.hand_model.HAND_JOINT_NAMES`.

    It knows those names themselves and ``<finger>1`` to ``<finger>4``,
    counted from the base to the tip, as MMPose's and MANO's tables have it
    (``thumb1``, ``forefinger2``, ``middle_finger3``, ``little4``); each may
    begin or end with the side (``right_``, ``l_``, ``_left``). Capitals, spaces
    and hyphens make no difference (``IndexFingerMCP``, ``Little Tip``).

    Args:
        name (str): As the data set calls the joint.
        synonyms (dict, optional): Standard names of further names. These come
            before the rules above: some data sets use a standard name for
            another joint.

    Raises:
        ValueError: If the name is not that of a joint.
    """
    plain = _SIDES.sub('', name.lower())
    if synonyms and plain in synonyms:
        plain = synonyms[plain]
    else:
        plain = _SIDES_AFTER.sub('', _SIDES.sub('', _spelled(name)))
        plain = plain.removeprefix('hand_')
    part = _OF_FINGER.match(plain)
    if part and part.group(1) in _FINGERS:
        plain = f'{_FINGERS[part.group(1)]}_{part.group(2)}'
    numbered = _NUMBERED.match(plain)
    if numbered and numbered.group(1) in _FINGERS:
        finger, position = _FINGERS[numbered.group(1)], int(numbered.group(2))
        of_finger = [n for n in HAND_JOINT_NAMES if n.startswith(finger)]
        plain = of_finger[position - 1]
    if plain not in HAND_JOINT_NAMES:
        raise ValueError(
            f'{name!r} is no known name of a hand joint. Known are '
            f'{", ".join(HAND_JOINT_NAMES)} and <finger>1 to <finger>4 from '
            'base to tip; give other names by `synonyms`'
        )
    return plain


def is_joint_name(name: str) -> bool:
    """Whether :func:`standard_joint_name` knows a name."""
    try:
        standard_joint_name(name)
    except ValueError:
        return False
    return True


def side_of_name(name: str) -> str | None:
    """The side that a name begins or ends with (``right_``, ``l_``, ``_left``).

    Args:
        name (str): Of a joint, or of a hand.

    Returns:
        str | None: 'right', 'left', or None if it does not say it.
    """
    spelled = _spelled(name)
    found = _SIDES.match(f'{spelled}_') or _SIDES_AFTER.search(spelled)
    return None if found is None else dict(r='right', l='left')[found[1][0]]


def _spelled(name: str) -> str:
    """In small letters, with underscores between words."""
    words = re.sub('(?<=[a-z0-9])(?=[A-Z])', '_', name.strip())
    return re.sub(r'[\s.\-]+', '_', words).lower()


def reorder_by_name(
    names_from: Sequence[str],
    names_to: Sequence[str] = HAND_JOINT_NAMES,
    synonyms: dict[str, str] | None = None,
) -> np.ndarray:
    """Where each joint of one order is in another.

    ``points_to = points_from[reorder_by_name(names_from, names_to)]``.

    Args:
        names_from (Sequence[str]): Names in the order of the data.
        names_to (Sequence[str]): Names in the wanted order. Defaults to the
            21 joints of this package.
        synonyms (dict, optional): Of ``names_from``, see
            :func:`standard_joint_name`.

    Returns:
        np.ndarray: Indices into the data, (len(names_to), ).

    Raises:
        ValueError: For a name that is not that of a joint, two joints of one
            name, or a wanted joint that is missing.
    """
    place: dict[str, int] = {}
    for index, name in enumerate(names_from):
        standard = standard_joint_name(name, synonyms)
        if standard in place:
            raise ValueError(
                f'{names_from[place[standard]]!r} and {name!r} '
                f'are both the joint {standard!r}'
            )
        place[standard] = index
    wanted = [standard_joint_name(name) for name in names_to]
    missing = [name for name in wanted if name not in place]
    if missing:
        raise ValueError(f'the order {list(names_from)} lacks the joints {missing}')
    return np.array([place[name] for name in wanted])


def joint_names(source: JointNames) -> list[str]:
    """Names of the joints of a data set, in its order.

    Args:
        source (Sequence[str] | dict): Names, or meta information in MMPose's
            form: ``dict(from_file='configs/_base_/datasets/interhand3d.py')``
            or a dictionary with ``keypoint_info``.
    """
    if isinstance(source, dict):
        source = dict(source)
        file = source.get('from_file')
        if file is not None and not osp.isfile(file):
            # MMPose would find its own file there too, with a warning.
            own = osp.join(osp.dirname(mmpose.__file__), '.mim', file)
            source['from_file'] = own if osp.isfile(own) else file
        names = parse_pose_metainfo(source)['keypoint_id2name']
        return [names[joint] for joint in sorted(names)]
    return list(source)


def order_of_side(names: Sequence[str], side: str) -> np.ndarray:
    """Indices of the 21 joints of one hand, in our order, in a table of both.

    Args:
        names (Sequence[str]), side (str): See :func:`names_of_side`.

    Raises:
        ValueError: If a name does not say its side, or they are not those of a
            hand's joints.
    """
    rows = names_of_side(names, side)
    return np.array(rows)[reorder_by_name([names[row] for row in rows])]


def names_of_side(names: Sequence[str], side: str) -> list[int]:
    """Indices of the joints of one hand in a table of both.

    Args:
        names (Sequence[str]): Names that say their side, see
            :func:`side_of_name`.
        side (str): 'right' or 'left'.

    Raises:
        ValueError: If a name does not say its side.
    """
    found = []
    for index, name in enumerate(names):
        own = side_of_name(name)
        if own is None:
            raise ValueError(f'the joint name {name!r} does not say its side')
        if own == side:
            found.append(index)
    return found
