"""Data sets that others have published, in their own layouts."""

from .assemblyhands import AssemblyHandsDataset
from .coco_wholebody_hand import CocoWholeBodyHandWithSideDataset
from .dexycb import DexYCBDataset
from .flat_hand_dataset import FlatHandDataset
from .freihand import FreiHAND3DDataset
from .h2o import H2ODataset
from .ho3d import HO3DDataset
from .interhand import InterHand26MDataset

__all__ = [
    'AssemblyHandsDataset',
    'CocoWholeBodyHandWithSideDataset',
    'DexYCBDataset',
    'FlatHandDataset',
    'FreiHAND3DDataset',
    'H2ODataset',
    'HO3DDataset',
    'InterHand26MDataset',
]
