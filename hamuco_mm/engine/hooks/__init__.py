"""Hooks of training: compilation, loss schedule, hand model, memory format."""

from .compile_hook import CompileHook
from .hand_model_hook import HandModelHook
from .loss_schedule_hook import LossScheduleHook
from .memory_format_hook import MemoryFormatHook

__all__ = ['CompileHook', 'HandModelHook', 'LossScheduleHook', 'MemoryFormatHook']
