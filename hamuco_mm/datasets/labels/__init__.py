"""2D labels of hands in files of this package and of other programs.

``docs/label_files.md`` lists the formats.
"""

from .camera_files import CameraLabels
from .hand_label import HandLabel, read_label, write_label
from .matching import match_labels
from .notes import LabelNotes

__all__ = [
    'CameraLabels',
    'HandLabel',
    'LabelNotes',
    'match_labels',
    'read_label',
    'write_label',
]
