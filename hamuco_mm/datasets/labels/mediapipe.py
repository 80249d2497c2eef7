"""JSON of MediaPipe's results, of Python and of JavaScript.

The keys are those of the results' classes: HandLandmarkerResult of the tasks
(``hand_landmarks``, ``handedness``; in JavaScript ``landmarks``,
``handednesses``), the older Hands (``multi_hand_landmarks``, ...), and Holistic
(``left_hand_landmarks``, ...); see ai.google.dev/edge/mediapipe.
"""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ...hand_model import NUM_JOINTS
from ...utils.json_files import MalformedFileError
from .confidences import CONFIDENCE_KEYS, joint_confidences
from .hand_label import HandLabel
from .joint_table import make_hand
from .notes import LabelNotes

# What tools/misc/mediapipe_landmarks.py adds: SHA-256 of the image's file, and its
# options.
IMAGE_DIGEST, OPTIONS = 'image_sha256', 'made_with'
_HANDS = {
    'hand_landmarks': ('handedness',),
    'handLandmarks': ('handedness', 'handednesses'),
    'landmarks': ('handedness', 'handednesses'),
    'multi_hand_landmarks': ('multi_handedness',),
    'multiHandLandmarks': ('multiHandedness',),
}
_SIDES = {
    'left_hand_landmarks': 'left',
    'right_hand_landmarks': 'right',
    'leftHandLandmarks': 'left',
    'rightHandLandmarks': 'right',
}
# what is no 2D hand: depth in metres, the rest of the body, drawings
_NOT_NEEDED = {
    'hand_world_landmarks',
    'handWorldLandmarks',
    'worldLandmarks',
    'multi_hand_world_landmarks',
    'multiHandWorldLandmarks',
    'left_hand_world_landmarks',
    'right_hand_world_landmarks',
    'leftHandWorldLandmarks',
    'rightHandWorldLandmarks',
    'pose_landmarks',
    'pose_world_landmarks',
    'poseLandmarks',
    'poseWorldLandmarks',
    'face_landmarks',
    'face_blendshapes',
    'faceLandmarks',
    'faceBlendshapes',
    'segmentation_mask',
    'segmentationMask',
    'gestures',
    'image',
    IMAGE_DIGEST,
    OPTIONS,
}
_OF_A_POINT = {'x', 'y', 'z', 'name', *CONFIDENCE_KEYS}


class Handedness(NamedTuple):
    """What MediaPipe says of a hand.

    Attributes:
        side (str | None): 'left' or 'right', by its own word.
        score (float): Its confidence, 1 where it gives none.
    """

    side: str | None
    score: float


def is_mediapipe(content: Any) -> bool:
    """Whether a JSON file has a result of MediaPipe, or a list of points."""
    return isinstance(content, list) or not {*_HANDS, *_SIDES}.isdisjoint(content)


def parse_mediapipe(
    path: Path, content: Any, notes: LabelNotes, swap_sides: bool = True
) -> list[HandLabel]:
    """The hands of a result, or that of a list of 21 points.

    Args:
        path (Path): The file, for messages.
        content (Any): Of the file, see :func:`is_mediapipe`.
        notes (LabelNotes): Told of keys that are not used, and of MediaPipe's joints.
        swap_sides (bool): Whether a right hand is called 'Left', as by the releases
            that assume mirrored images. Holistic knows the sides from the body.

    Raises:
        MalformedFileError: If it is no such result.
    """
    # points without the names of a result may be anybody's
    is_result = isinstance(content, dict) and not _is_hand(content.get('landmarks'))
    key, hands, kinds = said_hands(path, content)
    if isinstance(content, list):
        content = dict(landmarks=content)
    of_sides = {
        side: _one(content[key]) for key, side in _SIDES.items() if content.get(key)
    }
    used = {key, *_SIDES, *_NOT_NEEDED, *(_HANDS[key] if key else ())}
    if key == 'landmarks' and _is_hand(content[key]):
        used |= {'score', 'label', 'category_name', 'handedness'}
    for name in sorted(set(content) - used):
        notes.add(f'files have the key "{name}", which is not used', path)
    found = [
        _hand(path, f'{key}[{i}]', hand, handedness(kind), swap_sides, notes)
        for i, (hand, kind) in enumerate(zip(hands, kinds))
    ]
    found += [
        _hand(path, f'the {side} hand', hand, Handedness(side, 1.0), False, notes)
        for side, hand in of_sides.items()
    ]
    if is_result and found:
        notes.add(
            "files are MediaPipe's, whose joints are other points than those of the "
            'hand model: train with model.head.hand_model.joints=mediapipe (open hand)',
            path,
        )
    return found


