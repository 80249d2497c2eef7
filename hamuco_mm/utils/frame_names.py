"""What names of time steps, and of images of videos, say."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

_FRAME = '#frame='
# Of numbers of 64 bits.
_MOST_DIGITS = 18
# Of hands, which data sets put behind the number of the time step.
_SIDES = ('left', 'right')


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
    """The part of a time step's name before the last '/'; '' without one. The side of
    a hand, as in ``take/00000007/left``, is no part of it."""
    return _without_side(frame_id)[0].rpartition('/')[0]


def track_of(frame_id: str) -> str:
    """The recording of one hand that a time step is of: its sequence, and the side of
    the hand where its name ends with that."""
    name, side = _without_side(frame_id)
    return '/'.join(filter(None, (name.rpartition('/')[0], side)))


def frame_of(frame_id: str) -> int:
    """The number that a time step's name is, after the last '/' and before the side of
    a hand; -1 if it is none."""
    name = _without_side(frame_id)[0].rpartition('/')[2]
    return int(name) if name.isdecimal() and len(name) <= _MOST_DIGITS else -1


def _without_side(frame_id: str) -> tuple[str, str]:
    """The name, and the side of a hand that follows a number; '' without one."""
    name, _, side = frame_id.rpartition('/')
    numbered = side in _SIDES and name.rpartition('/')[2].isdecimal()
    return (name, side) if numbered else (frame_id, '')


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
