"""Cameras by name, in JSON, YAML, XML or NPZ: the form that this package
writes, and similar ones.

``{"cameras": {name: {...}}}``, a list of cameras with a ``name``, cameras at
the top of the file, or one camera alone, which is named like the file. A table
of poses beside that of the cameras, as ``extrinsics`` or ``camera_poses``, is
read with it.
"""

from collections.abc import Mapping
from typing import Any

from ...camera import Camera
from ...conventions import Convention, parse_unit
from ..documents import Document
from ..errors import CalibrationError
from ..fields import camera_from_fields, has_intrinsics, may_be_pose
from ..lens_names import FISHEYE_KEYS, MODEL_KEYS
from ..notes import Notes
from .found import FileCameras

CAMERA_TABLES = ('cameras', 'intrinsics', 'camera_intrinsics')
POSE_TABLES = ('camera_poses', 'extrinsics', 'poses', 'camera_extrinsics')
_NAMES = ('name', 'id', 'camera', 'camera_name')
_MEANINGS = ('extrinsics', 'unit', 'axes')
# Of files of this package: from which calibration they were made.
_ORIGIN = 'read_as'


def read_named(document: Document, notes: Notes) -> FileCameras:
    """Read a file.

    Returns:
        FileCameras: With what the file itself says about ``extrinsics``,
        ``unit`` and ``axes``.

    Raises:
        CalibrationError: If the file has another form, or a camera twice.
    """
    path, content = document.path, document.content
    if isinstance(content, list):
        return FileCameras(_read_all(document, named_list(document, content), notes))
    if not isinstance(content, dict):
        raise CalibrationError(path, 'should be a map of cameras, as "cameras"')
    said = _meaning(document)
    table = next((key for key in CAMERA_TABLES if _is_table(content, key)), None)
    if table is None and has_intrinsics(content):
        return FileCameras(_read_one(document, notes), **said)
    lens = {key: content[key] for key in (*MODEL_KEYS, *FISHEYE_KEYS) if key in content}
    used = {*said, *lens, _ORIGIN, table}
    if table is not None:
        groups = content[table]
        if isinstance(groups, list):
            groups = named_list(document, groups)
        poses = next((key for key in POSE_TABLES if _is_table(content, key)), None)
        if poses not in (None, table):
            used.add(poses)
            groups = add_poses(document, groups, content[poses], notes)
    else:
        groups = {
            name: fields
            for name, fields in content.items()
            if isinstance(fields, dict)
            and (has_intrinsics(fields) or name.startswith('cam'))
        }
        used.update(groups)
    groups = {
        name: {**lens, **fields} if isinstance(fields, dict) else fields
        for name, fields in groups.items()
    }
    cameras = _read_all(document, groups, notes)
    for key in content:
        if key not in used:
            notes.unused(key)
    check_left_out(document, cameras, notes)
    return FileCameras(cameras, **said)


def named_list(document: Document, entries: list) -> dict[str, Any]:
    """A list of cameras by their names.

    Raises:
        CalibrationError: If one has no name, or two have the same.
    """
    named: dict[str, Any] = {}
    for position, entry in enumerate(entries):
        keys = [key for key in _NAMES if isinstance(entry, dict) and key in entry]
        if not keys:
            raise CalibrationError(
                document.path, 'has no "name"', f'cameras[{position}]'
            )
        name = str(entry[keys[0]])
        if name in named:
            raise CalibrationError(
                document.path,
                f'camera {name!r} is there twice',
                f'cameras[{position}]',
                'Give each camera a name of its own',
            )
        named[name] = {key: v for key, v in entry.items() if key != keys[0]}
    return named


def add_poses(
    document: Document, groups: Mapping[str, Any], poses: Mapping, notes: Notes
) -> dict[str, Any]:
    """Each camera with its entry of a table of poses.

    Raises:
        CalibrationError: If a camera has a key in both.
    """
    joined = {}
    for name, fields in groups.items():
        pose = poses.get(name, {})
        if not isinstance(pose, dict) or 'data' in pose:
            pose = dict(extrinsics=pose)
        if not isinstance(fields, dict):
            raise _no_camera(document, name)
        for key in set(pose) & set(fields):
            raise CalibrationError(
                document.path, f'{key!r} is there twice', f'camera {name!r}'
            )
        joined[name] = {**fields, **pose}
    for name in poses:
        if name not in groups:
            notes.remark(f'the pose of {name!r} belongs to no camera')
    return joined


def check_left_out(
    document: Document, cameras: Mapping[str, Camera], notes: Notes
) -> None:
    """Check that no pose is among what was not used.

    Raises:
        CalibrationError: If a camera has no pose, and a key may hold it.
    """
    without = [name for name, camera in cameras.items() if not camera.has_pose]
    for key in notes.unused_keys if without else ():
        if key in document.table and may_be_pose(key):
            raise CalibrationError(
                document.path,
                f'{key!r} may hold the poses, and is no name that is known; '
                f'cameras without a pose: {", ".join(without)}',
                None,
                'Give each camera its "R" and "t", or a table "extrinsics" of them by '
                'name; take it out if it is something else',
            )


def _read_one(document: Document, notes: Notes) -> dict[str, Camera]:
    fields = dict(document.table)
    for key in (_ORIGIN, 'unit', 'axes'):
        fields.pop(key, None)
    if isinstance(fields.get('extrinsics'), str):
        del fields['extrinsics']
    name = next(
        (str(fields.pop(k)) for k in ('name', 'camera_name') if k in fields), ''
    )
    if document.kind != 'JSON' or not name:
        # OpenCV's files are known by their names
        if name:
            notes.remark(f'the camera is called {document.path.stem}, not {name!r}')
        name = document.path.stem
    return {name: camera_from_fields(document.path, name, fields, notes)}


def _read_all(
    document: Document, groups: Mapping[str, Any], notes: Notes
) -> dict[str, Camera]:
    cameras = {}
    for name, fields in groups.items():
        if not isinstance(fields, dict):
            raise _no_camera(document, name)
        cameras[name] = camera_from_fields(document.path, name, fields, notes)
    return cameras


def _no_camera(document: Document, name: str) -> CalibrationError:
    return CalibrationError(
        document.path,
        'should be a map',
        f'{name!r}',
        'Each camera has "K", "R" and "t"',
    )


def _is_table(content: Mapping[str, Any], key: str) -> bool:
    """Whether a key holds cameras, or poses of cameras, by name."""
    value = content.get(key)
    if key == 'cameras':
        return isinstance(value, (dict, list))
    return (
        isinstance(value, dict)
        and all(isinstance(entry, (dict, list)) for entry in value.values())
        and 'data' not in value
        and not has_intrinsics(value)
    )


def _meaning(document: Document) -> dict[str, Any]:
    said = {
        key: document.table[key]
        for key in _MEANINGS
        if isinstance(document.table.get(key), (str, int, float))
    }
    try:
        Convention(
            said.get('extrinsics', 'world2cam'),
            said.get('axes', 'opencv'),
            parse_unit(said.get('unit', 1)),
        )
    except (TypeError, ValueError) as error:
        raise CalibrationError(document.path, str(error)) from error
    return said
