"""What an image of a video is called in files of predictions."""

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
