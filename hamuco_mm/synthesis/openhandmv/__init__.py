"""OpenHandMV: generated recordings with three splits, versions and checksums."""

from .checking import Verification, verify_openhandmv
from .generation import RECORD, generate_openhandmv
from .presets import PRESETS, VERSION, Preset

__all__ = [
    'PRESETS',
    'RECORD',
    'VERSION',
    'Preset',
    'Verification',
    'generate_openhandmv',
    'verify_openhandmv',
]
