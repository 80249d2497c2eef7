"""Losses: agreement between views, priors of the hand."""

from .feature_distill import FeatureDistillLoss
from .hand_losses import DEFAULT_LOSS_KEYPOINT, DEFAULT_LOSS_POSE, HandLosses
from .hand_prior import HandPosePriorLoss, HandShapePriorLoss, finger_axis_angles
from .laplace_keypoint import LaplaceKeypointLoss
from .mixed_views import MixedViewsLoss, mixed_projections
from .multiview import VIEW_LOSSES, FusedPointsLoss, ViewConsistency2DLoss
from .robust_keypoint import RobustKeypointLoss

__all__ = [
    'DEFAULT_LOSS_KEYPOINT',
    'DEFAULT_LOSS_POSE',
    'VIEW_LOSSES',
    'FeatureDistillLoss',
    'FusedPointsLoss',
    'HandLosses',
    'HandPosePriorLoss',
    'HandShapePriorLoss',
    'LaplaceKeypointLoss',
    'MixedViewsLoss',
    'RobustKeypointLoss',
    'ViewConsistency2DLoss',
    'finger_axis_angles',
    'mixed_projections',
]
