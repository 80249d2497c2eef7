"""Images have the size that their camera was calibrated at."""

import os.path as osp
from collections.abc import Mapping

from ...cameras import Camera
from ..image_size import image_size
from .annotation_reading import find_camera


def check_image_sizes(
    source: str, images: list[dict], cameras: Mapping[str, Camera]
) -> None:
    """Compare the size of each image with that of its camera or, where the
    calibration does not state one, with the camera's other images.

    Args:
        source (str): File or directory, for messages.
        images (list[dict]): Of the annotations.
        cameras (Mapping[str, Camera]): See
            :func:`~.annotation_reading.cameras_of`.

    Raises:
        ValueError: If one differs.
    """
    seen: dict[int, dict] = {}
    for image in images:
        camera = find_camera(cameras, image)
        if camera is None:
            continue
        first = seen.setdefault(id(camera), image)
        expected = camera.image_size or (first['width'], first['height'])
        if (image['width'], image['height']) != tuple(expected):
            reason = (
                f'its camera {image["camera"]!r} was calibrated at'
                if camera.image_size
                else f'{first["file_name"]} of the same camera has'
            )
            raise ValueError(
                f'{source}: {image["file_name"]} has {image["width"]}x'
                f'{image["height"]} pixels, but {reason} {expected[0]}x{expected[1]}: '
                'K would place the hand wrongly. Remove the image, resize it, or '
                'give it a camera of its own ("calibration" of the image)'
            )


def check_files(source: str, images: list[dict], folder: str) -> None:
    """Compare the size of an image of each camera with that of its file.

    Files that are not on this disk, in a database or at a URL, are not looked at.

    Args:
        source (str): The annotations' file, for messages.
        images (list[dict]): Of the annotations.
        folder (str): Where the images are.

    Raises:
        ValueError: If one differs: labels, boxes and K are in pixels of the size that
            is stated.
    """
    first: dict[str, dict] = {}
    for image in images:
        first.setdefault(image['camera'], image)
    for image in first.values():
        stated = image['width'], image['height']
        try:
            found = image_size(osp.join(folder, image['file_name']))
        except OSError:
            continue
        if found != stated:
            raise ValueError(
                f'{source}: {image["file_name"]} has "width" {stated[0]} and "height" '
                f'{stated[1]}, but the file, turned as its EXIF orientation says, has '
                f'{found[0]}x{found[1]} pixels: labels would lie elsewhere in it. Put '
                'the images there that were labelled, or make the JSON file of these'
            )
