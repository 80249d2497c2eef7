"""The networks: estimators, heads, necks, layers, losses, hands in the world."""

from .absolute import OptCenter
from .data_preprocessors import HandDataPreprocessor
from .estimators import HaMuCo
from .heads import (
    GraphMANOHead,
    MANOHead,
    TriangulationHead,
    VolumetricTriangulationHead,
)
from .losses import (
    FeatureDistillLoss,
    FusedPointsLoss,
    HandPosePriorLoss,
    HandShapePriorLoss,
    LaplaceKeypointLoss,
    MixedViewsLoss,
    RobustKeypointLoss,
    ViewConsistency2DLoss,
)
from .necks import CVINet
from .relabelling import FusedRelabelling

__all__ = [
    'CVINet',
    'FeatureDistillLoss',
    'FusedPointsLoss',
    'FusedRelabelling',
    'GraphMANOHead',
    'HaMuCo',
    'HandDataPreprocessor',
    'HandPosePriorLoss',
    'HandShapePriorLoss',
    'LaplaceKeypointLoss',
    'MANOHead',
    'MixedViewsLoss',
    'OptCenter',
    'RobustKeypointLoss',
    'TriangulationHead',
    'ViewConsistency2DLoss',
    'VolumetricTriangulationHead',
]
