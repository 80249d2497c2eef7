"""JSON of MultiCal (https://github.com/oliver-batchelor/multical).

``cameras: {name: {model, image_size, K, dist}}`` and ``camera_poses: {name: {R,
T}}``, world to camera, in the unit of the board. With a master camera, which is
the world, the others' poses are called ``<name>_to_<master>``.
"""

from typing import Any

from ..documents import Document
from ..fields import camera_from_fields
from ..lens_names import lens_of_all
from ..notes import Notes
from .found import FileCameras
from .named import check_left_out
from .tables import add_table


def is_multical(document: Document) -> bool:
    """Whether it has both tables, and cameras that name their model."""
    cameras, poses = (document.table.get(k) for k in ('cameras', 'camera_poses'))
    return (
        isinstance(cameras, dict)
        and isinstance(poses, dict)
        and all(isinstance(c, dict) and 'K' in c for c in cameras.values())
    )


def read_multical(document: Document, notes: Notes) -> FileCameras:
    """Read a file.

    Raises:
        CalibrationError: If a camera cannot be read.
    """
    content = document.table
    groups: dict[str, Any] = content['cameras']
    masters = [name for name in content['camera_poses'] if name in groups]
    named = {f'{name}_to_{master}': name for name in groups for master in masters}
    poses = {
        named.get(name, name): pose for name, pose in content['camera_poses'].items()
    }
    groups = add_table(document, groups, poses, 'extrinsics', notes)
    lens = lens_of_all(content)
    cameras = {
        name: camera_from_fields(document.path, name, {**lens, **fields}, notes)
        for name, fields in groups.items()
    }
    for key in content:
        if key not in ('cameras', 'camera_poses', *lens):
            notes.unused(key)
    check_left_out(document, cameras, notes)
    return FileCameras(cameras, 'world2cam', defined=True)
