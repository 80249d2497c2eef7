"""Hands in the world, from the views of calibrated cameras."""

from .opt_center import OptCenter

__all__ = ['OptCenter']
