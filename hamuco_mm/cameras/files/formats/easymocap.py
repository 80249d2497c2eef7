"""EasyMocap's ``intri.yml`` and ``extri.yml``
(https://github.com/zju3dv/EasyMocap).

``K_<name>``, ``dist_<name>`` (or ``D_<name>``), perhaps ``H_<name>`` and
``W_<name>``; ``R_<name>`` is a rotation vector, ``Rot_<name>`` its matrix and
``T_<name>`` the translation, world to camera, in the unit of the board.
"""

from typing import Any

from ..documents import Document
from ..errors import CalibrationError
from ..fields import camera_from_fields
from ..lens_names import lens_of_all
from ..notes import Notes
from .found import FileCameras

_PREFIXES = dict(
    K='K', dist='dist', D='dist', H='height', W='width', R='rvec', Rot='R', T='t'
)


def is_easymocap(document: Document) -> bool:
    """Whether it has a list of names, and K of them."""
    names = document.table.get('names')
    return isinstance(names, list) and any(f'K_{n}' in document.table for n in names)


def read_easymocap(document: Document, notes: Notes) -> FileCameras:
    """Read both files.

    Raises:
        CalibrationError: If a camera cannot be read, or is there twice.
    """
    names = [str(name) for name in document.table['names']]
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise CalibrationError(document.path, f'{twice[0]!r} is there twice', 'names')
    lens = lens_of_all(document.table)
    groups: dict[str, dict[str, Any]] = {name: dict(lens) for name in names}
    for key, value in document.table.items():
        prefix, _, name = key.partition('_')
        if prefix in _PREFIXES and name in groups:
            groups[name][_PREFIXES[prefix]] = value
        elif key != 'names' and key not in lens:
            notes.unused(key)
    cameras = {
        name: camera_from_fields(document.path, name, fields, notes)
        for name, fields in groups.items()
    }
    return FileCameras(cameras, 'world2cam', defined=True)
