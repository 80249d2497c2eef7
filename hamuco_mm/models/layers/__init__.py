"""Layers that heads and necks are made of."""

from .frame_attention import FrameAttention
from .graph_features import (
    NORMALISING_LENGTH,
    JointFeatureSampler,
    JointLocationEmbedding,
    SpatialAwareGraphBuilder,
)
from .hand_decoder import HandDecoder
from .keypoint_scales import KeypointScales, sigma_factor
from .random_views import hide_random_views, keep_random_views
from .release_graph import (
    HandLocationEmbedding,
    JointMapsGraphBuilder,
    PreNormGCN,
    RawJointFeatureSampler,
)
from .view_interaction import (
    DEFAULT_GCN,
    AdaptiveGCN,
    CrossViewAttention,
    ViewSharedFeature,
)

__all__ = [
    'DEFAULT_GCN',
    'NORMALISING_LENGTH',
    'AdaptiveGCN',
    'CrossViewAttention',
    'FrameAttention',
    'HandDecoder',
    'HandLocationEmbedding',
    'JointFeatureSampler',
    'JointLocationEmbedding',
    'JointMapsGraphBuilder',
    'KeypointScales',
    'PreNormGCN',
    'RawJointFeatureSampler',
    'SpatialAwareGraphBuilder',
    'ViewSharedFeature',
    'hide_random_views',
    'keep_random_views',
    'sigma_factor',
]
