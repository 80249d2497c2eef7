from .bbox_transforms import RandomCropBox
from .color_transforms import RandomChannelGain
from .formatting import PackHandInputs
from .loading import LoadImageCached
from .mirroring import MirrorLeftHand

__all__ = [
    'LoadImageCached', 'MirrorLeftHand', 'PackHandInputs', 'RandomChannelGain',
    'RandomCropBox'
]
