"""Which files are images and which are videos, by their suffix."""

from pathlib import Path

from ...utils.natural_order import natural_key

# OpenCV, which loads the images, and Pillow, which reads their sizes, know all
# of these.
IMAGE_SUFFIXES = ('.jpg', '.jpeg', '.png', '.bmp', '.webp', '.tif', '.tiff', '.ppm')
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


def is_image(path: str | Path) -> bool:
    """Whether the name is that of an image."""
    return Path(path).suffix.lower() in IMAGE_SUFFIXES


def is_video(path: str | Path) -> bool:
    """Whether the name is that of a video."""
    return Path(path).suffix.lower() in VIDEO_SUFFIXES


def image_files(folder: Path) -> list[Path]:
    """The images in a folder, in the natural order of their names."""
    files = (file for file in folder.iterdir() if is_image(file))
    return sorted(files, key=lambda file: natural_key(file.stem))


def camera_paths(folder: Path) -> list[Path]:
    """The videos and the folders of images in a folder, one for each camera."""
    return sorted(
        path
        for path in folder.iterdir()
        if is_video(path) or (path.is_dir() and image_files(path))
    )
