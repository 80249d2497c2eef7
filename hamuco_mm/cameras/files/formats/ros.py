"""``camera_info`` of ROS, one camera: as camera_calibration writes it, and as a
message is printed (http://wiki.ros.org/camera_calibration_parsers).

It has no pose: ``rectification_matrix`` (R) and ``projection_matrix`` (P) are of
the rectified images.
"""

from typing import Any

from ..documents import Document
from ..errors import CalibrationError
from ..fields import camera_from_fields
from ..notes import Notes
from .found import FileCameras

# As a message has them, lower case in ROS 2 -> as a file has them.
_OF_MESSAGE = dict(
    K='camera_matrix',
    D='distortion_coefficients',
    R='rectification_matrix',
    P='projection_matrix',
)
_RECTIFIED = ('rectification_matrix', 'projection_matrix')


def is_ros(document: Document) -> bool:
    """Whether it has a distortion model, and a projection or a camera's name."""
    return 'distortion_model' in document.table and (
        {'camera_name', 'camera_matrix'} <= set(document.table)
        or {'projection_matrix', 'camera_matrix'} <= set(document.table)
        or {'K', 'D', 'R', 'P'} <= {key.upper() for key in document.table}
    )


def read_ros(document: Document, notes: Notes) -> FileCameras:
    """Read a file.

    Raises:
        CalibrationError: If the camera cannot be read.
    """
    fields = {
        _OF_MESSAGE.get(key.upper(), key): value
        for key, value in document.table.items()
    }
    name = str(fields.pop('camera_name', document.path.stem))
    for key in _RECTIFIED:
        if fields.pop(key, None) is not None:
            notes.unused(key, name)
    if _is_part(fields):
        raise CalibrationError(
            document.path,
            'binning or roi: the images are a part of what was calibrated',
            f'camera {name!r}',
            'Give the K of the images that are there, without binning and roi',
        )
    notes.remark('camera_info has no pose')
    return FileCameras({name: camera_from_fields(document.path, name, fields, notes)})


def _is_part(fields: dict[str, Any]) -> bool:
    """Whether the images are not those that K is of; takes what says it."""
    roi = fields.pop('roi', None) or {}
    binning = [fields.pop(key, 0) for key in ('binning_x', 'binning_y')]
    offsets = [roi.get(key, 0) for key in ('x_offset', 'y_offset')]
    return any(factor not in (0, 1) for factor in binning) or any(offsets)
