"""Evaluation: error functions and the metrics a config names."""

from .metrics import (
    AbsoluteHandMetric,
    HandMeshMetric,
    KeypointSigmaMetric,
    ReprojectionMetric,
)

__all__ = [
    'AbsoluteHandMetric',
    'HandMeshMetric',
    'KeypointSigmaMetric',
    'ReprojectionMetric',
]
