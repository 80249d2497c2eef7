"""The former place of :mod:`hamuco_mm.cameras`, for code written for it.

New code imports from :mod:`hamuco_mm.cameras`.
"""

from ..cameras import EXTRINSICS as EXTRINSICS
from ..cameras import FORMATS as FORMATS
from ..cameras import Calibration as Calibration
from ..cameras import CalibrationError as CalibrationError
from ..cameras import Camera as Camera
from ..cameras import Convention as Convention
from ..cameras import parse_unit as parse_unit
from ..cameras import read_calibration as read_calibration
from ..cameras import write_calibration as write_calibration


def rescale_camera(camera: Camera, image_size: tuple[int, int]) -> Camera:
    """See :meth:`~hamuco_mm.cameras.Camera.resize`."""
    return camera.resize(image_size)
