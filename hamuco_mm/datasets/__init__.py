"""Data sets: single images, their grouping by time step, transforms, batches."""

from .collate import multiview_collate
from .frame_window_dataset import FrameWindowDataset
from .hanco import HanCoDataset
from .multiview_dataset import MultiViewDataset
from .partial_epoch_sampler import PartialEpochSampler
from .published import (
    AssemblyHandsDataset,
    CocoWholeBodyHandWithSideDataset,
    DexYCBDataset,
    FreiHAND3DDataset,
    H2ODataset,
    HO3DDataset,
    InterHand26MDataset,
)
from .repeated_sampler import RepeatedSampler
from .rig import RigHandDataset
from .storage import FolderLmdbBackend
from .transforms import (
    DeviceTopdownAffine,
    FastTopdownAffine,
    LoadImageCached,
    LoadJPEG,
    MirrorLeftHand,
    PackHandInputs,
    RandomChannelGain,
    RandomCropBox,
    RandomImageFolder,
    RemoveLabels,
    TriangulateLabels,
)

__all__ = [
    'AssemblyHandsDataset',
    'CocoWholeBodyHandWithSideDataset',
    'DeviceTopdownAffine',
    'DexYCBDataset',
    'FastTopdownAffine',
    'FolderLmdbBackend',
    'FrameWindowDataset',
    'FreiHAND3DDataset',
    'H2ODataset',
    'HO3DDataset',
    'HanCoDataset',
    'InterHand26MDataset',
    'LoadImageCached',
    'LoadJPEG',
    'MirrorLeftHand',
    'MultiViewDataset',
    'PackHandInputs',
    'PartialEpochSampler',
    'RandomChannelGain',
    'RandomCropBox',
    'RandomImageFolder',
    'RemoveLabels',
    'RepeatedSampler',
    'RigHandDataset',
    'TriangulateLabels',
    'multiview_collate',
]
