"""What happens to one image and its labels before the network."""

from .bbox_transforms import RandomCropBox
from .color_transforms import RandomChannelGain
from .formatting import PackHandInputs
from .image_variants import RandomImageFolder
from .label_transforms import RemoveLabels
from .load_jpeg import LoadJPEG
from .loading import LoadImageCached
from .mirroring import MirrorLeftHand
from .topdown_affine import DeviceTopdownAffine, FastTopdownAffine
from .triangulate_labels import TriangulateLabels
from .viewing_ray import ViewingRayRotation

__all__ = [
    'DeviceTopdownAffine',
    'FastTopdownAffine',
    'LoadImageCached',
    'LoadJPEG',
    'MirrorLeftHand',
    'PackHandInputs',
    'RandomChannelGain',
    'RandomCropBox',
    'RandomImageFolder',
    'RemoveLabels',
    'TriangulateLabels',
    'ViewingRayRotation',
]
