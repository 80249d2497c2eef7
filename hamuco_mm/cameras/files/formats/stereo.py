"""What ``cv2.stereoCalibrate`` gives, in one file or in the two of OpenCV's sample
``stereo_calib``, ``intrinsics.yml`` and ``extrinsics.yml``.

The first camera is the world: ``x_cam1 = R x_cam0 + T``. R1, R2, P1, P2 and Q
are of the rectified images.
"""

from ..documents import Document
from ..fields import camera_from_fields
from ..intrinsic_fields import SIZE_KEYS
from ..lens_names import lens_of_all
from ..notes import Notes
from .found import FileCameras
from .named import check_left_out

# Of the first camera with 1 behind, of the second with 2.
_MATRICES = ('K', 'M', 'cameraMatrix', 'mtx')
_LENSES = ('D', 'distCoeffs', 'dist', 'd')
_RECTIFIED = ('R1', 'R2', 'P1', 'P2', 'Q')


def is_stereo(document: Document) -> bool:
    """Whether it has the matrices of a first and of a second camera."""
    return _pair(document, _MATRICES) is not None


def read_stereo(document: Document, notes: Notes) -> FileCameras:
    """Read a file.

    Raises:
        CalibrationError: If a camera cannot be read, or an unknown name may be its
            lens or its pose.
    """
    path, content = document.path, document.table
    matrices = _pair(document, _MATRICES)
    assert matrices is not None
    lenses = _pair(document, _LENSES) or ('D1', 'D2')
    shared = lens_of_all(content)
    shared.update({key: content[key] for key in SIZE_KEYS if key in content})
    first, second = (
        {**shared, 'K': content[matrix], 'dist': content.get(lens)}
        for matrix, lens in zip(matrices, lenses)
    )
    translation = 'T' if 'T' in content else 't'
    if 'R' in content or translation in content:
        first.update(R=[0, 0, 0], t=[0, 0, 0])
        second.update(R=content.get('R'), t=content.get(translation))
    used = {*shared, *matrices, *lenses, 'R', translation}
    for key in content:
        if key not in used:
            notes.unused(key)
    cameras = {
        name: camera_from_fields(path, name, fields, notes)
        for name, fields in (('cam0', first), ('cam1', second))
    }
    check_left_out(document, cameras, notes, _RECTIFIED)
    return FileCameras(cameras, 'world2cam')


def _pair(document: Document, names: tuple[str, ...]) -> tuple[str, str] | None:
    """Keys of the first and of the second camera; None if there are no such."""
    pairs = ((f'{name}1', f'{name}2') for name in names)
    return next((pair for pair in pairs if set(pair) <= set(document.table)), None)
