"""Metrics, registered in ``mmpose.registry.METRICS``."""
from .dump_views import DumpViews
from .hand_mesh_metric import HandMeshMetric
from .reprojection_metric import ReprojectionMetric

__all__ = ['DumpViews', 'HandMeshMetric', 'ReprojectionMetric']
