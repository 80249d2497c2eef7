"""The coordinates of OpenPose's files (``--keypoint_scale``)."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from ..utils.json_files import MalformedFileError, read_json
from .hand_image import HandImage

PIXELS, ZERO_TO_ONE, PLUS_MINUS_ONE = 0, 3, 4
# Joints may lie somewhat outside of the image.
_MARGIN = 0.1
_LARGEST_PART = 1.5


def people_of(path: Path) -> list:
    """The people in a file.

    Raises:
        MalformedFileError: If the file is not one of OpenPose.
    """
    content = read_json(path)
    people = content.get('people') if isinstance(content, dict) else None
    if not isinstance(people, list):
        raise MalformedFileError(path, 'expected the key "people"')
    return people


def found_scale(files: Iterable[Path], root: Path) -> int:
    """The scale that the coordinates of all files together show.

    Args:
        files (Iterable[Path]): Not all are read where one shows pixels.
        root (Path): Their folder, for messages.

    Raises:
        ValueError: If they fit several scales.
    """
    lowest = np.inf
    for path in files:
        seen = _coordinates(people_of(path))
        if len(seen) and np.abs(seen).max() > _LARGEST_PART:
            return PIXELS
        lowest = min(lowest, seen.min(initial=np.inf))
    if not np.isfinite(lowest):
        return PIXELS
    if lowest >= 0:
        return ZERO_TO_ONE
    if lowest < -_MARGIN:
        return PLUS_MINUS_ONE
    raise ValueError(
        f'{root}: coordinates from {lowest:g} to 1 may be parts of the image (0 to 1) or '
        'from -1 to 1: say it by --keypoint-scale 3 or 4'
    )


def to_pixels(points: np.ndarray, scale: int, image: HandImage) -> np.ndarray:
    """Pixels of the image.

    OpenPose divides by the width and the height less one (its
    ``KeypointScaler``).

    Args:
        points (np.ndarray): (21, 2).
        scale (int): 0, 3 or 4.
        image (HandImage): The image.
    """
    if scale == PIXELS:
        return points
    last = np.array(image.size()) - 1
    return points * last if scale == ZERO_TO_ONE else (points + 1) / 2 * last


def _coordinates(people: Iterable) -> np.ndarray:
    """Of all joints that were found, also of bodies: (N, 2)."""
    rows = [
        np.reshape(numbers, (-1, 3))
        for person in people
        if isinstance(person, dict)
        for key, numbers in person.items()
        if key.endswith('keypoints_2d') and numbers and len(numbers) % 3 == 0
    ]
    joints = np.concatenate(rows).astype(float) if rows else np.zeros((0, 3))
    return joints[joints[:, 2] > 0, :2]
