from .collate import multiview_collate
from .hanco import HanCoDataset
from .multiview_dataset import MultiViewDataset
from .transforms import (LoadImageCached, MirrorLeftHand, PackHandInputs,
                         RandomChannelGain, RandomCropBox)

__all__ = [
    'HanCoDataset', 'LoadImageCached', 'MirrorLeftHand', 'MultiViewDataset',
    'PackHandInputs', 'RandomChannelGain', 'RandomCropBox', 'multiview_collate'
]
