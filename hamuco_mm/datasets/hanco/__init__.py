"""HanCo and other data sets in its layout, with an index of their files."""

from .dataset import HanCoDataset

__all__ = ['HanCoDataset']
