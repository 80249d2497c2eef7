"""The pose of a camera, from its named values."""

import re
from pathlib import Path

import cv2
import numpy as np

from .errors import CalibrationError
from .values import CameraValues

_ROTATION = ('R', 'rotation', 'rotation_matrix', 'rvec', 'Rot')
_TRANSLATION = ('t', 'T', 'translation', 'tvec')
_MATRIX = ('extrinsics', 'extrinsic', 'extrinsic_matrix', 'RT', 'Rt', 'M', 'pose')
# Unknown names that may be a pose.
_LIKE_POSE = re.compile(
    'extrin|^rot|rotation|rotmat|rodrig|transl|transf|^trans|rvec|tvec|quat|orient|posit|'
    '(^|_)poses?($|_)|^(cam|camera)_?(pose|cent)|cam2|2cam|c2w|w2c|matrix_world|'
    'to_world|^T_|^[Rt]t?$|^q$',
    re.IGNORECASE,
)
# Of the calibration board in each image, not of the camera.
_OF_BOARDS = ('rvecs', 'tvecs', 'extrinsic_parameters', 'Extrinsic_Parameters')
# How far from orthonormal a rotation may be that was printed with few digits.
_TOLERANCE = 1e-2
# Radians. Rotation vectors need half of it, but optimisers may leave them longer.
_MOST_TURN = 2 * np.pi


def read_pose(
    values: CameraValues,
) -> tuple[np.ndarray, np.ndarray] | tuple[None, None]:
    """R (3, 3) and t (3, ) as they stand in the file; None if there is no pose.

    Raises:
        CalibrationError: If one is none, or two differ.
    """
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
    return values.only_one(rotations), values.only_one(places)


def may_be_pose(key: str) -> bool:
    """Whether an unknown name may be a pose."""
    return bool(_LIKE_POSE.search(key)) and key not in _OF_BOARDS


def checked_rotation(path: Path, place: str, R: np.ndarray) -> np.ndarray:
    """A rotation matrix from a matrix or a rotation vector, radians.

    Args:
        path (Path), place (str): The file and the camera, for messages.
        R (np.ndarray): (3, 3), or 3 numbers in any shape.

    Raises:
        CalibrationError: If it is none.
    """
    if R.size == 3:
        angle = float(np.linalg.norm(R))
        if angle > _MOST_TURN:
            raise CalibrationError(
                path,
                f'the rotation vector turns by {angle:.1f} radians, more than once '
                'around',
                place,
                'Are these degrees, or angles about x, y and z? Give a rotation '
                'vector in radians, or a 3 x 3 matrix',
            )
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
