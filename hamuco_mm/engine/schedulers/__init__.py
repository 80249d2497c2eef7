"""Schedules of the learning rate."""

from .bounded_linear_lr import BoundedLinearLR

__all__ = ['BoundedLinearLR']
