"""The whole network, from images to losses or predictions."""

from .hamuco import HaMuCo
from .multiview_estimate import MultiViewEstimate, replace_mesh

__all__ = ['HaMuCo', 'MultiViewEstimate', 'replace_mesh']