def said_hands(path: Path, content: Any) -> tuple[str | None, list, list]:
    """The hands of a result that have a word for their side, or may have one.

    Args:
        path (Path), content (Any): See :func:`parse_mediapipe`.

    Returns:
        tuple: The key of the hands, if there is one, the hands, and what is said of
        each, see :func:`handedness`.

    Raises:
        MalformedFileError: If they are not as many.
    """
    if isinstance(content, list):
        content = dict(landmarks=content)
    key = next((key for key in _HANDS if key in content), None)
    if key is None:
        return None, [], []
    if key == 'landmarks' and _is_hand(content[key]):
        stated = content.get('handedness')
        # a word stands beside the score, which is that of the hand
        kind = stated if isinstance(stated, (list, dict)) else content
        return key, [content[key]], [kind]
    hands = content[key] or []
    said = next((name for name in _HANDS[key] if content.get(name)), None)
    count = len(hands) if isinstance(hands, list) else None
    kinds = content[said] if said else [None] * (count or 0)
    if not isinstance(kinds, list) or len(kinds) != count:
        raise MalformedFileError(
            path,
            f'{key} should be a list of hands, and the handedness one of as many',
        )
    return key, hands, kinds


def handedness(kind: Any) -> Handedness:
    """What the versions of MediaPipe say of a hand, each in its own form; also its
    label alone, as programs keep it."""
    while isinstance(kind, list) and kind:
        kind = kind[0]
    if isinstance(kind, str):
        kind = dict(label=kind)
    if not isinstance(kind, dict):
        return Handedness(None, 1.0)
    if isinstance(kind.get('classification'), list):
        return handedness(kind['classification'])
    names = ('category_name', 'categoryName', 'label', 'handedness')
    side = next((str(kind[n]).lower() for n in names if n in kind), None)
    score = kind.get('score')
    return Handedness(
        side if side in ('left', 'right') else None, 1.0 if score is None else score
    )


def _one(value: Any) -> Any:
    """The hand of a list of at most one, as the newer Holistic has it."""
    if isinstance(value, list) and len(value) == 1 and _is_hand(value[0]):
        return value[0]
    return value


def _is_hand(value: Any) -> bool:
    """Whether it is a hand rather than a list of hands."""
    if isinstance(value, dict):
        return True
    if not isinstance(value, list) or not value:
        return False
    first = value[0]
    if isinstance(first, dict):
        return 'landmark' not in first
    return not (
        isinstance(first, list) and first and isinstance(first[0], (dict, list))
    )


def _hand(
    path: Path,
    place: str,
    points: Any,
    kind: Handedness,
    swap_sides: bool,
    notes: LabelNotes,
) -> HandLabel:
    if isinstance(points, dict):
        points = points.get('landmark')  # of a protocol buffer
    if not isinstance(points, list) or len(points) != NUM_JOINTS:
        raise MalformedFileError(path, f'{place} should have {NUM_JOINTS} points')
    place = place.removesuffix('[0]') if place.startswith('landmarks') else place
    objects = [point for point in points if isinstance(point, dict)]
    keys: set[str] = set().union(*objects)
    for name in sorted(keys - _OF_A_POINT):
        notes.add(f'files have points with "{name}", which is not used', path)
    rows = [_point(path, f'{place}[{i}]', point) for i, point in enumerate(points)]
    try:
        columns = {
            key: np.array(
                [p.get(key) if isinstance(p, dict) else None for p in points], float
            )
            for key in CONFIDENCE_KEYS
            if key in keys
        }
        confidence = joint_confidences(columns, NUM_JOINTS, kind.score)
    except (TypeError, ValueError, OverflowError):
        raise MalformedFileError(
            path, f'{place} has a confidence that is no number'
        ) from None
    side = kind.side
    if side and swap_sides:
        side = dict(left='right', right='left')[side]
    return make_hand(path, np.array(rows), confidence, None, side, notes)


def _point(path: Path, place: str, point: Any) -> list[float]:
    try:
        x, y = (
            (point['x'], point['y'])
            if isinstance(point, dict)
            else list(point or ())[:2]
        )
        return [np.nan if v is None else float(v) for v in (x, y)]
    except (KeyError, TypeError, ValueError, OverflowError):
        raise MalformedFileError(
            path, f'{place} should be [x, y] or {{"x": ..., "y": ...}}, numbers'
        ) from None
