"""Metrics, registered in ``mmpose.registry.METRICS``."""

from .absolute_hand_metric import AbsoluteHandMetric
from .absolute_hands import absolute_hand
from .challenge_metrics import FreiHANDMetric, HO3DMetric
from .dump_challenge import DumpFreiHAND, DumpHO3D
from .dump_views import DumpViews
from .hand_mesh_metric import HandMeshMetric
from .keypoint_sigma_metric import KeypointSigmaMetric
from .reprojection_metric import ReprojectionMetric

__all__ = [
    'AbsoluteHandMetric',
    'DumpFreiHAND',
    'DumpHO3D',
    'DumpViews',
    'FreiHANDMetric',
    'HO3DMetric',
    'HandMeshMetric',
    'KeypointSigmaMetric',
    'ReprojectionMetric',
    'absolute_hand',
]
