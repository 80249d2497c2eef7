"""Hands of joints that have names."""

from collections.abc import Sequence
from pathlib import Path

from ...utils.json_files import MalformedFileError
from ..joint_order import is_joint_name, reorder_by_name
from .notes import LabelNotes

# Order of MediaPipe's HandLandmark.
MEDIAPIPE_NAMES = (
    'wrist',
    'thumb_cmc',
    'thumb_mcp',
    'thumb_ip',
    'thumb_tip',
    'index_finger_mcp',
    'index_finger_pip',
    'index_finger_dip',
    'index_finger_tip',
    'middle_finger_mcp',
    'middle_finger_pip',
    'middle_finger_dip',
    'middle_finger_tip',
    'ring_finger_mcp',
    'ring_finger_pip',
    'ring_finger_dip',
    'ring_finger_tip',
    'pinky_mcp',
    'pinky_pip',
    'pinky_dip',
    'pinky_tip',
)


def rows_of_joints(path: Path, names: Sequence[str], notes: LabelNotes) -> list[int]:
    """Rows of the 21 joints of a hand, in our order.

    Args:
        path (Path): The file, for messages.
        names (Sequence[str]): Of the joints, in the order of the file.
        notes (LabelNotes): Told of the names of what is no joint of a hand.

    Raises:
        MalformedFileError: If a joint is missing or there twice; it lists the
            names that are not known.
    """
    known = [row for row, name in enumerate(names) if is_joint_name(name)]
    unknown = [name for row, name in enumerate(names) if row not in known]
    try:
        order = reorder_by_name([names[row] for row in known])
    except ValueError as error:
        strange = f'; not known are {unknown}' if unknown else ''
        raise MalformedFileError(path, f'{error}{strange}') from error
    if unknown:
        notes.add(f'files have {unknown}, no joints of a hand, not used', path)
    return [known[place] for place in order]
