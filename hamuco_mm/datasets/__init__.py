from .collate import multiview_collate
from .hanco import HanCoDataset
from .multiview_dataset import MultiViewDataset

__all__ = ['HanCoDataset', 'MultiViewDataset', 'multiview_collate']
