from .hooks import CompileHook, LossScheduleHook, MemoryFormatHook
from .loops import ViewSubsetLoop
from .optim_wrappers import BFloat16OptimWrapper

__all__ = [
    'BFloat16OptimWrapper',
    'CompileHook',
    'LossScheduleHook',
    'MemoryFormatHook',
    'ViewSubsetLoop',
]
