"""What travels between the rooms: results of the networks, groups of views,
and predictions with their files."""

from ..hand_model import HandMesh
from .crop_rotations import cam_to_crop_rotations, world_to_crop_rotations
from .hand_estimate import SIGMA_SHARE, HandEstimate
from .hand_targets import HandTargets, RowLabels, StackedSamples, targets_of
from .predicted_views import PredictedViews
from .stage import Stage
from .tensor_tree import TensorTree
from .view_frames import ViewFrames
from .view_groups import ViewGroups, group_sizes, mean_weights, window_sizes
from .view_samples import (
    LARGEST_COORDINATE,
    camera_of,
    camera_order,
    check_moderate,
    describe,
    ground_truth,
    moderate,
    prediction,
    split_items,
    split_time_steps,
    stack_ground_truth,
    stack_predictions,
    without_meshes,
)

__all__ = [
    'LARGEST_COORDINATE',
    'SIGMA_SHARE',
    'HandEstimate',
    'HandMesh',
    'HandTargets',
    'PredictedViews',
    'RowLabels',
    'StackedSamples',
    'Stage',
    'TensorTree',
    'ViewFrames',
    'ViewGroups',
    'cam_to_crop_rotations',
    'camera_of',
    'camera_order',
    'check_moderate',
    'describe',
    'ground_truth',
    'group_sizes',
    'mean_weights',
    'moderate',
    'prediction',
    'split_items',
    'split_time_steps',
    'stack_ground_truth',
    'stack_predictions',
    'targets_of',
    'window_sizes',
    'without_meshes',
    'world_to_crop_rotations',
]
