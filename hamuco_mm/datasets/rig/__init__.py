"""Recordings of any rig of synchronised cameras."""

from ..labels.hand_label import HandLabel, read_label, write_label
from .annotation_reading import (
    annotated_bbox,
    annotated_joints,
    check_annotations,
    read_annotations,
)
from .annotations import empty_annotations, make_annotation, write_annotations
from .dataset import RigHandDataset
from .folder import RigFolder, scan_folder

__all__ = [
    'HandLabel',
    'RigFolder',
    'RigHandDataset',
    'annotated_bbox',
    'annotated_joints',
    'check_annotations',
    'empty_annotations',
    'make_annotation',
    'read_annotations',
    'read_label',
    'scan_folder',
    'write_annotations',
    'write_label',
]
