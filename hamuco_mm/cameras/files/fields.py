"""From the named numbers of one camera to a :class:`Camera`, checked."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from ..arrays import intrinsic_matrix
from ..camera import Camera
from ..lenses import LENS_MODELS
from .errors import CalibrationError
from .lens_names import FISHEYE_KEYS, MODEL_KEYS, VAGUE_KEYS, lens_model, says_no_lens
from .notes import Notes
from .values import CameraValues

# Names in use, ours first.
_INTRINSICS = (
    'K',
    'camera_matrix',
    'cameraMatrix',
    'Camera_Matrix',
    'CameraMatrix',
    'intrinsic_matrix',
    'intrinsics',
    'intrinsic',
    'intrinsicMatrix',
    'matrix',
    'mtx',
)
_FOCAL = ('fx', 'fy', 'cx', 'cy')
_DISTORTION = (
    'dist',
    'distortion_coefficients',
    'Distortion_Coefficients',
    'DistortionCoefficients',
    'distortionCoefficients',
    'distortion_coeffs',
    'distortion_vector',
    'distortions',
    'distortion',
    'distCoeffs',
    'dist_coeffs',
    'dist_coeff',
    'distCoef',
    'coeffs',
    'D',
)
_COEFFICIENTS = dict(
    opencv=('k1', 'k2', 'p1', 'p2', 'k3', 'k4', 'k5', 'k6'),
    fisheye=('k1', 'k2', 'k3', 'k4'),
)
_ROTATION = ('R', 'rotation', 'rotation_matrix', 'rvec', 'Rot')
_TRANSLATION = ('t', 'T', 'translation', 'tvec')
_MATRIX = ('extrinsics', 'extrinsic', 'extrinsic_matrix', 'RT', 'Rt', 'M', 'pose')
_SIZE = ('image_size', 'size', 'resolution', 'img_size', 'imageSize')
_SIDES = (
    ('width', 'height'),
    ('image_width', 'image_height'),
    ('image_Width', 'image_Height'),
    ('img_width', 'img_height'),
    ('w', 'h'),
)
# Unknown names that may be a pose, or coefficients of a lens.
_LIKE_POSE = re.compile(
    'extrin|rotat|^rot|rodrig|transl|transf|^trans|rvec|tvec|quat|orient|posit|'
    '(^|_)poses?($|_)|^(cam|camera)_?(pose|cent)|cam2|2cam|c2w|w2c|matrix_world|'
    'to_world|^T_|^[Rt]t?$|^q$',
    re.IGNORECASE,
)
_LIKE_LENS = re.compile('dist|^xi$|^k[0-9]$|^p[0-9]$', re.IGNORECASE)
# Of the calibration board in each image, not of the camera.
_OF_BOARDS = ('rvecs', 'tvecs', 'extrinsic_parameters', 'Extrinsic_Parameters')
# How far from orthonormal a rotation may be that was printed with few digits.
_TOLERANCE = 1e-2
# How far two values of one thing may differ, relatively.
_SAME = 1e-3


def camera_from_fields(
    path: Path, name: str, fields: Mapping[str, Any], notes: Notes | None = None
) -> Camera:
    """Read one camera, its extrinsics as they stand in the file.

    Args:
        path (Path): The file, for messages.
        name (str): The camera, for messages.
        fields (Mapping): Numbers, lists and arrays by any of the names that
            are in use; a rotation may be a matrix or a rotation vector.
        notes (Notes, optional): Is told of names that were not used. Defaults
            to a warning.

    Raises:
        CalibrationError: If something is missing or impossible, is said twice
            with different values, or has an unknown name and may be a pose or
            a lens that was not found otherwise.
    """
    values = CameraValues(path, f'camera {name!r}', fields)
    K = _intrinsics(values)
    R, t = _pose(values)
    model, dist = _lens(values)
    camera = Camera(K, R, t, dist, model, _image_size(values))
    _check_unused(values, camera)
    said = notes or Notes(path)
    for key in values.unused():
        said.unused(key, name)
    if notes is None:
        said.say(2)
    return camera


def has_intrinsics(fields: Mapping[str, Any]) -> bool:
    """Whether a map holds intrinsics by a known name, as a camera's does."""
    values = CameraValues(Path(), '', fields)
    return values.has(*_FOCAL) or any(values.has(key) for key in _INTRINSICS)


def may_be_pose(key: str) -> bool:
    """Whether an unknown name may be a pose."""
    return bool(_LIKE_POSE.search(key)) and key not in _OF_BOARDS


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


def _intrinsics(values: CameraValues) -> np.ndarray:
    found = {
        key: _checked_K(values, K) for key, K in values.arrays(_INTRINSICS).items()
    }
    if values.has(*_FOCAL):
        numbers = [_number(values, key) for key in _FOCAL]
        found['fx, fy, cx, cy'] = _checked_K(values, intrinsic_matrix(*numbers))
    if not found:
        raise values.error(
            'no intrinsics',
            None,
            'Give a 3 x 3 matrix as "K", or "fx", "fy", "cx", "cy"',
        )
    K = _only_one(values, found).copy()
    if values.has('skew'):
        skew = _number(values, 'skew')
        if K[0, 1] and not np.isclose(K[0, 1], skew, rtol=_SAME):
            raise values.error(f'K has the skew {K[0, 1]:g}, and "skew" is {skew:g}')
        K[0, 1] = skew
    return K


