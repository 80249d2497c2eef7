"""Intrinsics and the image size, from the named values of a camera."""

import numpy as np

from ..arrays import intrinsic_matrix
from .values import SAME, CameraValues

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
_SIZE = ('image_size', 'size', 'resolution', 'img_size', 'imageSize')
_SIDES = (
    ('width', 'height'),
    ('image_width', 'image_height'),
    ('image_Width', 'image_Height'),
    ('img_width', 'img_height'),
    ('w', 'h'),
)
# Names of the image size, or of one of its sides.
SIZE_KEYS = (*_SIZE, *(side for sides in _SIDES for side in sides))


def read_intrinsics(values: CameraValues) -> np.ndarray:
    """K (3, 3) in pixels.

    Raises:
        CalibrationError: If there is none, it is none, or two differ.
    """
    found = {
        key: _checked_K(values, K) for key, K in values.arrays(_INTRINSICS).items()
    }
    if values.has(*_FOCAL):
        numbers = [values.number(key) for key in _FOCAL]
        found['fx, fy, cx, cy'] = _checked_K(values, intrinsic_matrix(*numbers))
    if not found:
        raise values.error(
            'no intrinsics',
            None,
            'Give a 3 x 3 matrix as "K", or "fx", "fy", "cx", "cy"',
        )
    K = values.only_one(found).copy()
    if values.has('skew'):
        skew = values.number('skew')
        if K[0, 1] and not np.isclose(K[0, 1], skew, rtol=SAME):
            raise values.error(f'K has the skew {K[0, 1]:g}, and "skew" is {skew:g}')
        K[0, 1] = skew
    return K


def read_image_size(values: CameraValues) -> tuple[int, int] | None:
    """Width and height; None if nothing says them.

    Raises:
        CalibrationError: If they are no whole pixels, or two differ.
    """
    found = {
        ', '.join(sides): np.array([values.number(key) for key in sides])
        for sides in _SIDES
        if values.has(*sides)
    }
    for key, size in values.arrays(_SIZE).items():
        if size.size != 2:
            raise values.error('the image size should be a width and a height', key)
        found[key] = size.ravel()
    if not found:
        return None
    size = values.only_one(found)
    width, height = (int(side) for side in size)
    if not (size == (width, height)).all() or min(width, height) < 1:
        raise values.error(
            f'the image size is {size.tolist()}', None, 'It should be whole pixels'
        )
    return width, height


def has_intrinsics(values: CameraValues) -> bool:
    """Whether there are intrinsics by a known name."""
    return values.has(*_FOCAL) or any(values.has(key) for key in _INTRINSICS)


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
