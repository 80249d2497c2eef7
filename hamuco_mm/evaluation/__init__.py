"""Evaluation: error functions and the metrics a config names."""

from .metrics import AbsoluteHandMetric, HandMeshMetric, ReprojectionMetric

__all__ = ['AbsoluteHandMetric', 'HandMeshMetric', 'ReprojectionMetric']
