"""Labels from files of 21 hand landmarks, as MediaPipe has them."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ..datasets.joint_order import reorder_by_name
from ..datasets.missing_joints import zero_missing
from ..datasets.rig import HandLabel
from ..hand_model import NUM_JOINTS
from ..utils.json_files import MalformedFileError, read_json
from .hand_image import HandImage

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
_SYNONYMS = {name: name.replace('_finger', '') for name in MEDIAPIPE_NAMES}
_CONFIDENCE = ('confidence', 'score', 'visibility')
# Landmarks may lie somewhat outside of the image.
_LARGEST_NORMALIZED = 4.0


class _Hand(NamedTuple):
    points: np.ndarray  # (21, 2), in our order
    confidence: np.ndarray  # (21, )
    side: str | None


class LandmarkFiles:
    """Files ``ROOT/<sequence>/<camera>/<frame>.json`` or ``.csv``.

    JSON is a list of 21 points, ``{"landmarks": [...]}``, or the result of
    MediaPipe: ``hand_landmarks`` and ``handedness`` (its tasks), or
    ``multi_hand_landmarks`` and ``multi_handedness``. A point is ``[x, y,
    ...]`` or ``{"x": ..., "y": ...}``, with a ``confidence``, ``score`` or
    ``visibility`` if there is one; else the confidence is that of the
    handedness, or 1. CSV has a header with ``x``, ``y``, perhaps one of these,
    and perhaps ``joint``, the name; without names the order is MediaPipe's.

    Of several hands, the one of the wanted side counts, else the one with the
    highest confidence.

    Args:
        root (Path): The directory.
        normalized (bool): Whether coordinates are parts of the width and the
            height of the image, rather than pixels.
        swap_sides (bool): MediaPipe assumes mirrored images: in others it calls
            a right hand 'Left'. Defaults to True, which corrects that.

    Raises:
        FileNotFoundError: If there is no such directory.
    """

    def __init__(self, root: Path, normalized: bool, swap_sides: bool = True):
        if not root.is_dir():
            raise FileNotFoundError(f'there is no directory {root}')
        self.root = root
        self.normalized = normalized
        self.swap_sides = swap_sides

    def read(self, image: HandImage) -> HandLabel | None:
        """The label of an image; None without a file or a hand in it.

        Raises:
            MalformedFileError: If the file is not one of these, or its
                coordinates are of the other kind.
        """
        path, hands = self._hands(image.name)
        if not hands:
            return None
        best = max(
            hands, key=lambda hand: (self._is(hand, image.side), hand.confidence.sum())
        )
        self._check_kind(path, best)
        scale = image.size() if self.normalized else (1, 1)
        return HandLabel(best.points * scale, best.confidence)

    def _hands(self, name: str) -> tuple[Path, list[_Hand]]:
        for suffix, read in (('.json', _read_json), ('.csv', _read_csv)):
            path = self.root / f'{name}{suffix}'
            if path.exists():
                return path, read(path)
        return self.root / name, []

    def _is(self, hand: _Hand, side: str) -> bool:
        if hand.side is None:
            return False
        return (hand.side == side) != self.swap_sides

    def _check_kind(self, path: Path, hand: _Hand) -> None:
        largest = np.abs(hand.points[hand.confidence > 0]).max(initial=0)
        if self.normalized and largest > _LARGEST_NORMALIZED:
            raise MalformedFileError(
                path,
                f'has a coordinate of {largest:g}: pixels, not parts of '
                'the image (--coordinates pixels)',
            )
        if not self.normalized and 0 < largest <= 1:
            raise MalformedFileError(
                path,
                'has no coordinate above 1: parts of the image, not '
                'pixels (--coordinates normalized)',
            )


def _read_json(path: Path) -> list[_Hand]:
    content = read_json(path)
    if isinstance(content, list):
        content = dict(landmarks=content)
    if not isinstance(content, dict):
        raise MalformedFileError(path, 'expected a list or an object')
    for points, handedness in (
        ('hand_landmarks', 'handedness'),
        ('multi_hand_landmarks', 'multi_handedness'),
    ):
        if points in content:
            hands = content[points] or []
            kinds = content.get(handedness) or [None] * len(hands)
            if not isinstance(hands, list) or len(kinds) != len(hands):
                raise MalformedFileError(
                    path,
                    f'{points} should be a list of hands, and the '
                    'handedness one of as many',
                )
            return [
                _hand(path, f'{points}[{i}]', hand, kind)
                for i, (hand, kind) in enumerate(zip(hands, kinds))
            ]
    if 'landmarks' not in content:
        raise MalformedFileError(
            path,
            'expected a list of 21 points, or the key "landmarks", '
            '"hand_landmarks" or "multi_hand_landmarks"',
        )
    return [_hand(path, 'landmarks', content['landmarks'], content)]


def _hand(path: Path, place: str, points: Any, kind: Any) -> _Hand:
    if isinstance(points, dict):
        points = points.get('landmark')  # of a protocol buffer
    if not isinstance(points, list) or len(points) != NUM_JOINTS:
        raise MalformedFileError(path, f'{place} should have {NUM_JOINTS} points')
    side, score = _handedness(kind)
    rows = []
    for i, point in enumerate(points):
        if isinstance(point, dict):
            own = [point[key] for key in _CONFIDENCE if key in point]
            point = [point.get('x'), point.get('y')]
        else:
            own, point = [], list(point or ())[:2]
        try:
            x, y = point
            rows.append([float(x), float(y), float(own[0] if own else score)])
        except (TypeError, ValueError):
            raise MalformedFileError(
                path,
                f'{place}[{i}] should be [x, y] or {{"x": ..., "y": ...}}, numbers',
            ) from None
    return _make(path, place, rows, MEDIAPIPE_NAMES, side)


def _handedness(kind: Any) -> tuple[str | None, Any]:
    """Side and score of what MediaPipe's versions call handedness."""
    while isinstance(kind, list) and kind:
        kind = kind[0]
    if not isinstance(kind, dict):
        return None, 1.0
    if isinstance(kind.get('classification'), list):
        return _handedness(kind['classification'])
    name = kind.get('category_name', kind.get('label', kind.get('handedness')))
    side = str(name).lower()
    score = kind.get('score')
    return (
        side if side in ('left', 'right') else None,
        1.0 if score is None else score,
    )


