from .hooks import LossScheduleHook, MemoryFormatHook
from .loops import ViewSubsetLoop
from .optim_wrappers import BFloat16OptimWrapper

__all__ = [
    'BFloat16OptimWrapper', 'LossScheduleHook', 'MemoryFormatHook',
    'ViewSubsetLoop'
]
