"""Hooks, loops and optimizer wrappers that a config names."""

from .captured_predictions import CapturedPredictions
from .hooks import (
    CapturedPredictionHook,
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
    'CapturedPredictionHook',
    'CapturedPredictions',
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
