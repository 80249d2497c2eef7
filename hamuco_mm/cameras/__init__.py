"""What a camera is: intrinsics, lens and place.

:class:`Camera` is one, :class:`Cameras` are many. Everything that projects
points, undistorts pixels or turns to the world goes through them.
Calibration files of several programs are read as data, never as code.
"""

from .arrays import intrinsic_matrix, pinhole_pixels, points_in_camera
from .camera import (
    Camera,
    calibrated_camera,
    rotation_of,
    stack_cameras,
    unstack_cameras,
)
from .cameras import Cameras
from .conventions import EXTRINSICS, Convention, parse_unit
from .files.errors import CalibrationError, CalibrationWarning
from .files.reading import Calibration, read_calibration
from .files.registry import FORMATS
from .files.writing import write_calibration
from .fitting import (
    camera_of_images,
    cameras_of_views,
    unusual_principal_point,
)
from .lenses import LENS_MODELS, Lens

__all__ = [
    'EXTRINSICS',
    'FORMATS',
    'LENS_MODELS',
    'Calibration',
    'CalibrationError',
    'CalibrationWarning',
    'Camera',
    'Cameras',
    'Convention',
    'Lens',
    'calibrated_camera',
    'camera_of_images',
    'cameras_of_views',
    'intrinsic_matrix',
    'parse_unit',
    'pinhole_pixels',
    'points_in_camera',
    'read_calibration',
    'rotation_of',
    'stack_cameras',
    'unstack_cameras',
    'unusual_principal_point',
    'write_calibration',
]
