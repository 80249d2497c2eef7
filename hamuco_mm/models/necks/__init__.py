"""Necks: the interaction between views."""

from .cvi_net import CVINet, DualBranchInteraction
from .view_shared_graph import ViewSharedGraphFeature

__all__ = ['CVINet', 'DualBranchInteraction', 'ViewSharedGraphFeature']
