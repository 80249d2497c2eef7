"""The former place of :mod:`hamuco_mm.cameras`, for code written for it.

New code imports from :mod:`hamuco_mm.cameras`.
"""

from ..cameras import (
    EXTRINSICS,
    FORMATS,
    Calibration,
    CalibrationError,
    Camera,
    Convention,
    parse_unit,
    read_calibration,
    write_calibration,
)

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


def rescale_camera(camera: Camera, image_size: tuple[int, int]) -> Camera:
    """See :meth:`~hamuco_mm.cameras.Camera.resize`."""
    return camera.resize(image_size)
