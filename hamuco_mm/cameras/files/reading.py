"""Read a calibration of any known format into one meaning."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..camera import Camera
from ..conventions import EXTRINSICS, Convention, parse_unit
from .colmap_text import read_colmap
from .errors import CalibrationError
from .json_file import read_json_calibration
from .opencv_file import SUFFIXES, read_opencv
from .toml_file import read_toml

FORMATS = ('opencv', 'toml', 'json', 'colmap')


@dataclass(frozen=True)
class Calibration:
    """Cameras of a rig: world to camera, metres, OpenCV's axes.

    Attributes:
        cameras (dict[str, Camera]): By name.
        convention (Convention): How the file was read.
    """

    cameras: dict[str, Camera]
    convention: Convention


def read_calibration(
    path: str | Path,
    extrinsics: str | None = None,
    unit: str | float | None = None,
    axes: str | None = None,
    format: str | None = None,
) -> Calibration:
    """Read a calibration.

    Nothing is guessed: where neither the format nor the file says what R, t and
    lengths mean, the caller has to say it.

    Args:
        path (str | Path): OpenCV YAML or XML (one file, or a directory
            with one file per camera), TOML of Anipose or Caliscope, JSON, or a
            directory with COLMAP's text model.
        extrinsics (str, optional): A key of ``EXTRINSICS``. Anipose, Caliscope
            and COLMAP define it as 'world2cam'.
        unit (str | float, optional): Of translations: 'm', 'cm', 'mm' or
            metres per unit.
        axes (str, optional): 'opencv' or 'opengl'. Defaults to 'opencv'.
        format (str, optional): One of ``FORMATS``. Defaults to what the name
            suggests.

    Returns:
        Calibration: Cameras, possibly without extrinsics.

    Raises:
        FileNotFoundError: If there is no such file.
        CalibrationError: If it cannot be read, holds no camera, or its
            meaning was not said.
        ValueError: For unknown arguments.
    """
    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(f'there is no calibration {path}')
    format = format or _guess_format(path)
    said: dict[str, Any] = {}
    if format == 'json':
        cameras, said = read_json_calibration(path)
    elif format == 'toml':
        cameras, said = read_toml(path), dict(extrinsics='world2cam')
    elif format == 'colmap':
        root = path if path.is_dir() else path.parent
        cameras, said = read_colmap(root), dict(extrinsics='world2cam')
    elif format == 'opencv':
        cameras = read_opencv(path)
    else:
        raise ValueError(f'format should be one of {FORMATS}, got {format!r}')
    if not cameras:
        raise CalibrationError(path, 'has no camera')
    posed = any(camera.has_pose for camera in cameras.values())
    extrinsics = extrinsics or said.get('extrinsics')
    unit = said.get('unit') if unit is None else unit
    if posed and extrinsics is None:
        meanings = '; '.join(f'{k}: {v}' for k, v in EXTRINSICS.items())
        raise CalibrationError(
            path,
            'nothing says what R and t mean',
            None,
            f'Give extrinsics (--extrinsics): {meanings}. '
            'tools/analysis_tools/check_rig.py tells whether it fits',
        )
    if posed and unit is None:
        raise CalibrationError(
            path,
            'nothing says the unit of the translations',
            None,
            'Give unit (--unit): m, cm, mm or metres per unit. It is that of '
            "the calibration board's squares",
        )
    convention = Convention(
        extrinsics or 'world2cam',
        axes or said.get('axes', 'opencv'),
        parse_unit(1 if unit is None else unit),
    )
    return Calibration(
        {name: _convert(cameras[name], convention) for name in cameras}, convention
    )


def _guess_format(path: Path) -> str:
    suffix = path.suffix.lower()
    if path.is_dir():
        if (path / 'cameras.txt').exists() or (path / 'images.txt').exists():
            return 'colmap'
        if any(file.suffix.lower() in SUFFIXES for file in path.iterdir()):
            return 'opencv'
    elif suffix in SUFFIXES:
        return 'opencv'
    elif suffix in ('.json', '.toml'):
        return suffix[1:]
    elif path.name in ('cameras.txt', 'images.txt'):
        return 'colmap'
    raise CalibrationError(
        path,
        'of no known kind',
        None,
        'Known are OpenCV .yml .yaml .xml (or a directory of them), .toml of '
        'Anipose and Caliscope, .json, and a directory with cameras.txt and '
        'images.txt of COLMAP',
    )


def _convert(camera: Camera, convention: Convention) -> Camera:
    if camera.R is None or camera.t is None:
        return camera
    R, t = convention.to_world2cam(camera.R, camera.t)
    return replace(camera, R=R, t=t)
