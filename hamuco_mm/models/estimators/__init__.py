"""The whole network, from images to losses or predictions."""

from .hamuco import HaMuCo, finger_spread
from .multiview_estimate import MultiViewEstimate, replace_mesh

__all__ = ['HaMuCo', 'MultiViewEstimate', 'finger_spread', 'replace_mesh']
