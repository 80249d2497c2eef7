"""Hooks, loops, optimizer wrappers and schedules that a config names."""

from .captured_predictions import CapturedPredictions
from .hooks import (
    CapturedPredictionHook,
    CapturedStepHook,
    CompileHook,
    DeferredRuntimeInfoHook,
    FingerSpreadHook,
    HandModelHook,
    HandSideHook,
    JointOrderHook,
    LossScheduleHook,
    MeanTeacherHook,
    MemoryFormatHook,
    PauseHook,
    RunSummaryHook,
    TimeBudgetHook,
)
from .logs import TableLogProcessor
from .loops import ViewSubsetLoop
from .optim_wrappers import BFloat16OptimWrapper
from .schedulers import BoundedLinearLR

__all__ = [
    'BFloat16OptimWrapper',
    'BoundedLinearLR',
    'CapturedPredictionHook',
    'CapturedPredictions',
    'CapturedStepHook',
    'CompileHook',
    'DeferredRuntimeInfoHook',
    'FingerSpreadHook',
    'HandModelHook',
    'HandSideHook',
    'JointOrderHook',
    'LossScheduleHook',
    'MeanTeacherHook',
    'MemoryFormatHook',
    'PauseHook',
    'RunSummaryHook',
    'TableLogProcessor',
    'TimeBudgetHook',
    'ViewSubsetLoop',
]
