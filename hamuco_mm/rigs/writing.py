"""Estimated rigs as calibration files."""

from pathlib import Path

from ..cameras import write_calibration
from ..utils.file_names import check_relative_path
from .calibration import RigCalibration
from .hanco_files import write_hanco_calibration


def write_rig(calibration: RigCalibration, out: Path, name: str) -> int:
    """Write a rig in the form that can hold its cameras.

    Ideal cameras go to HanCo's files, see :func:`write_hanco_calibration`.
    HanCo's files have no lenses: cameras with lens distortion go to one file
    of :func:`write_calibration`, with each camera's first intrinsics.

    Args:
        calibration (RigCalibration): Of a rig.
        out (Path): A file ``*.json`` or a folder, which gets
            ``<sequence>/<frame>.json`` for each time step, or ``<name>.json``
            for cameras with lens distortion.
        name (str): Of the rig.

    Returns:
        int: Number of files.

    Raises:
        ValueError: If HanCo's files cannot name the cameras, or a name leads
            out of the folder.
    """
    if not calibration.has_lenses:
        return write_hanco_calibration(calibration, out)
    path = out
    if out.suffix != '.json':
        check_relative_path(name, 'the rig')
        path = out / f'{name}.json'
    path.parent.mkdir(parents=True, exist_ok=True)
    write_calibration(path, calibration.cameras_at())
    return 1
