"""Tables of a file: cameras, their matrices or their poses, by name."""

from collections.abc import Mapping
from typing import Any

from ..documents import Document
from ..errors import CalibrationError
from ..fields import has_intrinsics
from ..notes import Notes

# Tables by camera -> what an entry is that is no map. The first table of K that is
# there says which cameras there are.
_TABLES = dict(
    cameras='K',
    intrinsics='K',
    camera_intrinsics='K',
    K='K',
    distortions='dist',
    distortion='dist',
    dist='dist',
    camera_poses='extrinsics',
    extrinsics='extrinsics',
    poses='extrinsics',
    camera_extrinsics='extrinsics',
    R='R',
    T='t',
    t='t',
)
_NAMES = ('name', 'id', 'camera', 'camera_name')


def tables_of(content: Mapping[str, Any]) -> dict[str, str]:
    """Keys of the tables of a file, and what an entry is that is no map."""
    return {key: field for key, field in _TABLES.items() if _is_table(content, key)}


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


def add_table(
    document: Document,
    groups: Mapping[str, Any] | None,
    table: Any,
    field: str,
    notes: Notes,
) -> dict[str, Any]:
    """Each camera with its entry of a table.

    Args:
        document (Document): For messages.
        groups (Mapping | None): Maps of the cameras; None if the table says which
            there are.
        table (Any): Entries by camera, or a list of them with names.
        field (str): What an entry is that is no map.
        notes (Notes): Is told of entries of no camera.

    Raises:
        CalibrationError: If a camera has a key twice.
    """
    if isinstance(table, list):
        table = named_list(document, table)
    entries: dict[str, Any] = {}
    for name, entry in table.items():
        if not isinstance(entry, (dict, list)):
            raise CalibrationError(
                document.path,
                'should be a map',
                f'{name!r}',
                'Each camera has "K", "R" and "t"',
            )
        is_map = isinstance(entry, dict) and 'data' not in entry
        entries[name] = entry if is_map else {field: entry}
    if groups is None:
        return entries
    without = [name for name in groups if name not in entries]
    others = [name for name in entries if name not in groups]
    if without and others:
        raise CalibrationError(
            document.path,
            f'a table ({field}) has entries of {", ".join(others)}, and none of '
            f'{", ".join(without)}',
            None,
            'Call the cameras alike in all tables',
        )
    joined = {}
    for name, fields in groups.items():
        entry = entries.pop(name, {})
        for key in set(entry) & set(fields):
            raise CalibrationError(
                document.path, f'{key!r} is there twice', f'camera {name!r}'
            )
        joined[name] = {**fields, **entry}
    for name in entries:
        notes.remark(f'an entry ({field}) of {name!r} belongs to no camera')
    return joined


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
