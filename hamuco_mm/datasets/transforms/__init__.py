from .bbox_transforms import RandomCropBox
from .color_transforms import RandomChannelGain
from .formatting import PackHandInputs
from .loading import LoadImageCached
from .mirroring import MirrorLeftHand
from .viewing_ray import ViewingRayRotation

__all__ = [
    'LoadImageCached', 'MirrorLeftHand', 'PackHandInputs', 'RandomChannelGain',
    'RandomCropBox',
    'ViewingRayRotation'
]
