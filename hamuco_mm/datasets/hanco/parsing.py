"""Read the small JSON files of HanCo's layout into arrays, and check them.

The layout is that of the published data set; the meaning of the files is
documented by its example code, github.com/lmb-freiburg/contra-hand.
"""

from functools import partial
from pathlib import Path

import numpy as np

from ...hand_model import NUM_BETAS
from ...utils.json_files import MalformedFileError, as_array, read_json
from ..hand_fits import NUM_POSE
from ..labels.joint_rows import WrongJointCountError as WrongJointCountError
from ..labels.joint_rows import joint_rows
from ..storage import read_file

# from disk, or from an LMDB
_read_json = partial(read_json, read=read_file)


def read_keypoints(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Read the 2D labels of one image: ``[[[x, y] * 21], [confidence * 21]]``, in any
    nesting, see :func:`~hamuco_mm.datasets.labels.joint_rows.joint_rows`.

    Returns:
        tuple: Pixels of the original image (21, 2) and confidences (21,),
        float64, as they stand in the file; ``null`` becomes NaN.

    Raises:
        FileNotFoundError, MalformedFileError, WrongJointCountError
    """
    data = _read_json(path)
    if not isinstance(data, list) or len(data) != 2:
        raise MalformedFileError(
            path, 'expected a list of two: keypoints and confidences'
        )
    points = joint_rows(path, data[0], 'entry 0 (keypoints)', 2)
    confidence = joint_rows(path, data[1], 'entry 1 (confidences)', 1)
    return points, confidence[:, 0]


def read_cameras(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Read the calibration of one time step: ``{"K": ..., "M": ...}``.

    Returns:
        tuple: Intrinsics in pixels (C, 3, 3) and world-to-camera transforms
        in metres (C, 4, 4), float64, a row per camera id.

    Raises:
        FileNotFoundError, MalformedFileError
    """
    data = _read_json(path)
    if not isinstance(data, dict) or not {'K', 'M'} <= set(data):
        raise MalformedFileError(path, 'expected the keys "K" and "M"')
    refuse_lenses(path, data)
    K = as_array(data['K'], None, path, 'K', np.float64)
    M = as_array(data['M'], None, path, 'M', np.float64)
    if K.shape[1:] != (3, 3) or M.shape != (len(K), 4, 4):
        raise MalformedFileError(
            path,
            'expected K of shape (cameras, 3, 3) and M of shape '
            f'(cameras, 4, 4), got {K.shape} and {M.shape}',
        )
    return K, M


def refuse_lenses(path: Path, data: dict) -> None:
    """See that a calibration in HanCo's form has no lenses, which K and M cannot
    hold.

    Raises:
        MalformedFileError: If it has.
    """
    dist = data.get('dist') or []
    fisheye = data.get('distortion_model') not in (None, 'opencv')
    if fisheye or any(np.any(row) for row in dist):
        raise MalformedFileError(
            path,
            'has lenses ("dist" or "distortion_model"), and K and M alone are used of '
            "HanCo's form: undistort the images and the labels, or make a rig of "
            'them (tools/dataset_converters/rig2coco.py), whose cameras have lenses',
        )


def read_joints_3d(path: Path) -> np.ndarray:
    """Read the joints of one time step, world metres, float64 (21, 3).

    Raises:
        FileNotFoundError, MalformedFileError, WrongJointCountError
    """
    joints = joint_rows(path, _read_json(path), 'the list', 3)
    if not np.isfinite(joints).all():
        raise MalformedFileError(path, 'has values that are not finite')
    return joints


def read_hand_fit(path: Path) -> np.ndarray:
    """Read the MANO fit of one time step, in the world frame.

    Returns:
        np.ndarray: float64 (61,): axis-angles of 16 joints, the 15 of the
        fingers relative to the mean pose (48), shape (10), translation in
        metres (3).

    Raises:
        FileNotFoundError, MalformedFileError
    """
    data = _read_json(path)
    parts = []
    for key, size in (('poses', NUM_POSE), ('shapes', NUM_BETAS), ('global_t', 3)):
        if not isinstance(data, dict) or key not in data:
            raise MalformedFileError(path, f'expected the key "{key}"')
        part = as_array(data[key], None, path, key, np.float64).ravel()
        if part.size != size or not np.isfinite(part).all():
            raise MalformedFileError(path, f'"{key}" should be {size} finite numbers')
        parts.append(part)
    return np.concatenate(parts)
