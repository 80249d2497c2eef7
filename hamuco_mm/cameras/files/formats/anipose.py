"""TOML of Anipose (aniposelib), Caliscope, FreeMoCap and Pose2Sim.

One table per camera: ``matrix``, ``distortions``, ``rotation`` (a rotation
vector, or a matrix), ``translation``, ``size`` and perhaps ``name`` and
``fisheye``. In all of them they are world to camera, in the unit of the calibration
board.
"""

from typing import Any

from ...camera import Camera
from ..documents import Document
from ..errors import CalibrationError
from ..fields import camera_from_fields
from ..lens_names import lens_of_all
from ..notes import Notes
from .found import FileCameras
from .named import check_left_out, read_named

# How well the calibration went, as aniposelib writes it: of no camera.
_QUALITY = {'adjusted', 'error'}
# TOML has no null; Caliscope writes this text for what it has not found.
_NULL = 'null'
# Of the recording, not of the camera as a calibration sees it.
_SETTINGS = ('rotation_count', 'port', 'exposure', 'verified_resolutions')


def read_anipose(document: Document, notes: Notes) -> FileCameras:
    """Read a file. Cameras that Caliscope was told to ignore, or has no intrinsics
    of, are left out.

    Raises:
        CalibrationError: If the file has another form, or a camera twice.
    """
    content = document.table
    tables: Any = content.get('cameras', content)
    if not isinstance(tables, dict) or not any(
        _is_camera(section, fields) for section, fields in tables.items()
    ):
        return read_named(document, notes)
    lens = lens_of_all(content)
    if tables is not content:
        for key in content:
            if key != 'cameras' and key not in lens:
                notes.unused(key)
    cameras: dict[str, Camera] = {}
    for section, fields in tables.items():
        if not _is_camera(section, fields):
            if section not in lens and not _is_quality(section, fields):
                notes.unused(section)
            continue
        if fields.get('ignore'):
            notes.remark(f'camera {section} is left out: ignore = true')
            continue
        if fields.get('matrix') == _NULL:
            notes.remark(f'camera {section} is left out: it has no intrinsics')
            continue
        name = str(fields.get('name', section))
        if name in cameras:
            raise CalibrationError(
                document.path, f'camera {name!r} is there twice', section
            )
        own = {
            key: value
            for key, value in fields.items()
            if key not in ('name', 'ignore') and value != _NULL
        }
        for key in _SETTINGS:
            if own.pop(key, None) is not None:
                notes.unused(key, name)
        cameras[name] = camera_from_fields(document.path, name, {**lens, **own}, notes)
    check_left_out(document, cameras, notes)
    return FileCameras(cameras, 'world2cam')


def _is_camera(section: str, fields: Any) -> bool:
    # other tables, as 'charuco', are no cameras
    return isinstance(fields, dict) and (
        'matrix' in fields or section.startswith('cam') or 'ignore' in fields
    )


def _is_quality(section: str, fields: Any) -> bool:
    return (
        section == 'metadata' and isinstance(fields, dict) and set(fields) <= _QUALITY
    )
