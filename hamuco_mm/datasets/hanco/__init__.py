from .dataset import HanCoDataset

__all__ = ['HanCoDataset']
