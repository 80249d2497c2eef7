"""Tables of DeepLabCut and Lightning Pose: a line for each frame.

The head has a line for each of ``scorer``, ``individuals`` (of several animals),
``bodyparts`` and ``coords`` (github.com/DeepLabCut/DeepLabCut, "What is the
output?"). The first column, or the first ones, name the frame: its number in the
video, or its image.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import numpy as np

from ...utils.json_files import MalformedFileError
from ..joint_order import side_of_name
from .hand_label import HandLabel
from .joint_table import make_hand
from .notes import LabelNotes
from .tables import TextTable

_COORDINATES = ('x', 'y', 'likelihood')


class Column(NamedTuple):
    """A column's place in the head.

    Attributes:
        individual (str): '' where there is one.
        bodypart (str): The joint.
        coordinate (str): 'x', 'y' or 'likelihood'.
    """

    individual: str
    bodypart: str
    coordinate: str


def is_deeplabcut(table: TextTable) -> bool:
    """Whether a CSV file has the head of DeepLabCut."""
    return bool(table.rows) and table.rows[0][0].lower() == 'scorer'


def parse_deeplabcut(table: TextTable, notes: LabelNotes) -> dict[str, list[HandLabel]]:
    """The hands in each frame, by its number or the name of its image.

    Args:
        table (TextTable): The file, see :func:`is_deeplabcut`.
        notes (LabelNotes): Told of columns that are not used.

    Raises:
        MalformedFileError: If the head is another one, or joints are missing.
    """
    kinds = [row[0].lower() for row in table.rows]
    head = kinds.index('coords') + 1 if 'coords' in kinds else 0
    levels = dict(zip(kinds[:head], table.rows))
    if not {'bodyparts', 'coords'} <= set(levels):
        raise MalformedFileError(
            table.path, 'should have lines "bodyparts" and "coords" in its head'
        )
    width = len(levels['coords'])
    if any(len(level) != width for level in levels.values()):
        raise MalformedFileError(table.path, 'the lines of its head differ in length')
    first = next((i for i in range(1, width) if levels['coords'][i]), width)
    columns = [
        Column(
            levels['individuals'][i] if 'individuals' in levels else '',
            levels['bodyparts'][i],
            levels['coords'][i].lower(),
        )
        for i in range(first, width)
    ]
    body = table.rows[head:]
    if any(len(row) > width for row in body):
        raise MalformedFileError(table.path, 'has lines that are longer than its head')
    values = np.array(
        [
            [
                table.number(cell) if column.coordinate in _COORDINATES else np.nan
                for column, cell in zip(columns, row[first:], strict=True)
            ]
            for row in (row + [''] * (width - len(row)) for row in body)
        ]
    ).reshape(len(body), len(columns))
    names = [frame_name(row[:first]) for row in body]
    return hands_of_frames(table.path, names, columns, values, notes)


def hands_of_frames(
    path: Path,
    frames: Sequence[str],
    columns: Sequence[Column],
    values: np.ndarray,
    notes: LabelNotes,
) -> dict[str, list[HandLabel]]:
    """The hands in each frame of a table.

    Args:
        path (Path): The file, for messages.
        frames (Sequence[str]): Names of the T frames.
        columns (Sequence[Column]): The C columns.
        values (np.ndarray): (T, C).
        notes (LabelNotes): Told of columns that are not used.

    Raises:
        MalformedFileError: If joints are missing, or a frame or a column is there
            twice.
    """
    for frame, count in Counter(frames).items():
        if count > 1:
            raise MalformedFileError(
                path,
                f'has {count} lines for the frame {frame!r}: keep those of one video',
            )
    used = Counter(c for c in columns if c.coordinate in _COORDINATES)
    for column, count in used.items():
        if count > 1:
            raise MalformedFileError(
                path,
                f'has {count} columns {" ".join(filter(None, column))!r}: keep those '
                'of one scorer',
            )
    for coordinate in dict.fromkeys(c.coordinate for c in columns):
        if coordinate not in _COORDINATES:
            notes.add(f'files have columns "{coordinate}", which are not used', path)
    place = {column: i for i, column in enumerate(columns)}
    hands = {}
    for individual, side, parts in _hands(columns):
        rows = np.full((len(frames), len(parts), 3), np.nan)
        for j, part in enumerate(parts):
            for k, coordinate in enumerate(_COORDINATES):
                source = place.get(Column(individual, part, coordinate))
                if source is not None:
                    rows[:, j, k] = values[:, source]
                elif coordinate == 'likelihood':
                    rows[:, j, k] = 1.0  # labelled by hand
        hands[individual, side] = (parts, rows)
    found: dict[str, list[HandLabel]] = {}
    for i, frame in enumerate(frames):
        labels = (
            make_hand(path, rows[i, :, :2], rows[i, :, 2], parts, side, notes)
            for (_, side), (parts, rows) in hands.items()
        )
        found[frame] = [label for label in labels if label.confidence.any()]
    return found


def _hands(columns: Iterable[Column]) -> list[tuple[str, str | None, list[str]]]:
    """Individual, side and body parts of each hand."""
    parts: dict[str, list[str]] = {}
    for column in columns:
        if column.coordinate in _COORDINATES:
            known = parts.setdefault(column.individual, [])
            if column.bodypart not in known:
                known.append(column.bodypart)
    hands: list[tuple[str, str | None, list[str]]] = []
    for individual, names in parts.items():
        sides = {side_of_name(name) for name in names} - {None}
        if not sides:
            hands.append((individual, side_of_name(individual), names))
        for side in sorted(sides, key=str):
            own = [name for name in names if side_of_name(name) in (side, None)]
            one = len(sides) == 1
            hands.append(
                (
                    individual,
                    side,
                    own if one else [n for n in own if side_of_name(n) == side],
                )
            )
    return hands


def frame_name(cells: Sequence[str]) -> str:
    """A frame's number, or its image's name without folders and suffix."""
    last = PurePosixPath(cells[-1].replace('\\', '/')).name
    stem = PurePosixPath(last).stem
    try:
        return str(int(float(last)))
    except (ValueError, OverflowError):  # text, NaN; infinite
        return stem
