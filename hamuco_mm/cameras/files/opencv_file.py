"""YAML and XML of OpenCV's FileStorage."""

from pathlib import Path
from typing import Any

import cv2

from ..camera import Camera
from .errors import CalibrationError
from .fields import camera_from_fields

SUFFIXES = ('.yml', '.yaml', '.xml')
_STEREO = (
    ('K1', 'D1', 'K2', 'D2'),
    ('M1', 'D1', 'M2', 'D2'),
    ('cameraMatrix1', 'distCoeffs1', 'cameraMatrix2', 'distCoeffs2'),
)
# Which lens model the coefficients belong to.
_LENS = ('distortion_model', 'fisheye')


def read_opencv(path: Path) -> dict[str, Camera]:
    """Read a file, or a directory with one file per camera.

    A file holds one camera (named like the file), one map per camera, or
    what ``cv2.stereoCalibrate`` gives: ``K1 D1 K2 D2 R T`` (or ``M1 ...``),
    whose first camera is the world and whose names are ``cam0, cam1``. The
    format does not say whether coefficients are those of ``cv2.fisheye``. An
    entry ``distortion_model: fisheye`` says so, beside the coefficients of one
    camera or, for all cameras of a file, at its top.

    Args:
        path (Path): File or directory.

    Returns:
        dict: Name -> camera, extrinsics as they stand in the file.

    Raises:
        CalibrationError: If the file has another form.
    """
    if path.is_dir():
        cameras = {}
        for file in sorted(path.iterdir()):
            if file.suffix.lower() in SUFFIXES:
                cameras.update(read_opencv(file))
        return cameras
    content = _read_storage(path)
    lens = {key: content[key] for key in _LENS if key in content}
    for K1, D1, K2, D2 in _STEREO:
        if K1 in content and K2 in content:
            first = {**lens, 'K': content[K1], 'dist': content.get(D1)}
            second = {
                **lens,
                'K': content[K2],
                'dist': content.get(D2),
                'R': content.get('R'),
                't': content.get('T'),
            }
            if second['R'] is not None:
                first.update(R=[0, 0, 0], t=[0, 0, 0])
            return {
                name: camera_from_fields(path, name, fields)
                for name, fields in (('cam0', first), ('cam1', second))
            }
    groups = {k: v for k, v in content.items() if isinstance(v, dict)}
    if groups:
        return {
            name: camera_from_fields(path, name, {**lens, **fields})
            for name, fields in groups.items()
        }
    return {path.stem: camera_from_fields(path, path.stem, content)}


def _read_storage(path: Path) -> dict[str, Any]:
    try:
        storage = cv2.FileStorage(str(path), cv2.FILE_STORAGE_READ)
    except (cv2.error, SystemError) as error:
        raise CalibrationError(path, f'not readable by OpenCV ({error})') from error
    if not storage.isOpened():
        raise CalibrationError(
            path,
            'not readable by OpenCV',
            None,
            'A YAML file should begin with "%YAML:1.0"',
        )
    root = storage.root()
    content = {key: _value(root.getNode(key)) for key in root.keys()}  # noqa: SIM118
    storage.release()
    if not content:
        raise CalibrationError(path, 'holds nothing')
    return content


def _value(node: Any) -> Any:
    if node.isMap():
        # a matrix is a map with these four keys
        if set(node.keys()) == {'rows', 'cols', 'dt', 'data'}:
            return node.mat()
        return {key: _value(node.getNode(key)) for key in node.keys()}  # noqa: SIM118
    if node.isSeq():
        return [_value(node.at(i)) for i in range(node.size())]
    if node.isString():
        return node.string()
    return node.real()
