"""Read a calibration of any known format into one meaning."""

from dataclasses import dataclass, replace
from pathlib import Path

from ...utils.near_paths import near_path
from ..camera import Camera
from ..conventions import EXTRINSICS, Convention, parse_unit
from .errors import CalibrationError
from .formats.colmap import is_colmap, read_colmap
from .formats.found import FileCameras
from .notes import Notes
from .registry import FORMATS
from .sources import read_source


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
    lengths mean, the caller has to say it. What is not used of the file is said
    in a :class:`~hamuco_mm.cameras.CalibrationWarning`.

    Args:
        path (str | Path): A file, or a directory with a file for each camera or
            of a program that writes several; ``docs/your_own_rig.md`` has
            a table of all formats.
        extrinsics (str, optional): A key of ``EXTRINSICS``. A program's own
            format may define it, and it is not used then.
        unit (str | float, optional): Of translations: 'm', 'cm', 'mm' or
            metres per unit.
        axes (str, optional): 'opencv' or 'opengl'. Defaults to what the format
            defines, else to 'opencv'.
        format (str, optional): One of ``FORMATS``. Defaults to what the
            content has the form of.

    Returns:
        Calibration: Cameras, possibly without extrinsics.

    Raises:
        FileNotFoundError: If there is no such file.
        CalibrationError: If it cannot be read, holds no camera or one twice, or
            its meaning was not said.
        ValueError: For unknown arguments.
    """
    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(f'there is no calibration {path}{near_path(path)}')
    if format not in (None, *FORMATS):
        raise ValueError(f'format should be one of {FORMATS}, got {format!r}')
    notes = Notes(path)
    if format == 'colmap' or (format is None and is_colmap(path)):
        found = read_colmap(path, notes)
    else:
        found = read_source(path, format, notes)
    if not found.cameras:
        notes.say(2)
        raise CalibrationError(path, 'has no camera')
    convention = _convention(path, found, extrinsics, unit, axes, notes)
    notes.say(2)
    return Calibration(
        {name: _convert(camera, convention) for name, camera in found.cameras.items()},
        convention,
    )


def _convention(
    path: Path,
    found: FileCameras,
    extrinsics: str | None,
    unit: str | float | None,
    axes: str | None,
    notes: Notes,
) -> Convention:
    """What the caller says, else the file; what its format defines stays."""
    posed = any(camera.has_pose for camera in found.cameras.values())
    meaning = {}
    for option, given, said in (
        ('extrinsics', extrinsics, found.extrinsics),
        ('axes', axes, found.axes or ('opencv' if found.defined else None)),
    ):
        if given is not None and said not in (None, given) and posed:
            taken = 'not used' if found.defined else 'used'
            notes.remark(
                f'the format says {option} {said}; --{option} {given} is {taken}'
            )
        meaning[option] = said if found.defined and said else given or said
    metres = parse_unit(1 if unit is None else unit)
    if unit is None and found.unit is not None:
        metres = parse_unit(found.unit)
    elif found.unit is not None and parse_unit(found.unit) != metres and posed:
        notes.remark(f'the file says unit {found.unit}; --unit {unit} is used')
    if posed and meaning['extrinsics'] is None:
        meanings = '; '.join(f'{k}: {v}' for k, v in EXTRINSICS.items())
        raise CalibrationError(
            path,
            'nothing says what R and t mean',
            None,
            f'Give extrinsics (--extrinsics): {meanings}. '
            'tools/analysis_tools/check_rig.py tells whether it fits',
        )
    if posed and unit is None and found.unit is None:
        raise CalibrationError(
            path,
            'nothing says the unit of the translations',
            None,
            'Give unit (--unit): m, cm, mm or metres per unit. It is that of '
            "the calibration board's squares",
        )
    return Convention(
        meaning['extrinsics'] or 'world2cam', meaning['axes'] or 'opencv', metres
    )


def _convert(camera: Camera, convention: Convention) -> Camera:
    if camera.R is None or camera.t is None:
        return camera
    R, t = convention.to_world2cam(camera.R, camera.t)
    return replace(camera, R=R, t=t)
