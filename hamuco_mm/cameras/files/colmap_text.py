"""COLMAP's text model: cameras.txt and images.txt.

The formats and camera models are documented at
https://colmap.github.io/format.html and https://colmap.github.io/cameras.html.
Poses are world to camera, the unit is arbitrary, and pixel centres are at 0.5.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from scipy.spatial.transform import Rotation

from ..arrays import intrinsic_matrix
from ..camera import Camera
from .errors import CalibrationError

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
# Poses of one camera that differ by no more than this are one pose.
_SAME_ROTATION, _SAME_PLACE = 1e-3, 1e-3


def read_colmap(path: Path) -> dict[str, Camera]:
    """Read a text model of a rig that stands still.

    A camera is named after the folder of its images (``cam0/0001.jpg``) or,
    for images without a folder, after the image.

    Args:
        path (Path): Directory with ``cameras.txt`` and ``images.txt``.

    Returns:
        dict: Name -> camera, extrinsics as they stand in the file.

    Raises:
        CalibrationError: If the files have another form, if OpenCV has no
            such camera model, or if a camera moves.
    """
    lenses = _read_lenses(path / 'cameras.txt')
    file = path / 'images.txt'
    cameras: dict[str, Camera] = {}
    # every second line lists points, and may be empty
    for line in _lines(file, keep_empty=True)[::2]:
        place = f'line {line!r}'
        words = line.split(maxsplit=9)
        try:
            quaternion = np.array(words[1:5], float)
            t, lens, image = np.array(words[5:8], float), words[8], words[9]
        except (IndexError, ValueError):
            raise CalibrationError(
                file,
                'not an image',
                place,
                'Expected IMAGE_ID QW QX QY QZ '
                'TX TY TZ CAMERA_ID NAME, then a line of points',
            ) from None
        if lens not in lenses:
            raise CalibrationError(file, f'camera {lens} is not in cameras.txt', place)
        if len(quaternion) != 4 or not np.linalg.norm(quaternion) > 0:
            raise CalibrationError(file, 'the quaternion is zero', place)
        R = Rotation.from_quat(np.roll(quaternion, -1)).as_matrix()
        parent = Path(image).parent
        name = parent.name if parent.name else Path(image).stem
        known = cameras.get(name)
        if known is None:
            K, dist, model, size = lenses[lens]
            cameras[name] = Camera(K, R, t, dist, model, size)
        elif np.abs(known.R - R).max() > _SAME_ROTATION or np.abs(
            known.t - t
        ).max() > _SAME_PLACE * max(1, np.abs(t).max()):
            raise CalibrationError(
                file,
                f'the images of camera {name!r} have different poses',
                None,
                'Keep one image per camera in images.txt, from the time '
                'when all cameras stood where they stand in the videos',
            )
    return cameras


def _read_lenses(file: Path) -> dict:
    lenses = {}
    for line in _lines(file):
        place = f'line {line!r}'
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
        if model not in _MODELS:
            raise CalibrationError(
                file,
                f'camera model {model} is not supported',
                place,
                f'Calibrate with one of {", ".join(_MODELS)}',
            )
        count, distortion_model, split = _MODELS[model]
        if len(params) != count or len(size) != 2:
            raise CalibrationError(file, f'{model} has {count} parameters', place)
        (fx, fy, cx, cy), dist = split(params)
        K = intrinsic_matrix(fx, fy, cx - 0.5, cy - 0.5)
        lenses[number] = K, np.array(dist, float), distortion_model, size
    return lenses


def _lines(file: Path, keep_empty: bool = False) -> list[str]:
    try:
        lines = file.read_text().splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise CalibrationError(
            file,
            f'not readable ({error})',
            None,
            'A text model has cameras.txt and images.txt: colmap '
            'model_converter --output_type TXT makes them',
        ) from error
    lines = [line.strip() for line in lines if not line.startswith('#')]
    return lines if keep_empty else [line for line in lines if line]
