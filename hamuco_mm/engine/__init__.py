from .hooks import LossScheduleHook
from .optim_wrappers import BFloat16OptimWrapper

__all__ = ['BFloat16OptimWrapper', 'LossScheduleHook']
