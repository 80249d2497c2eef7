"""The 2D label of one hand in one image, as a JSON file."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ...hand_model import NUM_JOINTS
from ...utils.files import write_atomically
from ...utils.json_files import read_json
from .checks import clean_joints
from .joint_rows import joint_rows
from .notes import LabelNotes

_EXPECTED = (
    'expected {"keypoints": [[x, y, confidence] x 21]} or HanCo\'s '
    '[[[x, y] x 21], [confidence x 21]]: wrist, then thumb to pinky '
    'from base to tip'
)

_KEYS = {'keypoints', 'bbox', 'hand_side'}


@dataclass(frozen=True, eq=False)
class HandLabel:
    """A 2D label.

    Attributes:
        keypoints (np.ndarray): Pixels of the image, (21, 2).
        confidence (np.ndarray): In [0, 1], 0 for a missing joint, (21, ).
        bbox (np.ndarray | None): x, y, width, height in pixels, (4, ).
        hand_side (str | None): 'left' or 'right', None if not known.
    """

    keypoints: np.ndarray
    confidence: np.ndarray
    bbox: np.ndarray | None = None
    hand_side: str | None = None


def read_label(path: Path, notes: LabelNotes | None = None) -> HandLabel:
    """Read a label in this package's form or in HanCo's.

    Joints that are ``null``, NaN or infinite are missing, and confidences are
    clipped to [0, 1].

    Args:
        path (Path): The JSON file.
        notes (LabelNotes, optional): Told of what a user should know.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is not a label of 21 joints; names the file and the
            key.
    """
    return parse_label(path, read_json(path), LabelNotes() if notes is None else notes)


def parse_label(path: Path, content: Any, notes: LabelNotes) -> HandLabel:
    """The label in the content of a JSON file, see :func:`read_label`."""
    if isinstance(content, list) and len(content) == 2:
        points = joint_rows(path, content[0], 'entry 0', 2)
        confidence = joint_rows(path, content[1], 'entry 1', 1)[:, 0]
        return HandLabel(*clean_joints(path, points, confidence, notes))
    if not isinstance(content, dict) or 'keypoints' not in content:
        raise ValueError(f'{path}: {_EXPECTED}')
    keypoints = content['keypoints']
    joints = _array(path, 'keypoints', keypoints, None)
    if joints.shape in ((3 * NUM_JOINTS,), (1, NUM_JOINTS, 3)):
        joints = joints.reshape(NUM_JOINTS, 3)
    joints = _array(path, 'keypoints', joints, (NUM_JOINTS, 3))
    bbox = content.get('bbox')
    if bbox is not None:
        bbox = _array(path, 'bbox', bbox, (4,))
        if not (np.isfinite(bbox).all() and (bbox[2:] > 0).all()):
            raise ValueError(
                f'{path}: bbox should be x, y, width, height in '
                f'pixels, got {bbox.tolist()}'
            )
    side = stated_side(path, content)
    for key in set(content) - _KEYS:
        notes.add(f'files have the key "{key}", which is not used', path)
    return HandLabel(
        *clean_joints(path, joints[:, :2], joints[:, 2], notes), bbox, side
    )


def stated_side(path: Path, content: Mapping[str, Any]) -> str | None:
    """``hand_side`` of a hand in a file; None where it says nothing.

    Raises:
        ValueError: If it is neither 'left' nor 'right'.
    """
    side = content.get('hand_side')
    if side not in (None, 'left', 'right'):
        raise ValueError(f"{path}: hand_side should be 'left' or 'right', got {side!r}")
    return side


def write_label(path: Path, label: HandLabel) -> None:
    """Write a label, completely or not at all."""
    joints = np.column_stack([label.keypoints, label.confidence])
    content = dict(keypoints=joints.round(4).tolist())
    if label.bbox is not None:
        content['bbox'] = np.asarray(label.bbox, float).round(3).tolist()
    if label.hand_side is not None:
        content['hand_side'] = label.hand_side
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, json.dumps(content))


def _array(
    path: Path, key: str, value: object, shape: tuple[int, ...] | None
) -> np.ndarray:
    try:
        array = np.array(value, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        raise ValueError(
            f'{path}: {key} is not an array of numbers; {_EXPECTED}'
        ) from None
    if shape is not None and array.shape != shape:
        raise ValueError(
            f'{path}: {key} has shape {array.shape}, not {shape}; {_EXPECTED}'
        )
    return array
