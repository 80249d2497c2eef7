"""From the named numbers of one camera to a :class:`Camera`, checked."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from ..arrays import intrinsic_matrix
from ..camera import Camera
from ..lenses import LENS_MODELS
from .errors import CalibrationError

# Names in use, ours first.
_INTRINSICS = (
    'K',
    'camera_matrix',
    'cameraMatrix',
    'Camera_Matrix',
    'intrinsic_matrix',
    'intrinsics',
    'matrix',
    'mtx',
)
_DISTORTION = (
    'dist',
    'distortion_coefficients',
    'Distortion_Coefficients',
    'distortions',
    'distortion',
    'distCoeffs',
    'dist_coeffs',
    'D',
)
_ROTATION = ('R', 'rotation', 'rotation_matrix', 'rvec')
_TRANSLATION = ('t', 'T', 'translation', 'tvec')
_MATRIX = ('extrinsics', 'extrinsic_matrix', 'RT', 'M', 'pose')
_SIZE = ('image_size', 'size', 'resolution')
# How far from orthonormal a rotation may be that was printed with few digits.
_TOLERANCE = 1e-2


def camera_from_fields(path: Path, name: str, fields: Mapping[str, Any]) -> Camera:
    """Read one camera, its extrinsics as they stand in the file.

    Args:
        path (Path): The file, for messages.
        name (str): The camera, for messages.
        fields (Mapping): Numbers, lists and arrays by any of the names that
            are in use; a rotation may be a matrix or a rotation vector.

    Raises:
        CalibrationError: If something is missing or impossible.
    """
    place = f'camera {name!r}'
    K = _intrinsics(path, place, fields)
    R, t = _pose(path, place, fields)
    dist = _find(path, place, fields, _DISTORTION)
    model = fields.get('distortion_model')
    if model is None:
        model = 'fisheye' if fields.get('fisheye') else 'opencv'
    if model not in list(LENS_MODELS):
        raise CalibrationError(
            path,
            f'distortion_model {model!r} is not known',
            place,
            f'It should be one of {list(LENS_MODELS)}',
        )
    dist = np.zeros(0) if dist is None else dist.ravel()
    allowed = LENS_MODELS[model]
    if len(dist) not in allowed:
        raise CalibrationError(
            path,
            f'{len(dist)} distortion coefficients',
            place,
            f'The {model} model has one of {allowed}',
        )
    return Camera(K, R, t, dist, model, _image_size(path, place, fields))


def checked_rotation(path: Path, place: str, R: np.ndarray) -> np.ndarray:
    """A rotation matrix from a matrix or a rotation vector."""
    if R.size == 3:
        return cv2.Rodrigues(R.reshape(3, 1))[0]
    if R.shape != (3, 3):
        raise CalibrationError(
            path,
            f'the rotation has shape {R.shape}',
            place,
            'It should be a 3 x 3 matrix or a rotation vector of 3 numbers',
        )
    if not np.allclose(R @ R.T, np.eye(3), atol=_TOLERANCE):
        raise CalibrationError(
            path,
            'R is no rotation matrix (R R^T is not the identity)',
            place,
            'See that rows are in order and that no scale is in it',
        )
    if np.linalg.det(R) < 0:
        raise CalibrationError(
            path,
            'R mirrors (its determinant is -1)',
            place,
            'One axis of the world or of the camera points the wrong way: '
            'change its sign in R and t',
        )
    u, _, vh = np.linalg.svd(R)
    return u @ vh


def _intrinsics(path: Path, place: str, fields: Mapping[str, Any]) -> np.ndarray:
    focal = {'fx', 'fy', 'cx', 'cy'}
    nested = fields.get('intrinsics')
    for group in (fields, nested if isinstance(nested, Mapping) else {}):
        if focal <= set(group):
            fx, fy, cx, cy = (
                float(_numbers(path, place, key, group[key]))
                for key in ('fx', 'fy', 'cx', 'cy')
            )
            return _checked_K(path, place, intrinsic_matrix(fx, fy, cx, cy))
    K = _find(path, place, fields, _INTRINSICS)
    if K is None:
        raise CalibrationError(
            path,
            'no intrinsics',
            place,
            'Give a 3 x 3 matrix as "K", or "fx", "fy", "cx", "cy"',
        )
    return _checked_K(path, place, K)


def _checked_K(path: Path, place: str, K: np.ndarray) -> np.ndarray:
    if K.shape != (3, 3):
        raise CalibrationError(
            path,
            f'the intrinsics have shape {K.shape}',
            place,
            'They should be a 3 x 3 matrix',
        )
    if not (
        K[0, 0] > 0
        and K[1, 1] > 0
        and np.allclose(K[2], [0, 0, 1])
        and abs(K[1, 0]) < 1e-6
    ):
        raise CalibrationError(
            path,
            f'K is no matrix of intrinsics: {K.tolist()}',
            place,
            'It should be [[fx, s, cx], [0, fy, cy], [0, 0, 1]] in pixels; '
            'is it transposed?',
        )
    return K


def _pose(
    path: Path, place: str, fields: Mapping[str, Any]
) -> tuple[np.ndarray, np.ndarray] | tuple[None, None]:
    R = _find(path, place, fields, _ROTATION)
    t = _find(path, place, fields, _TRANSLATION)
    if R is None and t is None:
        matrix = _find(path, place, fields, _MATRIX)
        if matrix is None:
            return None, None
        if matrix.shape not in ((3, 4), (4, 4)):
            raise CalibrationError(
                path,
                f'the extrinsic matrix has shape {matrix.shape}',
                place,
                'It should be 3 x 4 or 4 x 4: [R | t]',
            )
        R, t = matrix[:3, :3], matrix[:3, 3]
    if R is None or t is None:
        raise CalibrationError(
            path,
            'a rotation without a translation, or the other way round',
            place,
            'Give both "R" and "t", or neither for a camera whose place is not known',
        )
    if t.size != 3:
        raise CalibrationError(
            path, f't has {t.size} numbers', place, 'It should have 3'
        )
    return checked_rotation(path, place, R), t.ravel()


def _image_size(
    path: Path, place: str, fields: Mapping[str, Any]
) -> tuple[int, int] | None:
    for names in (
        ('width', 'height'),
        ('image_width', 'image_height'),
        ('image_Width', 'image_Height'),
    ):
        if set(names) <= set(fields):
            width, height = (
                int(_numbers(path, place, key, fields[key])) for key in names
            )
            return width, height
    size = _find(path, place, fields, _SIZE)
    if size is None:
        return None
    if size.size < 2:
        raise CalibrationError(
            path, 'the image size should be a width and a height', place
        )
    width, height = (int(number) for number in size.ravel()[:2])
    return width, height


def _find(
    path: Path, place: str, fields: Mapping[str, Any], names: Sequence[str]
) -> np.ndarray | None:
    for name in names:
        value = fields.get(name)
        if value is not None and not isinstance(value, (Mapping, str)):
            return _numbers(path, f'{place}, {name}', None, value)
    return None


def _numbers(path: Path, place: str, key: str | None, value: Any) -> np.ndarray:
    place = f'{place}, {key}' if key else place
    try:
        array = np.array(value, dtype=np.float64)
    except (TypeError, ValueError):
        raise CalibrationError(path, 'not an array of numbers', place) from None
    if not np.isfinite(array).all():
        raise CalibrationError(path, 'has numbers that are not finite', place)
    return array
