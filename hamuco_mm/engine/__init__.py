"""Hooks, loops and optimizer wrappers that a config names."""

from .hooks import (
    CapturedStepHook,
    CompileHook,
    DeferredRuntimeInfoHook,
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
    'CapturedStepHook',
    'CompileHook',
    'DeferredRuntimeInfoHook',
    'FingerSpreadHook',
    'HandModelHook',
    'HandSideHook',
    'LossScheduleHook',
    'MemoryFormatHook',
    'ViewSubsetLoop',
]
