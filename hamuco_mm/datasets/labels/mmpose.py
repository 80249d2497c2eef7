"""JSON of MMPose's predictions.

The inferencer (``pred_out_dir``) writes the list of an image's instances, or for
a video a list of ``{"frame_id", "instances"}`` that counts from 0; the top-down
demo (``--save-predictions``) writes ``{"meta_info", "instance_info"}``, whose
frames it counts from 1.
"""

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from ...hand_model import NUM_JOINTS
from ...utils.json_files import MalformedFileError
from ..joint_order import names_of_side
from .hand_label import HandLabel, stated_side
from .joint_table import make_hand
from .notes import LabelNotes

# Places of the hands in COCO-WholeBody's 133 keypoints; each in our order.
_WHOLE_BODY = 133
_HANDS_OF_BODY = dict(left=range(91, 112), right=range(112, 133))
_OF_INSTANCE = {'keypoints', 'keypoint_scores', 'bbox', 'bbox_score', 'hand_side'}


def is_mmpose(content: Any) -> bool:
    """Whether a JSON file has predictions of MMPose."""
    if isinstance(content, dict):
        return 'instance_info' in content or 'keypoint_scores' in content
    entry = content[0] if isinstance(content, list) and content else None
    return isinstance(entry, dict) and not {'keypoints', 'instances'}.isdisjoint(entry)


def is_mmpose_video(content: Any) -> bool:
    """Whether these are the predictions of the frames of a video."""
    entries = content.get('instance_info') if isinstance(content, dict) else content
    return (
        isinstance(entries, list)
        and bool(entries)
        and isinstance(entries[0], dict)
        and 'instances' in entries[0]
    )


def parse_mmpose(path: Path, content: Any, notes: LabelNotes) -> list[HandLabel]:
    """The hands in an image.

    Joints have the names of ``meta_info``. Without, 21 are in the order that
    MMPose's hand models share (wrist, then thumb to pinky from base to tip), and
    133 are those of COCO-WholeBody.

    Args:
        path (Path): The file, for messages.
        content (Any): Of the file, see :func:`is_mmpose`.
        notes (LabelNotes): Told of what is not used, and of the order of joints
            without names.

    Raises:
        MalformedFileError: If it is something else.
    """
    names = None
    if isinstance(content, dict):
        names = _names(content.get('meta_info'))
        content = content.get('instance_info', [content])
    if not isinstance(content, list):
        raise MalformedFileError(path, 'expected a list of instances')
    return [
        hand
        for place, instance in enumerate(content)
        for hand in _hands(path, f'instance {place}', instance, names, notes)
    ]


def parse_mmpose_video(
    path: Path, content: Any, notes: LabelNotes
) -> dict[str, list[HandLabel]]:
    """The hands in each frame of a video, by its number from 0.

    Args and raises: see :func:`parse_mmpose`.
    """
    meta, entries, first = None, content, 0
    if isinstance(content, dict):
        meta, entries = content.get('meta_info'), content['instance_info']
    try:
        numbers = [int(entry['frame_id']) for entry in entries]
        instances = [entry['instances'] for entry in entries]
    except (KeyError, TypeError, ValueError, OverflowError):
        raise MalformedFileError(
            path, 'expected "frame_id" and "instances" of each frame'
        ) from None
    for number, count in Counter(numbers).items():
        if count > 1:
            raise MalformedFileError(path, f'has the frame_id {number} {count} times')
    if isinstance(content, dict) and min(numbers) > 0:
        first = 1
        notes.add('files count frames from 1, as the top-down demo does', path)
    return {
        str(number - first): parse_mmpose(
            path, dict(meta_info=meta, instance_info=of), notes
        )
        for number, of in zip(numbers, instances)
    }


def _names(meta: Any) -> list[str] | None:
    """Names of the joints in ``meta_info``, which MMPose writes as its data
    sets' meta information."""
    table = meta.get('keypoint_id2name') if isinstance(meta, dict) else None
    if not isinstance(table, dict):
        return None
    return [str(table[key]) for key in sorted(table, key=int)]


def _hands(
    path: Path, place: str, instance: Any, names: list[str] | None, notes: LabelNotes
) -> list[HandLabel]:
    try:
        points = np.array(instance['keypoints'], np.float64)[:, :2]
        scores = np.array(instance['keypoint_scores'], np.float64).ravel()
    except (KeyError, IndexError, TypeError, ValueError, OverflowError):
        raise MalformedFileError(
            path, f'{place} should have "keypoints" and "keypoint_scores"'
        ) from None
    if len(scores) != len(points) or (names and len(names) != len(points)):
        raise MalformedFileError(
            path,
            f'{place} has {len(points)} keypoints, {len(scores)} scores'
            + (f' and {len(names)} names' if names else ''),
        )
    for key in sorted(set(instance) - _OF_INSTANCE):
        notes.add(f'instances have the key "{key}", which is not used', path)
    if len(points) == _WHOLE_BODY:
        sides = {side: list(rows) for side, rows in _HANDS_OF_BODY.items()}
        names = None
    elif names and len(points) > NUM_JOINTS:
        try:
            sides = {side: names_of_side(names, side) for side in ('left', 'right')}
        except ValueError as error:
            raise MalformedFileError(path, str(error)) from error
    elif len(points) == NUM_JOINTS:
        # as this package's inferencer says it
        sides = {stated_side(path, instance) or '': list(range(NUM_JOINTS))}
        if names is None:
            notes.add(
                'instances have joints without names: taken as wrist, then thumb to '
                'pinky from base to tip',
                path,
            )
    else:
        raise MalformedFileError(
            path,
            f'{place} has {len(points)} keypoints without names; expected '
            f'{NUM_JOINTS} of a hand or {_WHOLE_BODY} of COCO-WholeBody',
        )
    return [
        make_hand(
            path,
            points[rows],
            scores[rows],
            [names[row] for row in rows] if names else None,
            side or None,
            notes,
        )
        for side, rows in sides.items()
    ]
