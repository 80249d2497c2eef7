"""Optimizer wrappers, for training in bfloat16."""

from .bfloat16_optim_wrapper import BFloat16OptimWrapper, has_bfloat16

__all__ = ['BFloat16OptimWrapper', 'has_bfloat16']
