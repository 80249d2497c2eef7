from .absolute import OptCenter
from .data_preprocessors import HandDataPreprocessor
from .estimators import HaMuCo
from .heads import GraphMANOHead, MANOHead
from .losses import (FusedPointsLoss, HandPosePriorLoss, HandShapePriorLoss,
                     ViewConsistency2DLoss)
from .necks import CVINet

__all__ = [
    'HaMuCo', 'HandDataPreprocessor', 'GraphMANOHead', 'MANOHead',
    'FusedPointsLoss', 'HandPosePriorLoss', 'HandShapePriorLoss',
    'ViewConsistency2DLoss', 'CVINet', 'OptCenter'
]
