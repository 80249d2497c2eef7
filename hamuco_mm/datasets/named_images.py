"""One image again, by the name that predictions of it have kept."""

from pathlib import Path

import numpy as np

from ..utils.frame_names import split_frame_name
from .frames.videos import VideoFile
from .storage import read_image


def read_named_image(name: str) -> np.ndarray | None:
    """An image by its path, or by its video and place.

    Args:
        name (str): A path, or what
            :func:`~hamuco_mm.utils.frame_names.video_frame_name` gives.

    Returns:
        np.ndarray | None: uint8 BGR (H, W, 3); None where there is no such image.
    """
    of_video = split_frame_name(name)
    if of_video is None:
        return read_image(name)
    video, place = of_video
    if not Path(video).is_file():
        return None
    return next((image for _, image in VideoFile(video).images([place])), None)
