"""What names of time steps, and of images of videos, say."""

from collections.abc import Mapping
from typing import Any

_FRAME = '#frame='


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


def sequence_of_view(view: Mapping[str, Any]) -> str:
    """The sequence of a view: its ``sequence`` or, without one, that of its time step.

    Args:
        view (Mapping): A data info, with a ``frame_id``.
    """
    return view.get('sequence', sequence_of(str(view['frame_id'])))
