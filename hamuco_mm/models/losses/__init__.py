"""Losses: agreement between views, priors of the hand."""

from .hand_losses import HandLosses
from .hand_prior import HandPosePriorLoss, HandShapePriorLoss
from .multiview import FusedPointsLoss, ViewConsistency2DLoss

__all__ = [
    'FusedPointsLoss',
    'HandLosses',
    'HandPosePriorLoss',
    'HandShapePriorLoss',
    'ViewConsistency2DLoss',
]
