"""What travels between the rooms: results of the networks, groups of views,
and predictions with their files."""

from ..hand_model import HandMesh
from .hand_estimate import HandEstimate
from .predicted_views import PredictedViews
from .stage import Stage
from .view_groups import ViewGroups, group_sizes
from .view_samples import (
    camera_order,
    describe,
    ground_truth,
    prediction,
    split_items,
    without_meshes,
)

__all__ = [
    'HandEstimate',
    'HandMesh',
    'PredictedViews',
    'Stage',
    'ViewGroups',
    'camera_order',
    'describe',
    'ground_truth',
    'group_sizes',
    'prediction',
    'split_items',
    'without_meshes',
]
