"""HanCo's calibration of one time step: ``{"K": [...], "M": [...]}``.

Matrices by the numbers of the cameras, which are called ``cam0, cam1, ...``;
``M`` is world to camera, in metres. HanCo's cameras are ideal; ``dist``, a list of
coefficients for each camera, and their ``distortion_model`` are read where they are
there.
"""

from typing import Any

import numpy as np

from ..documents import Document
from ..errors import CalibrationError
from ..fields import camera_from_fields
from ..lens_names import lens_of_all
from ..notes import Notes
from .found import FileCameras


def is_hanco(document: Document) -> bool:
    """Whether it has lists of K and of M."""
    return all(isinstance(document.table.get(k), (list, np.ndarray)) for k in 'KM')


def read_hanco(document: Document, notes: Notes) -> FileCameras:
    """Read a file. Cameras whose matrices are zeros were not calibrated, and are
    left out.

    Raises:
        CalibrationError: If there are not as many K as M.
    """
    path, content = document.path, document.table
    lists = {
        key: content[key] for key in ('K', 'M', 'dist') if content.get(key) is not None
    }
    if not isinstance(lists.get('dist', []), (list, np.ndarray)):
        raise CalibrationError(path, 'should be a list, a row for each camera', 'dist')
    if len({len(values) for values in lists.values()}) > 1:
        raise CalibrationError(path, f'{", ".join(lists)} have different lengths')
    lens = lens_of_all(content)
    cameras = {}
    for i, values in enumerate(zip(*lists.values())):
        fields = {**lens, **dict(zip(lists, values))}
        if _is_zero(fields['K']) and _is_zero(fields['M']):
            notes.remark(f'camera cam{i} is left out: its K and M are zeros')
            continue
        cameras[f'cam{i}'] = camera_from_fields(path, f'cam{i}', fields, notes)
    for key in content:
        if key not in lists and key not in lens:
            notes.unused(key)
    return FileCameras(cameras, 'world2cam', 'm')


def _is_zero(matrix: Any) -> bool:
    return all(number == 0 for number in np.array(matrix, object).ravel())
