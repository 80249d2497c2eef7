from .hand_prior import HandPosePriorLoss, HandShapePriorLoss
from .multiview import FusedPointsLoss, ViewConsistency2DLoss

__all__ = [
    'HandPosePriorLoss', 'HandShapePriorLoss', 'FusedPointsLoss',
    'ViewConsistency2DLoss'
]
