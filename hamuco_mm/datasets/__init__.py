from .collate import multiview_collate
from .hanco import HanCoDataset
from .multiview_dataset import MultiViewDataset
from .transforms import (LoadImageCached, PackHandInputs, RandomChannelGain,
                         RandomCropBox)

__all__ = [
    'HanCoDataset', 'LoadImageCached', 'MultiViewDataset', 'PackHandInputs',
    'RandomChannelGain', 'RandomCropBox', 'multiview_collate'
]
