from .collate import multiview_collate
from .hanco import HanCoDataset
from .multiview_dataset import MultiViewDataset
from .rig import MultiViewHandDataset
from .transforms import (LoadImageCached, MirrorLeftHand, PackHandInputs,
                         RandomChannelGain, RandomCropBox)

__all__ = [
    'HanCoDataset', 'LoadImageCached', 'MirrorLeftHand', 'MultiViewDataset',
    'MultiViewHandDataset', 'PackHandInputs', 'RandomChannelGain',
    'RandomCropBox', 'multiview_collate'
]
