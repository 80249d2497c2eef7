"""Calibration files of several programs, read as data, never as code."""

from .camera import Camera, rescale_camera
from .conventions import EXTRINSICS, Convention, parse_unit
from .files.errors import CalibrationError
from .files.reading import FORMATS, Calibration, read_calibration
from .files.writing import write_calibration

__all__ = [
    'EXTRINSICS',
    'FORMATS',
    'Calibration',
    'CalibrationError',
    'Camera',
    'Convention',
    'parse_unit',
    'read_calibration',
    'rescale_camera',
    'write_calibration',
]
