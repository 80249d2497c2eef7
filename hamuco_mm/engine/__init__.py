from .hooks import LossScheduleHook

__all__ = ['LossScheduleHook']
