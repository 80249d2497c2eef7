"""The 2D label of one hand in one image, as a JSON file."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...hand_model import NUM_JOINTS
from ...utils.files import write_atomically
from ...utils.json_files import read_json
from ..missing_joints import zero_missing

_EXPECTED = (
    'expected {"keypoints": [[x, y, confidence] x 21]} or HanCo\'s '
    '[[[x, y] x 21], [confidence x 21]]: wrist, then thumb to pinky '
    'from base to tip'
)


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


def read_label(path: Path) -> HandLabel:
    """Read a label.

    Joints that are ``null``, NaN or infinite are missing, and confidences are
    clipped to [0, 1].

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is not a label of 21 joints; names the file and the
            key.
    """
    content = read_json(path)
    if isinstance(content, list) and len(content) == 2:
        points = _array(path, 'entry 0', content[0], (NUM_JOINTS, 2))
        confidence = _array(path, 'entry 1', content[1], (NUM_JOINTS,))
        return HandLabel(*zero_missing(points, confidence))
    if not isinstance(content, dict) or 'keypoints' not in content:
        raise ValueError(f'{path}: {_EXPECTED}')
    keypoints = content['keypoints']
    if isinstance(keypoints, list) and len(keypoints) == 3 * NUM_JOINTS:
        keypoints = [keypoints[i : i + 3] for i in range(0, len(keypoints), 3)]
    joints = _array(path, 'keypoints', keypoints, (NUM_JOINTS, 3))
    bbox = content.get('bbox')
    if bbox is not None:
        bbox = _array(path, 'bbox', bbox, (4,))
        if not (np.isfinite(bbox).all() and (bbox[2:] > 0).all()):
            raise ValueError(
                f'{path}: bbox should be x, y, width, height in '
                f'pixels, got {bbox.tolist()}'
            )
    side = content.get('hand_side')
    if side not in (None, 'left', 'right'):
        raise ValueError(f"{path}: hand_side should be 'left' or 'right', got {side!r}")
    return HandLabel(*zero_missing(joints[:, :2], joints[:, 2]), bbox, side)


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


def _array(path: Path, key: str, value: object, shape: tuple[int, ...]) -> np.ndarray:
    try:
        array = np.array(value, dtype=np.float64)
    except (TypeError, ValueError):
        raise ValueError(
            f'{path}: {key} is not an array of numbers; {_EXPECTED}'
        ) from None
    if array.shape != shape:
        raise ValueError(
            f'{path}: {key} has shape {array.shape}, not {shape}; {_EXPECTED}'
        )
    return array
