"""Hooks, loops and optimizer wrappers that a config names."""

from .hooks import (
    CompileHook,
    FingerSpreadHook,
    HandModelHook,
    HandSideHook,
    LossScheduleHook,
    MemoryFormatHook,
)
from .loops import ViewSubsetLoop
from .optim_wrappers import BFloat16OptimWrapper

__all__ = [
    'BFloat16OptimWrapper',
    'CompileHook',
    'FingerSpreadHook',
    'HandModelHook',
    'HandSideHook',
    'LossScheduleHook',
    'MemoryFormatHook',
    'ViewSubsetLoop',
]