def _read_csv(path: Path) -> list[_Hand]:
    try:
        with open(path, newline='', encoding='utf-8') as file:
            reader = csv.DictReader(file, skipinitialspace=True)
            table = list(reader)
            columns = reader.fieldnames or []
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise MalformedFileError(path, f'not readable as CSV ({error})') from error
    if not {'x', 'y'} <= set(columns):
        raise MalformedFileError(
            path, f'the first line should name the columns x and y, got {columns}'
        )
    if not table:
        return []
    confidence = [key for key in _CONFIDENCE if key in columns][:1]
    try:
        rows = [
            [
                float(row['x']),
                float(row['y']),
                *(float(row[key]) for key in confidence or ()),
            ]
            for row in table
        ]
    except (TypeError, ValueError) as error:
        raise MalformedFileError(
            path, f'has something else than numbers ({error})'
        ) from error
    if not confidence:
        rows = [[*row, 1.0] for row in rows]
    names: Sequence[str] = MEDIAPIPE_NAMES
    if 'joint' in columns:
        names = [row['joint'] or '' for row in table]
    return [_make(path, 'the table', rows, names, None)]


def _make(
    path: Path,
    place: str,
    values: list[list[float]],
    names: Sequence[str],
    side: str | None,
) -> _Hand:
    rows = np.array(values, float)
    if len(rows) != NUM_JOINTS:
        raise MalformedFileError(
            path, f'{place} has {len(rows)} points, expected {NUM_JOINTS}'
        )
    try:
        rows = rows[
            reorder_by_name([name.lower() for name in names], synonyms=_SYNONYMS)
        ]
    except ValueError as error:
        raise MalformedFileError(path, str(error)) from error
    return _Hand(*zero_missing(rows[:, :2], rows[:, 2]), side)
