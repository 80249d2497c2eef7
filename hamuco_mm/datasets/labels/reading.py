"""Label files of any known format."""

from pathlib import Path

from ...utils.json_files import MalformedFileError, read_json
from .deeplabcut import is_deeplabcut, parse_deeplabcut
from .hand_label import HandLabel, parse_label
from .joint_table import read_joint_table
from .mediapipe import is_mediapipe, parse_mediapipe
from .mmpose import is_mmpose, is_mmpose_video, parse_mmpose, parse_mmpose_video
from .notes import LabelNotes
from .pytables import SUFFIXES as PYTABLES_SUFFIXES
from .pytables import parse_pytables
from .tables import TextTable

SUFFIXES = ('.json', '.csv', *PYTABLES_SUFFIXES)
_EXPECTED = (
    'expected a list of 21 points, or the key "landmarks", "hand_landmarks", '
    '"multi_hand_landmarks" or "left_hand_landmarks" of MediaPipe, "keypoints" of '
    'this package, or predictions of MMPose'
)


def read_hands(
    path: Path, notes: LabelNotes, swap_sides: bool = True
) -> list[HandLabel]:
    """The hands in an image, from the file of this image.

    Args:
        path (Path): JSON or CSV.
        notes (LabelNotes): Told of what a user should know.
        swap_sides (bool): See
            :func:`~hamuco_mm.datasets.labels.mediapipe.parse_mediapipe`.

    Returns:
        list[HandLabel]: Coordinates are as in the file.

    Raises:
        MalformedFileError: If it is of no known format.
    """
    if path.suffix.lower() == '.csv':
        return read_joint_table(TextTable(path), notes)
    if path.suffix.lower() in PYTABLES_SUFFIXES:
        raise MalformedFileError(path, 'is of a whole recording: keep one a camera')
    content = read_json(path)
    if not isinstance(content, (list, dict)):
        raise MalformedFileError(path, 'expected a list or an object')
    if isinstance(content, dict) and 'people' in content:
        raise MalformedFileError(path, 'is of OpenPose: pseudo_label.py --openpose')
    if is_mmpose(content) and not is_mmpose_video(content):
        return parse_mmpose(path, content, notes)
    of_two = isinstance(content, list) and len(content) == 2
    if of_two or (isinstance(content, dict) and 'keypoints' in content):
        return [parse_label(path, content, notes)]
    if is_mediapipe(content):
        return parse_mediapipe(path, content, notes, swap_sides)
    raise MalformedFileError(path, _EXPECTED)


def read_recording(path: Path, notes: LabelNotes) -> dict[str, list[HandLabel]] | None:
    """The hands in each frame of a recording, from one file of all.

    Args:
        path (Path): JSON of MMPose, or CSV or HDF5 of DeepLabCut.
        notes (LabelNotes): Told of what a user should know.

    Returns:
        dict | None: By the frame's number from 0, or the name of its image; None
        if it is the file of one image.

    Raises:
        MalformedFileError: If it cannot be read.
    """
    if path.suffix.lower() in PYTABLES_SUFFIXES:
        return parse_pytables(path, notes)
    if path.suffix.lower() == '.csv':
        table = TextTable(path)
        return parse_deeplabcut(table, notes) if is_deeplabcut(table) else None
    content = read_json(path)
    if is_mmpose_video(content):
        return parse_mmpose_video(path, content, notes)
    return None
