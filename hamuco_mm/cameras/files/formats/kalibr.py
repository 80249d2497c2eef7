"""Camchain of Kalibr (https://github.com/ethz-asl/kalibr/wiki/yaml-formats).

A map ``cam<n>`` for each camera, in metres. ``T_cn_cnm1`` takes points of the
camera before to this one, so that the first camera is the world. Where no
camera has it, ``T_cam_imu`` takes points of the IMU, which is the world then.
"""

import re
from typing import Any

import numpy as np

from ....utils.natural_order import natural_key
from ..documents import Document
from ..errors import CalibrationError
from ..fields import camera_from_fields
from ..notes import Notes
from ..values import CameraValues
from .found import FileCameras


def is_kalibr(document: Document) -> bool:
    """Whether a camera has ``intrinsics`` and Kalibr's ``camera_model``."""
    return any(
        isinstance(fields, dict) and {'camera_model', 'intrinsics'} <= set(fields)
        for fields in document.table.values()
    )


def read_kalibr(document: Document, notes: Notes) -> FileCameras:
    """Read a file.

    Raises:
        CalibrationError: If a camera cannot be read, or is of a model other
            than ``pinhole``.
    """
    path, content = document.path, document.table
    names = [name for name in content if re.fullmatch(r'cam\d+', name)]
    names.sort(key=natural_key)
    for key in content:
        if key not in names:
            notes.unused(key)
    values = {name: _values(document, name) for name in names}
    poses = _poses(names, values)
    cameras = {}
    for name in names:
        fields = dict(content[name])
        if fields.get('camera_model', 'pinhole') != 'pinhole':
            raise CalibrationError(
                path,
                f'camera_model {fields["camera_model"]!r} is not supported',
                f'camera {name!r}',
                'Calibrate with pinhole-radtan or pinhole-equi',
            )
        fields.update(_intrinsics(values[name]))
        del fields['intrinsics']
        fields.pop('T_cn_cnm1', None)
        if name in poses:
            fields['extrinsics'] = poses[name]
            for key in ('T_cam_imu', 'T_imu_cam'):
                if fields.pop(key, None) is not None:
                    notes.unused(key, name)
        cameras[name] = camera_from_fields(path, name, fields, notes)
    return FileCameras(cameras, 'world2cam', 'm', defined=True)


def _values(document: Document, name: str) -> CameraValues:
    place, fields = f'camera {name!r}', document.table[name]
    if not isinstance(fields, dict) or fields.get('intrinsics') is None:
        raise CalibrationError(
            document.path,
            'has no intrinsics',
            place,
            'Each camera has camera_model, intrinsics, distortion_model and '
            'distortion_coeffs',
        )
    return CameraValues(document.path, place, fields)


def _intrinsics(values: CameraValues) -> dict[str, Any]:
    numbers = values.array('intrinsics').ravel()
    if numbers.size != 4:
        raise values.error(
            f'{numbers.size} intrinsics', None, 'Those of pinhole are fu, fv, pu, pv'
        )
    return dict(zip(('fx', 'fy', 'cx', 'cy'), numbers.tolist()))


def _poses(names: list[str], values: dict[str, CameraValues]) -> dict[str, np.ndarray]:
    """World to camera of each camera that the chain reaches."""
    of_imu = [name for name in names if values[name].has('T_cam_imu')]
    chained = any(values[name].has('T_cn_cnm1') for name in names)
    if len(names) > 1 and of_imu == names and not chained:
        return {name: values[name].array('T_cam_imu') for name in names}
    poses: dict[str, np.ndarray] = {}
    for before, name in zip(names, names[1:]):
        if not values[name].has('T_cn_cnm1'):
            break
        step = values[name].array('T_cn_cnm1')
        if step.shape != (4, 4):
            raise values[name].error(f'T_cn_cnm1 has shape {step.shape}, not (4, 4)')
        poses.setdefault(before, np.eye(4))
        poses[name] = step @ poses[before]
    return poses
