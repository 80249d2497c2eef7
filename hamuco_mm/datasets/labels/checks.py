"""Checks of labels that every format needs."""

from pathlib import Path

import numpy as np

from ...utils.json_files import MalformedFileError
from ..missing_joints import at_origin, zero_missing
from .notes import LabelNotes

# COCO's flag 2 is 'labelled and visible'; scores of most networks exceed 1 a little,
# those of some that classify coordinates (SimCC) by far.
LARGEST_CONFIDENCE = 2.0


def clean_joints(
    path: Path, keypoints: np.ndarray, confidence: np.ndarray, notes: LabelNotes
) -> tuple[np.ndarray, np.ndarray]:
    """Joints as a label has them: missing ones are 0, confidences in [0, 1].

    Args:
        path (Path): The file, for messages.
        keypoints (np.ndarray): (21, 2).
        confidence (np.ndarray): (21, ).
        notes (LabelNotes): Told of joints at (0, 0) that claim to be there, and
            of confidences above 1.

    Raises:
        MalformedFileError: If a confidence is far above 1.
    """
    largest = np.nanmax(confidence, initial=0, where=np.isfinite(confidence))
    if largest > LARGEST_CONFIDENCE:
        raise MalformedFileError(
            path,
            f'has a confidence of {largest:g}, above 1: they should be from 0 to 1. '
            'Divide per cents by 100, and scores without a limit, as those of RTMW and '
            'DWPose, by the largest',
        )
    if largest > 1:
        notes.add('labels have a confidence above 1, taken as 1', path)
    nowhere = int(at_origin(keypoints, confidence).sum())
    if nowhere:
        notes.add(
            'joints at (0, 0) have a confidence: they are taken as missing',
            path,
            nowhere,
        )
    return zero_missing(keypoints, confidence)
