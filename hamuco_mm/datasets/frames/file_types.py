"""Which files are images and which are videos, and what a folder holds of them."""

import logging
from pathlib import Path

from mmengine.logging import print_log

from ...utils.natural_order import natural_key

# OpenCV, which loads the images, and Pillow, which reads their sizes, know all
# of these.
IMAGE_SUFFIXES = ('.jpg', '.jpeg', '.png', '.bmp', '.webp', '.tif', '.tiff', '.ppm')
# Of telephones, cameras and browsers, which not every OpenCV and Pillow know.
_OTHER_IMAGES = (
    *('.heic', '.heif', '.avif', '.jxl', '.jp2', '.jfif', '.gif', '.pgm', '.pnm'),
    *('.exr', '.tga', '.dng', '.cr2', '.cr3', '.nef', '.arw', '.raw'),
)
VIDEO_SUFFIXES = (
    '.mp4',
    '.avi',
    '.mov',
    '.mkv',
    '.m4v',
    '.webm',
    '.wmv',
    '.mpg',
    '.mpeg',
    '.mjpeg',
)
# What Windows and archives of macOS leave in folders.
_LEFT_BEHIND = ('thumbs.db', 'desktop.ini', '__macosx')


def is_image(path: str | Path) -> bool:
    """Whether the name is that of an image."""
    return Path(path).suffix.lower() in IMAGE_SUFFIXES


def is_video(path: str | Path) -> bool:
    """Whether the name is that of a video."""
    return Path(path).suffix.lower() in VIDEO_SUFFIXES


def visible(folder: Path, pattern: str = '*') -> list[Path]:
    """What is in a folder, in the natural order of the names.

    Without hidden files and what an operating system left there: macOS puts
    ``._cam0.mp4`` beside ``cam0.mp4``, Windows ``Thumbs.db``.

    Args:
        folder (Path): The folder.
        pattern (str): Of the names, as ``Path.glob`` takes it.
    """
    found = (
        path
        for path in folder.glob(pattern)
        if not path.name.startswith('.') and path.name.lower() not in _LEFT_BEHIND
    )
    return sorted(found, key=lambda path: (natural_key(path.stem), path.name))


def image_files(folder: Path) -> list[Path]:
    """The images in a folder, in the natural order of their names."""
    return [path for path in visible(folder) if is_image(path) and path.is_file()]


def warn_of_other_images(folder: Path) -> None:
    """Say which images in a folder are of kinds that are not read."""
    others = [
        path.name for path in visible(folder) if path.suffix.lower() in _OTHER_IMAGES
    ]
    if others:
        more = f' and {len(others) - 3} more' if others[3:] else ''
        print_log(
            f'{folder}: not read are {", ".join(others[:3])}{more}: images are '
            f'{" ".join(IMAGE_SUFFIXES)}. Convert them',
            'current',
            logging.WARNING,
        )


def camera_paths(folder: Path) -> dict[str, Path]:
    """The videos and the folders of images in a folder, by the names of the
    cameras, in natural order.

    Raises:
        ValueError: If two have the same name.
    """
    found: dict[str, Path] = {}
    for path in visible(folder):
        if path.is_dir() and image_files(path) or path.is_file() and is_video(path):
            name = camera_name(path)
            if name in found:
                raise ValueError(
                    f'two sources are called {name!r}: {found[name]} and {path}. '
                    'Rename one, or name the sources one by one'
                )
            found[name] = path
    return dict(sorted(found.items(), key=lambda item: natural_key(item[0])))


def camera_name(path: Path) -> str:
    """What the camera of a video or a folder is called: as the file without
    its suffix, or as the folder, whose name may have dots."""
    return path.resolve().name if path.is_dir() else path.stem


def split_name(argument: str) -> tuple[str | None, str]:
    """NAME=PATH, as a camera and its recording are given on a command line.

    Returns:
        tuple: The name, None where there is none or a path has an ``=`` in it; and
        the path.
    """
    name, equals, path = argument.partition('=')
    if equals and not Path(argument).exists():
        return name, path
    return None, argument


def other_paths(folder: Path) -> list[Path]:
    """What a folder of cameras holds besides them."""
    cameras = set(camera_paths(folder).values())
    return [path for path in visible(folder) if path not in cameras]
