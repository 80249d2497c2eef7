from .compile_hook import CompileHook
from .loss_schedule_hook import LossScheduleHook
from .memory_format_hook import MemoryFormatHook

__all__ = ['CompileHook', 'LossScheduleHook', 'MemoryFormatHook']
