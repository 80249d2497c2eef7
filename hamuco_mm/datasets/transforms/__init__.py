from .bbox_transforms import RandomCropBox
from .color_transforms import RandomChannelGain
from .formatting import PackHandInputs
from .loading import LoadImageCached

__all__ = [
    'LoadImageCached', 'PackHandInputs', 'RandomChannelGain', 'RandomCropBox'
]
