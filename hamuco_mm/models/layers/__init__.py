"""Layers that heads and necks are made of."""

from .graph_features import (
    NORMALISING_LENGTH,
    JointFeatureSampler,
    JointLocationEmbedding,
    SpatialAwareGraphBuilder,
)
from .hand_decoder import HandDecoder
from .random_views import hide_random_views, keep_random_views
from .view_interaction import AdaptiveGCN, CrossViewAttention, ViewSharedFeature

__all__ = [
    'NORMALISING_LENGTH',
    'AdaptiveGCN',
    'CrossViewAttention',
    'HandDecoder',
    'JointFeatureSampler',
    'JointLocationEmbedding',
    'SpatialAwareGraphBuilder',
    'ViewSharedFeature',
    'hide_random_views',
    'keep_random_views',
]
