"""YAML of JARVIS-MoCap, one camera a file (https://jarvis-mocap.github.io).

JARVIS multiplies rows by matrices: ``intrinsicMatrix`` and ``R`` are the
transposes of what columns are multiplied by. They are in the unit of the
board.
"""

import numpy as np

from ..documents import Document
from ..fields import camera_from_fields
from ..notes import Notes
from ..values import CameraValues
from .found import FileCameras


def is_jarvis(document: Document) -> bool:
    """Whether it has an ``intrinsicMatrix`` that is transposed."""
    if not {'intrinsicMatrix', 'distortionCoefficients'} <= set(document.table):
        return False
    K = CameraValues(document.path, 'the file', document.table).array('intrinsicMatrix')
    return K.shape == (3, 3) and np.allclose(K[:2, 2], 0) and bool(K[2, :2].any())


def read_jarvis(document: Document, notes: Notes) -> FileCameras:
    """Read a file; the camera is named like it.

    Raises:
        CalibrationError: If the camera cannot be read.
    """
    name = document.path.stem
    values = CameraValues(document.path, f'camera {name!r}', document.table)
    fields = dict(document.table, K=values.array('intrinsicMatrix').T)
    del fields['intrinsicMatrix']
    return FileCameras(
        {name: camera_from_fields(document.path, name, fields, notes)},
        'transposed',
        defined=True,
    )
