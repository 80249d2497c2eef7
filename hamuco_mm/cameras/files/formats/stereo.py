"""What ``cv2.stereoCalibrate`` gives, in one file or in the two of OpenCV's sample
``stereo_calib``, ``intrinsics.yml`` and ``extrinsics.yml``.

The first camera is the world: ``x_cam1 = R x_cam0 + T``. R1, R2, P1, P2 and Q
are of the rectified images.
"""

from ..documents import Document
from ..fields import camera_from_fields
from ..lens_names import lens_of_all
from ..notes import Notes
from .found import FileCameras

_NAMES = (
    ('K1', 'D1', 'K2', 'D2'),
    ('M1', 'D1', 'M2', 'D2'),
    ('cameraMatrix1', 'distCoeffs1', 'cameraMatrix2', 'distCoeffs2'),
)
_SIZES = ('image_width', 'image_height', 'width', 'height', 'image_size', 'size')


def is_stereo(document: Document) -> bool:
    """Whether it has the matrices of a first and of a second camera."""
    return any({K1, K2} <= set(document.table) for K1, _, K2, _ in _NAMES)


def read_stereo(document: Document, notes: Notes) -> FileCameras:
    """Read a file.

    Raises:
        CalibrationError: If a camera cannot be read.
    """
    path, content = document.path, document.table
    K1, D1, K2, D2 = next(names for names in _NAMES if names[0] in content)
    shared = lens_of_all(content)
    shared.update({key: content[key] for key in _SIZES if key in content})
    first = {**shared, 'K': content[K1], 'dist': content.get(D1)}
    second = {**shared, 'K': content[K2], 'dist': content.get(D2)}
    if 'R' in content or 'T' in content:
        first.update(R=[0, 0, 0], t=[0, 0, 0])
        second.update(R=content.get('R'), t=content.get('T'))
    for key in content:
        if key not in {*shared, K1, D1, K2, D2, 'R', 'T'}:
            notes.unused(key)
    return FileCameras(
        {
            name: camera_from_fields(path, name, fields, notes)
            for name, fields in (('cam0', first), ('cam1', second))
        },
        'world2cam',
    )
