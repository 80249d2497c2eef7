"""HanCo's calibration of one time step: ``{"K": [...], "M": [...]}``.

Matrices by the numbers of the cameras, which are called ``cam0, cam1, ...``;
``M`` is world to camera, in metres.
"""

from ..documents import Document
from ..errors import CalibrationError
from ..fields import camera_from_fields
from ..notes import Notes
from .found import FileCameras


def is_hanco(document: Document) -> bool:
    """Whether it has lists of K and of M."""
    K, M = (document.table.get(key) for key in 'KM')
    return isinstance(K, list) and isinstance(M, list)


def read_hanco(document: Document, notes: Notes) -> FileCameras:
    """Read a file.

    Raises:
        CalibrationError: If there are not as many K as M.
    """
    path, content = document.path, document.table
    if len(content['K']) != len(content['M']):
        raise CalibrationError(path, 'K and M have different lengths')
    cameras = {
        f'cam{i}': camera_from_fields(path, f'cam{i}', dict(K=K, M=M), notes)
        for i, (K, M) in enumerate(zip(content['K'], content['M']))
    }
    for key in content:
        if key not in ('K', 'M'):
            notes.unused(key)
    return FileCameras(cameras, 'world2cam', 'm')