def _checked_K(values: CameraValues, K: np.ndarray) -> np.ndarray:
    if K.size == 9:
        K = K.reshape(3, 3)
    if K.shape != (3, 3):
        raise values.error(
            f'the intrinsics have shape {K.shape}',
            None,
            'They should be a 3 x 3 matrix',
        )
    if not (
        K[0, 0] > 0
        and K[1, 1] > 0
        and np.allclose(K[2], [0, 0, 1])
        and abs(K[1, 0]) < 1e-6
    ):
        raise values.error(
            f'K is no matrix of intrinsics: {K.tolist()}',
            None,
            'It should be [[fx, s, cx], [0, fy, cy], [0, 0, 1]] in pixels; '
            'is it transposed?',
        )
    return K


def _pose(values: CameraValues) -> tuple[np.ndarray, np.ndarray] | tuple[None, None]:
    rotations = {
        key: checked_rotation(values.path, values.place, R)
        for key, R in values.arrays(_ROTATION).items()
    }
    translations = values.arrays(_TRANSLATION)
    for t in translations.values():
        if t.size != 3:
            raise values.error(f't has {t.size} numbers', None, 'It should have 3')
    matrices = values.arrays(_MATRIX)
    for key, matrix in matrices.items():
        if matrix.shape not in ((3, 4), (4, 4)):
            raise values.error(
                f'the extrinsic matrix has shape {matrix.shape}',
                None,
                'It should be 3 x 4 or 4 x 4: [R | t]',
            )
        if len(matrix) == 4 and not np.allclose(matrix[3], [0, 0, 0, 1]):
            raise values.error(
                f'the last row of the extrinsic matrix is {matrix[3].tolist()}',
                key,
                'It should be 0, 0, 0, 1; is it transposed?',
            )
        rotations[key] = checked_rotation(values.path, values.place, matrix[:3, :3])
        translations[key] = matrix[:3, 3]
    if not rotations and not translations:
        return None, None
    if not rotations or not translations:
        raise values.error(
            'a rotation without a translation, or the other way round',
            None,
            'Give both "R" and "t", or neither for a camera whose place is not known',
        )
    places = {key: t.ravel() for key, t in translations.items()}
    return _only_one(values, rotations), _only_one(values, places)


def _lens(values: CameraValues) -> tuple[str, np.ndarray]:
    said = values.peek((*MODEL_KEYS, *VAGUE_KEYS, *FISHEYE_KEYS))
    model, used = lens_model(values.path, values.place, said)
    values.use(used)
    found = {key: dist.ravel() for key, dist in values.arrays(_DISTORTION).items()}
    names = _COEFFICIENTS[model]
    if any(values.has(key) for key in names):
        single = [_number(values, key) if values.has(key) else 0.0 for key in names]
        number = len(names) if model == 'fisheye' or any(single[5:]) else 5
        found[', '.join(names)] = np.array(single[:number])
    dist = _only_one(values, found) if found else np.zeros(0)
    allowed = LENS_MODELS[model]
    if len(dist) not in allowed:
        raise values.error(
            f'{len(dist)} distortion coefficients',
            None,
            f'The {model} model has one of {allowed}',
        )
    if dist.any() and says_no_lens(said, used):
        raise values.error('it says that there is no distortion, and has coefficients')
    return model, dist


def _image_size(values: CameraValues) -> tuple[int, int] | None:
    found = {
        ', '.join(sides): np.array([_number(values, key) for key in sides])
        for sides in _SIDES
        if values.has(*sides)
    }
    for key, size in values.arrays(_SIZE).items():
        if size.size != 2:
            raise values.error('the image size should be a width and a height', key)
        found[key] = size.ravel()
    if not found:
        return None
    size = _only_one(values, found)
    width, height = (int(side) for side in size)
    if not (size == (width, height)).all() or min(width, height) < 1:
        raise values.error(
            f'the image size is {size.tolist()}', None, 'It should be whole pixels'
        )
    return width, height


def _number(values: CameraValues, key: str) -> float:
    number = values.array(key)
    if number.size != 1:
        raise values.error('should be one number', key)
    return float(number.item())


def _only_one(values: CameraValues, found: Mapping[str, np.ndarray]) -> np.ndarray:
    """The value that all names give."""
    (first, value), *others = found.items()
    for name, other in others:
        scale = max(np.abs(value).max(initial=0), 1e-9)
        if value.shape != other.shape or np.abs(value - other).max() > _SAME * scale:
            raise values.error(
                f'{first!r} and {name!r} differ', None, 'Leave the one that is right'
            )
    return value


def _check_unused(values: CameraValues, camera: Camera) -> None:
    """Names that may be what was looked for are no names to pass over."""
    for key in values.unused():
        if not camera.has_pose and may_be_pose(key):
            raise values.error(
                f'{key!r} may be the pose, and is no name that is known',
                None,
                'Call it "R" and "t", or "extrinsics" for a matrix [R | t], and say '
                'what they mean; take it out if it is something else',
            )
        if not camera.dist.size and _LIKE_LENS.search(key):
            raise values.error(
                f'{key!r} may be of the lens, and is no name that is known',
                None,
                'Call the coefficients "dist" and the model "distortion_model"; '
                'take it out if it is something else',
            )
