"""Metrics, registered in ``mmpose.registry.METRICS``."""
from .hand_mesh_metric import HandMeshMetric
from .reprojection_metric import ReprojectionMetric

__all__ = ['HandMeshMetric', 'ReprojectionMetric']
