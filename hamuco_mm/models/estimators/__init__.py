"""The whole network, from images to losses or predictions."""

from .hamuco import HaMuCo, MultiViewEstimate

__all__ = ['HaMuCo', 'MultiViewEstimate']
