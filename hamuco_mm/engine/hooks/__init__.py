"""Hooks of training: compilation, loss schedule, hand model, hand sides, memory
format."""

from .compile_hook import CompileHook
from .finger_spread_hook import FingerSpreadHook
from .hand_model_hook import HandModelHook
from .hand_side_hook import HandSideHook
from .loss_schedule_hook import LossScheduleHook
from .memory_format_hook import MemoryFormatHook

__all__ = [
    'CompileHook',
    'FingerSpreadHook',
    'HandModelHook',
    'HandSideHook',
    'LossScheduleHook',
    'MemoryFormatHook',
]
