"""JSON: the form that this package writes, and similar ones."""

import json
from pathlib import Path
from typing import Any

from ..camera import Camera
from ..conventions import Convention, parse_unit
from .errors import CalibrationError
from .fields import camera_from_fields


def read_json_calibration(
    path: Path,
) -> tuple[dict[str, Camera], dict[str, str | None]]:
    """Read a file.

    It is ``{"cameras": {name: {...}}}`` or a list of cameras with a ``name``,
    or the cameras alone; or HanCo's ``{"K": [...], "M": [...]}`` of one time
    step, whose cameras are ``cam0, cam1, ...``.

    Returns:
        tuple: Name -> camera, extrinsics as they stand in the file; and what
        the file itself says about ``extrinsics``, ``unit`` and ``axes``.

    Raises:
        CalibrationError: If the file has another form.
    """
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise CalibrationError(path, f'not readable as JSON ({error})') from error
    if not isinstance(content, (dict, list)):
        raise CalibrationError(path, 'should be an object with "cameras"')
    if isinstance(content, dict) and {'K', 'M'} <= set(content):
        return _hanco(path, content), dict(extrinsics='world2cam', unit='m')
    said = {}
    if isinstance(content, dict) and 'cameras' in content:
        said = {
            key: content[key]
            for key in ('extrinsics', 'unit', 'axes')
            if key in content
        }
        content = content['cameras']
    try:
        Convention(
            said.get('extrinsics', 'world2cam'),
            said.get('axes', 'opencv'),
            parse_unit(said.get('unit', 1)),
        )
    except (TypeError, ValueError) as error:
        raise CalibrationError(path, str(error)) from error
    if isinstance(content, list):
        content = {_name(path, i, entry): entry for i, entry in enumerate(content)}
    cameras = {}
    for name, fields in content.items():
        if not isinstance(fields, dict):
            raise CalibrationError(
                path,
                'should be an object',
                f'{name!r}',
                'Each camera has "K", "R" and "t"',
            )
        cameras[name] = camera_from_fields(path, name, fields)
    return cameras, said


def _hanco(path: Path, content: dict) -> dict[str, Camera]:
    if not len(content['K']) == len(content['M']):
        raise CalibrationError(path, 'K and M have different lengths')
    return {
        f'cam{i}': camera_from_fields(path, f'cam{i}', dict(K=K, M=M))
        for i, (K, M) in enumerate(zip(content['K'], content['M']))
    }


def _name(path: Path, position: int, entry: Any) -> str:
    for key in ('name', 'id', 'camera'):
        if isinstance(entry, dict) and key in entry:
            return str(entry[key])
    raise CalibrationError(path, 'has no "name"', f'cameras[{position}]')
