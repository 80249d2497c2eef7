"""YAML of MC-Calib (https://github.com/rameau-fr/MC-Calib),
``calibrated_cameras_data.yml``.

A map ``camera_<n>`` for each camera. ``camera_pose_matrix`` is the camera's
pose in the frame of the reference camera, in the unit of the board;
``distortion_type`` is 0 for Brown's model and 1 for Kannala's.
"""

import re
from typing import Any

from ..documents import Document
from ..errors import CalibrationError
from ..fields import camera_from_fields
from ..notes import Notes
from .found import FileCameras

_MODELS = {'0': 'opencv', '1': 'fisheye'}


def is_mc_calib(document: Document) -> bool:
    """Whether a camera has the keys that MC-Calib writes."""
    return any(
        isinstance(fields, dict)
        and {'camera_matrix', 'distortion_vector', 'distortion_type'} <= set(fields)
        for fields in document.table.values()
    )


def read_mc_calib(document: Document, notes: Notes) -> FileCameras:
    """Read a file.

    Raises:
        CalibrationError: If a camera cannot be read, or if the cameras are of
            several groups, which no pose relates.
    """
    cameras, groups = {}, {}
    for name, fields in document.table.items():
        if isinstance(fields, dict) and re.fullmatch(r'camera_\d+', name):
            groups[name] = fields.get('camera_group')
            cameras[name] = camera_from_fields(
                document.path, name, _in_our_words(document, name, fields), notes
            )
        elif name != 'nb_camera':
            notes.unused(name)
    if len(set(groups.values())) > 1:
        raise CalibrationError(
            document.path,
            f'the cameras are of several groups, {groups}, whose poses have '
            'different reference cameras',
            'camera_group',
            'Calibrate with images that relate the groups',
        )
    return FileCameras(cameras, 'cam2world', defined=True)


def _in_our_words(document: Document, name: str, fields: dict) -> dict[str, Any]:
    fields = dict(fields)
    fields.pop('camera_group', None)
    said = str(fields.pop('distortion_type', None)).removesuffix('.0')
    if said not in _MODELS:
        raise CalibrationError(
            document.path, f'distortion_type {said} is neither 0 nor 1', f'{name!r}'
        )
    if 'camera_pose_matrix' in fields:
        fields['extrinsics'] = fields.pop('camera_pose_matrix')
    return dict(fields, distortion_model=_MODELS[said])
