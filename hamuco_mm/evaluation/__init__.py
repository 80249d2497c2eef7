"""Evaluation: error functions and the metrics a config names."""
from .metrics import HandMeshMetric, ReprojectionMetric

__all__ = ['HandMeshMetric', 'ReprojectionMetric']
