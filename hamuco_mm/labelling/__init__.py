"""2D pseudo labels: made by a 2D model, read from files, cleaned.

``tools/misc/pseudo_label.py`` and ``tools/misc/clean_labels.py`` are these
parts put together; ``docs/pseudo_labels.md`` describes them.
"""

from .agreement import agreement
from .boxes import BoxesOfData, BoxFile, DetectorBoxes, FixedBox, WholeImage
from .clean_files import clean_hanco, clean_rig
from .fused_labels import (
    labels_of_time_steps,
    predict_labels,
    view_agreement,
    write_labels,
)
from .hand_image import HandImage, UnreadableImageError
from .landmark_files import LandmarkFiles
from .model_labels import ModelInputs, label_images, read_labels
from .openpose_files import OpenPoseFiles
from .predictor import HandPredictor
from .processes import label_dataset
from .shards import Shards
from .targets import open_target

__all__ = [
    'BoxFile',
    'BoxesOfData',
    'DetectorBoxes',
    'FixedBox',
    'HandImage',
    'HandPredictor',
    'LandmarkFiles',
    'ModelInputs',
    'OpenPoseFiles',
    'Shards',
    'UnreadableImageError',
    'WholeImage',
    'agreement',
    'clean_hanco',
    'clean_rig',
    'label_dataset',
    'label_images',
    'labels_of_time_steps',
    'open_target',
    'predict_labels',
    'read_labels',
    'view_agreement',
    'write_labels',
]
