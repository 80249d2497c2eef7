"""The images that an annotation file in COCO's form lists."""

from pathlib import Path
from typing import Any

from ...utils.json_files import MalformedFileError, as_list, take, whole_number
from ..left_out import LeftOutNotes


def images_by_number(data: Any, path: Path, notes: LeftOutNotes) -> dict[int, dict]:
    """The entries of the images, by their number; those without one are noted.

    Args:
        data: Content of the file.
        path (Path): The file, for messages.
        notes (LeftOutNotes): Of the data set.

    Raises:
        MalformedFileError: If there is no list of images.
    """
    images: dict[int, dict] = {}
    entries = as_list(take(data, ('images',), path), path, 'images')
    for position, image in enumerate(entries):
        try:
            images[whole_number(image, 'id', path)] = image
        except MalformedFileError as error:
            notes.add(f'images[{position}]: {error}', 'images left out: no number "id"')
    return images


def size_of(image: dict, path: Path) -> list[int]:
    """Width and height of an entry, pixels.

    Raises:
        MalformedFileError: If no image has such a size.
    """
    size = [whole_number(image, key, path) for key in ('width', 'height')]
    if not 1 <= min(size) <= max(size) <= 1e6:
        raise MalformedFileError(path, f'no image has the size {size}')
    return size
