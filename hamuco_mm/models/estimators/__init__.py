from .hamuco import HaMuCo, MultiViewEstimate

__all__ = ['HaMuCo', 'MultiViewEstimate']
