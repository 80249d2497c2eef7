"""What MediaPipe's words for the sides of hands mean in some files.

Hands, and the earlier releases of the tasks, take images for mirrored ones: in others
they call a right hand 'Left'. Later releases of the tasks call it 'Right', and a file
does not say which of them wrote it. The depths of the joints do: fingers bend towards
the palm.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from ...hand_model import NUM_JOINTS
from ...utils.json_files import MalformedFileError, read_json
from .mediapipe import handedness, is_mediapipe, said_hands
from .notes import LabelNotes

# Files that are looked at, and hands among them that have to tell.
_MOST_FILES, _FEWEST_HANDS = 200, 5
# Of those that tell: of a hand alone, the depths are sometimes wrong.
_MOST_OF_THEM = 0.75
# Share of the fingers' lengths out of the palm: straight ones do not tell.
_BENT = 0.1
_BASES, _TIPS = [1, 5, 9, 13, 17], [4, 8, 12, 16, 20]


def found_mirroring(root: Path, notes: LabelNotes) -> bool:
    """Whether the files below a folder call right hands 'Left'; also if they do not
    show it.

    Args:
        root (Path): Of one recording.
        notes (LabelNotes): Told if they do not.
    """
    files = sorted(root.rglob('*.json'))
    places = np.linspace(0, len(files) - 1, min(len(files), _MOST_FILES)).astype(int)
    as_is = [equal for place in places for equal in _words_as_depths(files[place])]
    if len(as_is) < _FEWEST_HANDS or sum(as_is) < _MOST_OF_THEM * len(as_is):
        return True
    notes.add(
        f'of {len(as_is)} hands have the side that MediaPipe says, as the depths of '
        'their joints show: files are taken for those of a release that does not '
        'assume mirrored images',
        root,
        sum(as_is),
    )
    return False


def side_by_depth(points: np.ndarray) -> str | None:
    """The side of a hand by the direction in which its fingers bend.

    Args:
        points (np.ndarray): Joints in our order, x to the right, y down and z away
            from the camera, in any unit of each, (21, 3).

    Returns:
        str | None: 'right' or 'left'; None if the fingers are straight, or the depths
        not known.
    """
    extent = np.ptp(points, axis=0)
    if not (np.isfinite(points).all() and (extent > 0).all()):
        return None
    wrist, index, pinky = points[[0, 5, 17]] / extent
    palm = np.cross(index - wrist, pinky - wrist)
    fingers = (points[_TIPS] - points[_BASES]) / extent
    out_of_palm = (fingers @ palm).sum()
    length = np.linalg.norm(fingers, axis=-1).sum() * np.linalg.norm(palm)
    if abs(out_of_palm) <= _BENT * length:
        return None
    return 'right' if out_of_palm > 0 else 'left'


def _words_as_depths(path: Path) -> Iterator[bool]:
    """Of each hand of a file that has both, whether its word is the side that its
    depths show. Files that are not right are reported when they are read."""
    try:
        content = read_json(path)
        if not isinstance(content, (list, dict)) or not is_mediapipe(content):
            return
        _, hands, kinds = said_hands(path, content)
        for hand, kind in zip(hands, kinds):
            word, shown = handedness(kind).side, side_by_depth(_joints(hand))
            if word and shown:
                yield word == shown
    except (MalformedFileError, OSError):
        return


def _joints(hand: Any) -> np.ndarray:
    """(21, 3), NaN where they are not known."""
    points: Any = hand.get('landmark') if isinstance(hand, dict) else hand
    unknown = np.full((NUM_JOINTS, 3), np.nan)
    try:
        rows = [[p[k] for k in 'xyz'] if isinstance(p, dict) else p for p in points]
        joints = np.array(rows, float)
    except (KeyError, TypeError, ValueError, OverflowError):
        return unknown
    return joints if joints.shape == unknown.shape else unknown
