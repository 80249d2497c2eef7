"""JSON of XRPrimer, one camera a file (https://github.com/openxrlab/xrprimer).

``intrinsic`` is 3 x 3 or 4 x 4; ``world2cam`` says what ``extrinsic_r`` and
``extrinsic_t`` mean. A ``FisheyeCameraParameter`` is projected by
``cv2.projectPoints``: its coefficients are of OpenCV's rational model.
"""

from ..documents import Document
from ..errors import CalibrationError
from ..fields import camera_from_fields
from ..notes import Notes
from .found import FileCameras

_CLASSES = ('PinholeCameraParameter', 'FisheyeCameraParameter')


def is_xrprimer(document: Document) -> bool:
    """Whether it has XRPrimer's names of extrinsics."""
    return {'extrinsic_r', 'extrinsic_t', 'intrinsic'} <= set(document.table)


def read_xrprimer(document: Document, notes: Notes) -> FileCameras:
    """Read a file.

    Raises:
        CalibrationError: If the camera cannot be read, is of another class, or
            has the axes of another program.
    """
    path, fields = document.path, dict(document.table)
    model = fields.pop('class_name', _CLASSES[0])
    if model not in _CLASSES:
        raise CalibrationError(
            path, f'class_name {model!r} is not one of {_CLASSES}', None
        )
    axes = fields.pop('convention', 'opencv')
    if axes != 'opencv':
        raise CalibrationError(
            path,
            f'convention {axes!r} is not supported',
            None,
            "Convert it by XRPrimer's convert_camera_parameter to 'opencv'",
        )
    world2cam = fields.pop('world2cam', True)
    if not isinstance(world2cam, bool):
        raise CalibrationError(
            path, f'world2cam {world2cam!r} is neither true nor false'
        )
    name = str(fields.pop('name', path.stem))
    fields['K'] = _upper_left(fields.pop('intrinsic'))
    fields['R'], fields['t'] = fields.pop('extrinsic_r'), fields.pop('extrinsic_t')
    return FileCameras(
        {name: camera_from_fields(path, name, fields, notes)},
        'world2cam' if world2cam else 'cam2world',
        axes='opencv',
        defined=True,
    )


def _upper_left(matrix: object) -> object:
    """K of XRPrimer's 4 x 4 matrix, whose third row and column are of depth."""
    if isinstance(matrix, list) and len(matrix) == 4:
        rows = [row[:3] for row in matrix[:2] if isinstance(row, list)]
        return [*rows, [0, 0, 1]]
    return matrix
