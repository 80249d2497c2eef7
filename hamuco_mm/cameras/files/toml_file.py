"""TOML of Anipose (aniposelib) and Caliscope.

One table per camera: ``matrix``, ``distortions``, ``rotation`` (a rotation
vector, or a matrix), ``translation``, ``size`` and, in Anipose, ``name``. In
both programs they are world to camera, in the unit of the calibration board.
"""

import sys
from pathlib import Path

from ..camera import Camera
from .errors import CalibrationError
from .fields import camera_from_fields

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


def read_toml(path: Path) -> dict[str, Camera]:
    """Read a file.

    Returns:
        dict: Name -> camera, extrinsics as they stand in the file. Cameras
        that Caliscope was told to ignore are left out.

    Raises:
        CalibrationError: If the file has another form.
    """
    try:
        content = tomllib.loads(path.read_text())
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise CalibrationError(path, f'not readable as TOML ({error})') from error
    tables = content.get('cameras', content)
    cameras = {}
    for section, fields in tables.items():
        # other tables, as 'metadata' and 'charuco', are no cameras
        if (
            not isinstance(fields, dict)
            or fields.get('ignore')
            or not ('matrix' in fields or section.startswith('cam'))
        ):
            continue
        name = str(fields.get('name', section))
        if name in cameras:
            raise CalibrationError(path, f'camera {name!r} is there twice', section)
        cameras[name] = camera_from_fields(path, name, fields)
    return cameras
