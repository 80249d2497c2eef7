"""CSV with a line for each joint of a hand."""

from pathlib import Path

import numpy as np

from ...hand_model import NUM_JOINTS
from ...utils.json_files import MalformedFileError
from .checks import clean_joints
from .confidences import CONFIDENCE_KEYS, joint_confidences
from .hand_label import HandLabel
from .joint_names import MEDIAPIPE_NAMES, rows_of_joints
from .notes import LabelNotes
from .tables import TextTable

_NAMES = ('joint', 'name', 'keypoint', 'bodypart', 'landmark')
# depth, and the index that pandas writes
_NOT_NEEDED = ('z', '')


def read_joint_table(table: TextTable, notes: LabelNotes) -> list[HandLabel]:
    """Read columns ``x`` and ``y``, perhaps a confidence and the joint's name.

    Without names the order is MediaPipe's. An empty cell is a missing joint.

    Args:
        table (TextTable): The file.
        notes (LabelNotes): Told of columns that are not used.

    Raises:
        MalformedFileError: If it is no such table.
    """
    path = table.path
    columns = [column.lower() for column in table.rows[0]] if table.rows else []
    if not {'x', 'y'} <= set(columns):
        raise MalformedFileError(
            path, f'the first line should name the columns x and y, got {columns}'
        )
    rows = [row + [''] * (len(columns) - len(row)) for row in table.rows[1:]]
    while len(rows) > NUM_JOINTS and not any(rows[-1]):
        rows.pop()  # spreadsheets have more lines than are filled in
    if not rows:
        return []
    cells = dict(zip(columns, zip(*rows)))
    named = next((key for key in _NAMES if key in cells), None)
    for column in columns:
        if column not in ('x', 'y', named, *CONFIDENCE_KEYS, *_NOT_NEEDED):
            notes.add(f'files have the column "{column}", which is not used', path)
    numbers = {
        key: [table.number(cell) for cell in cells[key]]
        for key in ('x', 'y', *CONFIDENCE_KEYS)
        if key in cells
    }
    return [
        make_hand(
            path,
            np.column_stack([numbers.pop('x'), numbers.pop('y')]),
            joint_confidences(numbers, len(rows), 1.0),
            list(cells[named]) if named else None,
            None,
            notes,
        )
    ]


def make_hand(
    path: Path,
    points: np.ndarray,
    confidence: np.ndarray,
    names: list[str] | None,
    side: str | None,
    notes: LabelNotes,
) -> HandLabel:
    """A hand of joints in any order.

    Args:
        path (Path): The file, for messages.
        points (np.ndarray): (N, 2).
        confidence (np.ndarray): (N, ).
        names (list[str], optional): Of the N joints; None for MediaPipe's
            order.
        side (str, optional): 'left' or 'right'.
        notes (LabelNotes): See the functions that are called.

    Raises:
        MalformedFileError: If these are not the joints of a hand.
    """
    if names is None and len(points) != NUM_JOINTS:
        raise MalformedFileError(
            path, f'has {len(points)} points, expected {NUM_JOINTS}'
        )
    rows = rows_of_joints(path, names or MEDIAPIPE_NAMES, notes)
    return HandLabel(
        *clean_joints(path, points[rows], confidence[rows], notes), hand_side=side
    )
