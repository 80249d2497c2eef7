"""Cameras by name, in JSON, YAML, XML or NPZ: the form that this package
writes, and similar ones.

``{"cameras": {name: {...}}}``, a list of cameras with a ``name``, cameras at
the top of the file, or one camera alone, which is named like the file. A table
of poses beside that of the cameras, as ``extrinsics`` or ``camera_poses``, is
read with it.
"""

from collections.abc import Collection, Mapping
from typing import Any

from ...camera import Camera
from ...conventions import Convention, parse_unit
from ..documents import Document
from ..errors import CalibrationError
from ..fields import camera_from_fields, has_intrinsics
from ..lens_fields import may_be_lens
from ..lens_names import lens_of_all, may_name_lens
from ..notes import Notes
from ..pose_fields import may_be_pose
from .found import FileCameras
from .tables import add_table, named_list, tables_of

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
    tables = tables_of(content)
    if 'K' not in tables.values():
        if has_intrinsics(content):
            return FileCameras(_read_one(document, notes), **said)
        tables = {}
    lens = lens_of_all(content)
    used = {*said, *lens, *tables, _ORIGIN}
    groups: dict[str, Any] | None = None
    for key, field in tables.items():
        groups = add_table(document, groups, content[key], field, notes)
    if groups is None:
        groups = {
            name: fields
            for name, fields in content.items()
            if isinstance(fields, dict)
            and (has_intrinsics(fields) or name.startswith('cam'))
        }
        used.update(groups)
    groups = {name: {**lens, **fields} for name, fields in groups.items()}
    cameras = _read_all(document, groups, notes)
    for key in content:
        if key not in used:
            notes.unused(key)
    check_left_out(document, cameras, notes)
    return FileCameras(cameras, **said)


def check_left_out(
    document: Document,
    cameras: Mapping[str, Camera],
    notes: Notes,
    known: Collection[str] = (),
) -> None:
    """Check that no pose and no lens is among what was not used.

    Args:
        document (Document): With the keys at the top of the file.
        cameras (Mapping[str, Camera]): What was read of it.
        notes (Notes): Was told of what was not used.
        known (Collection[str]): Keys that are neither. Defaults to none.

    Raises:
        CalibrationError: If a camera has no pose, or no coefficients, and a key may
            hold them; or if one may name another lens model than it has.
    """
    unused = [
        key for key in notes.unused_keys if key in document.table and key not in known
    ]
    usual = [name for name, of in cameras.items() if of.distortion_model == 'opencv']
    for key in unused:
        if usual and may_name_lens(key, document.table[key], has_lens=True):
            raise CalibrationError(
                document.path,
                f'{key!r} is {document.table[key]!r}, which may be the lens model and '
                f"is not known; taken for OpenCV's usual lens are {', '.join(usual)}",
                None,
                'Say "distortion_model", and take it out',
            )
    for what, without, may_be, remedy in (
        (
            'poses',
            [name for name, camera in cameras.items() if not camera.has_pose],
            may_be_pose,
            'Give each camera its "R" and "t", or a table "extrinsics" of them by name',
        ),
        (
            'lenses',
            [name for name, camera in cameras.items() if not camera.dist.size],
            may_be_lens,
            'Give each camera its "dist", or a table "distortion" of them by name',
        ),
    ):
        found = [key for key in unused if may_be(key)] if without else []
        if found:
            raise CalibrationError(
                document.path,
                f'{found[0]!r} may hold the {what}, and is no name that is known; '
                f'cameras without: {", ".join(without)}',
                None,
                f'{remedy}; take it out if it is something else',
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
    return {
        name: camera_from_fields(document.path, name, fields, notes)
        for name, fields in groups.items()
    }


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
    except (TypeError, ValueError, OverflowError) as error:
        raise CalibrationError(document.path, str(error)) from error
    return said
