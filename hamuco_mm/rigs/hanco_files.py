"""Calibrations in the form of HanCo's files."""

from pathlib import Path

import numpy as np

from ..datasets.hanco.parsing import refuse_lenses
from ..utils.file_names import check_relative_path
from ..utils.json_files import MalformedFileError, read_json, write_json
from .calibration import RigCalibration, camera_numbers

# HanCo's files have a row for each camera id up to the largest; serial
# numbers as ids would make them huge.
_MAX_CAMERAS = 256


def read_hanco_intrinsics(path: Path) -> np.ndarray:
    """The "K" of a calibration file, one row per camera id, (C, 3, 3) pixels.

    Raises:
        MalformedFileError: If it has none, or lenses, which K does not hold.
        FileNotFoundError: If there is no such file.
    """
    data = read_json(path, unique_keys=True)
    try:
        K = np.array(data['K'], dtype=np.float64)
    except (KeyError, TypeError, ValueError, OverflowError):
        raise MalformedFileError(
            path, 'expected {"K": [one 3x3 matrix per camera]}, in pixels'
        ) from None
    refuse_lenses(path, data)
    if (
        K.shape[1:] != (3, 3)
        or not np.isfinite(K).all()
        or not np.all(np.linalg.det(K))
    ):
        raise MalformedFileError(
            path,
            f'K should be invertible 3x3 matrices, one per camera, got shape {K.shape}',
        )
    return K


def hanco_calibration(
    calibration: RigCalibration, time_step: int | None = None
) -> dict:
    """The content of a HanCo calibration file.

    One row per camera id; ids that were not estimated have matrices of zeros,
    which :class:`HanCoDataset` counts as cameras that it cannot use.

    Args:
        calibration (RigCalibration): Of a rig.
        time_step (int, optional): Whose intrinsics. Defaults to each
            camera's first.

    Raises:
        ValueError: If a camera's id is no row number, or a camera has a
            lens: such a file would say that it is ideal.
    """
    numbers = camera_numbers(calibration.names, _MAX_CAMERAS)
    cameras = calibration.cameras_at(time_step)
    lenses = [name for name, camera in cameras.items() if camera.has_lens]
    if lenses:
        raise ValueError(
            f"cameras {lenses} have lens distortion, which HanCo's calibration "
            'files cannot hold: use hamuco_mm.rigs.writing.write_rig, or '
            'hamuco_mm.cameras.write_calibration, whose files have "dist"'
        )
    size = max(numbers) + 1
    rows = dict(K=np.zeros((size, 3, 3)), M=np.zeros((size, 4, 4)))
    rows['K'][numbers] = [camera.K for camera in cameras.values()]
    rows['M'][numbers] = calibration.M
    return {name: matrices.tolist() for name, matrices in rows.items()}


def write_hanco_calibration(calibration: RigCalibration, out: Path) -> int:
    """Write a rig's cameras in HanCo's form.

    Args:
        calibration (RigCalibration): Of a rig.
        out (Path): A file ``*.json`` for the rig, or a folder that gets
            ``<sequence>/<frame>.json`` for each time step, to be used as
            ``data_prefix=dict(calib=...)`` of :class:`HanCoDataset`.

    Returns:
        int: Number of files.

    Raises:
        ValueError: See :func:`hanco_calibration`; or if a sequence or a frame
            has a name that leads out of the folder.
    """
    if out.suffix == '.json':
        write_json(out, hanco_calibration(calibration), indent=None)
        return 1
    for sequence, frame in calibration.time_steps:
        check_relative_path('/'.join(filter(None, (sequence, frame))), 'the time step')
    for row, (sequence, frame) in enumerate(calibration.time_steps):
        path = out / sequence / f'{frame}.json'
        write_json(path, hanco_calibration(calibration, row), indent=None)
    return len(calibration.time_steps)
