"""COLMAP's text model: cameras.txt and images.txt.

The formats and camera models are documented at
https://colmap.github.io/format.html and https://colmap.github.io/cameras.html.
Poses are world to camera, the unit is arbitrary, and pixel centres are at 0.5.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from scipy.spatial.transform import Rotation

from ...arrays import intrinsic_matrix
from ...camera import Camera
from ..documents import read_text
from ..errors import CalibrationError
from ..notes import Notes
from .found import FileCameras
from .still_cameras import add_image

# Model -> number of parameters, our lens model, and what splits the parameters
# into (fx, fy, cx, cy) and coefficients.
_Split = Callable[[list[float]], tuple[list[float], list[float]]]
_MODELS: dict[str, tuple[int, str, _Split]] = dict(
    SIMPLE_PINHOLE=(3, 'opencv', lambda p: ([p[0], *p], [])),
    PINHOLE=(4, 'opencv', lambda p: (p, [])),
    SIMPLE_RADIAL=(4, 'opencv', lambda p: ([p[0], *p[:3]], [p[3], 0, 0, 0])),
    RADIAL=(5, 'opencv', lambda p: ([p[0], *p[:3]], [*p[3:], 0, 0])),
    OPENCV=(8, 'opencv', lambda p: (p[:4], p[4:])),
    FULL_OPENCV=(12, 'opencv', lambda p: (p[:4], p[4:])),
    OPENCV_FISHEYE=(8, 'fisheye', lambda p: (p[:4], p[4:])),
    SIMPLE_RADIAL_FISHEYE=(4, 'fisheye', lambda p: ([p[0], *p[:3]], p[3:])),
    RADIAL_FISHEYE=(5, 'fisheye', lambda p: ([p[0], *p[:3]], p[3:])),
)
_FILES = ('cameras.txt', 'images.txt')
# Files of a model that say nothing of where the cameras stand.
_OTHERS = ('points3D.txt', 'rigs.txt', 'frames.txt', 'project.ini', 'points3D.ply')
_IMAGE_LINE = (
    'Expected IMAGE_ID QW QX QY QZ TX TY TZ CAMERA_ID NAME, then a line of points, '
    'which may be empty and may not be deleted'
)


def is_colmap(path: Path) -> bool:
    """Whether a path is a text model, one of its files, or a binary model."""
    if path.is_dir():
        return any((path / name).exists() for name in (*_FILES, 'cameras.bin'))
    return path.name in _FILES


def read_colmap(path: Path, notes: Notes) -> FileCameras:
    """Read a text model of a rig that stands still.

    Args:
        path (Path): Directory with ``cameras.txt`` and ``images.txt``, or one
            of them.
        notes (Notes): Is told of files that are not used.

    Raises:
        CalibrationError: If the files have another form, if OpenCV has no
            such camera model, or if a camera moves.
    """
    root = path if path.is_dir() else path.parent
    if path.is_dir():
        for file in sorted(path.iterdir()):
            if not file.name.startswith('.') and file.name not in (*_FILES, *_OTHERS):
                notes.unused(file.name)
    lenses = _read_lenses(root / 'cameras.txt')
    file = root / 'images.txt'
    cameras: dict[str, Camera] = {}
    seen = set()
    for place, line in _image_lines(file):
        words = line.split(maxsplit=9)
        try:
            quaternion = np.array(words[1:5], float)
            t, lens, image = np.array(words[5:8], float), words[8], words[9]
        except (IndexError, ValueError):
            raise CalibrationError(file, 'not an image', place, _IMAGE_LINE) from None
        if lens not in lenses:
            raise CalibrationError(file, f'camera {lens} is not in cameras.txt', place)
        if not np.linalg.norm(quaternion) > 0 or not np.isfinite(t).all():
            raise CalibrationError(
                file, 'the quaternion is zero, or a number is not finite', place
            )
        R = Rotation.from_quat(np.roll(quaternion, -1)).as_matrix()
        seen.add(lens)
        K, dist, model, size = lenses[lens]
        add_image(cameras, image, Camera(K, R, t, dist, model, size), file)
    for lens in lenses:
        if lens not in seen:
            notes.remark(f'no image has camera {lens} of cameras.txt')
    return FileCameras(cameras, 'world2cam')


def _image_lines(file: Path) -> list[tuple[str, str]]:
    """Lines of images, and where they are; each is followed by one of points.

    Raises:
        CalibrationError: If a line of points looks like one of an image.
    """
    lines = [
        (f'line {number}', line.strip())
        for number, line in enumerate(_lines(file), 1)
        if not line.startswith('#')
    ]
    for place, line in lines[1::2]:
        # of points: X, Y and the id of a 3D point, again and again
        try:
            numbers = [float(word) for word in line.split()]
        except ValueError:
            numbers = [0.0]
        if len(numbers) % 3:
            raise CalibrationError(
                file, 'an image where its points should be', place, _IMAGE_LINE
            )
    return [(place, line) for place, line in lines[::2] if line]


def _read_lenses(file: Path) -> dict:
    lenses: dict[str, tuple] = {}
    for position, line in enumerate(_lines(file), 1):
        if line.startswith('#') or not line.strip():
            continue
        place = f'line {position}'
        words = line.split()
        try:
            number, model = words[:2]
            size = tuple(int(word) for word in words[2:4])
            params = [float(word) for word in words[4:]]
        except ValueError:
            raise CalibrationError(
                file,
                'not a camera',
                place,
                'Expected CAMERA_ID MODEL WIDTH HEIGHT PARAMS',
            ) from None
        if number in lenses:
            raise CalibrationError(file, f'camera {number} is there twice', place)
        if model not in _MODELS:
            raise CalibrationError(
                file,
                f'camera model {model} is not supported',
                place,
                f'Calibrate with one of {", ".join(_MODELS)}',
            )
        count, distortion_model, split = _MODELS[model]
        if len(params) != count or len(size) != 2 or not np.isfinite(params).all():
            raise CalibrationError(file, f'{model} has {count} parameters', place)
        (fx, fy, cx, cy), dist = split(params)
        K = intrinsic_matrix(fx, fy, cx - 0.5, cy - 0.5)
        lenses[number] = K, np.array(dist, float), distortion_model, size
    return lenses


def _lines(file: Path) -> list[str]:
    if not file.is_file():
        raise CalibrationError(
            file,
            'is not there',
            None,
            'A text model has cameras.txt and images.txt: colmap '
            'model_converter --output_type TXT makes them',
        )
    return read_text(file).splitlines()
