"""What the images of a rig were called where they come from.

``00000003.jpg`` of time step 3 may be frame 9 of a video, or ``img0010.png`` of a
folder. Labels made of the recording itself have these names.
"""

import json
from collections.abc import Mapping
from pathlib import Path

from ...utils.files import write_atomically
from ...utils.json_files import read_json

# In each folder of images.
SOURCE_FRAMES = '.source_frames.json'


def note_source_frames(folder: Path, names: Mapping[str, str]) -> None:
    """Note where images come from, in addition to what is noted already.

    Args:
        folder (Path): Of the images.
        names (Mapping[str, str]): From the images' names to those of the frames
            in the source: an image's name, or the place in a video, from 0.
    """
    known = source_frames(folder)
    write_atomically(folder / SOURCE_FRAMES, json.dumps({**known, **names}))


def source_frames(folder: Path) -> dict[str, str]:
    """What :func:`note_source_frames` noted; {} where nothing is known.

    Raises:
        ValueError: If the file is damaged.
    """
    path = folder / SOURCE_FRAMES
    if not path.exists():
        return {}
    names = read_json(path)
    if not isinstance(names, dict):
        raise ValueError(f'{path}: should be an object; remove it')
    return names
