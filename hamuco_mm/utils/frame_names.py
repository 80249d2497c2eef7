"""What names of time steps, and of images of videos, say."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

_FRAME = '#frame='
# Of numbers of 64 bits.
_MOST_DIGITS = 18


def video_frame_name(video: str, place: int) -> str:
    """The name of an image of a video.

    Args:
        video (str): Path of the video.
        place (int): Of the image in it, from 0.
    """
    return f'{video}{_FRAME}{place}'


def split_frame_name(name: str) -> tuple[str, int] | None:
    """The video and the place; None for the path of an image."""
    video, separator, place = name.rpartition(_FRAME)
    return (video, int(place)) if separator and place.isdecimal() else None


def sequence_of(frame_id: str) -> str:
    """The part of a time step's name before the last '/'; '' without one."""
    return frame_id.rpartition('/')[0]


def frame_of(frame_id: str) -> int:
    """The number that a time step's name is, after the last '/'; -1 if it is none."""
    name = frame_id.rpartition('/')[2]
    return int(name) if name.isdecimal() and len(name) <= _MOST_DIGITS else -1


def common_step(numbers: Sequence[int]) -> int:
    """What the differences of numbers are multiples of."""
    return math.gcd(*(n - numbers[0] for n in numbers)) or 1


def are_mostly_missing(numbers: Sequence[int]) -> bool:
    """Whether sorted numbers, as those of images, are too sparse to be those of a
    counter: times."""
    return 2 * len(numbers) <= (numbers[-1] - numbers[0]) // common_step(numbers)


def sequence_of_view(view: Mapping[str, Any]) -> str:
    """The sequence of a view: its ``sequence`` or, without one, that of its time step.

    Args:
        view (Mapping): A data info, with a ``frame_id``.
    """
    return view.get('sequence', sequence_of(str(view['frame_id'])))
