from .bbox_transforms import RandomCropBox
from .color_transforms import RandomChannelGain
from .loading import LoadImageCached

__all__ = ['LoadImageCached', 'RandomChannelGain', 'RandomCropBox']
