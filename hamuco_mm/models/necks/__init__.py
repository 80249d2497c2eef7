"""Necks: the interaction between views."""

from .cvi_net import CVINet, DualBranchInteraction, ViewSharedGraphFeature

__all__ = ['CVINet', 'DualBranchInteraction', 'ViewSharedGraphFeature']
