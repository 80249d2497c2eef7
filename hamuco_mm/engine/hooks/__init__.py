from .loss_schedule_hook import LossScheduleHook
from .memory_format_hook import MemoryFormatHook

__all__ = ['LossScheduleHook', 'MemoryFormatHook']
