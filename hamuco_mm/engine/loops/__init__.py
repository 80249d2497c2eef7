"""Loops over a data set, for tests with fewer views."""

from .view_subset_loop import ViewSubsetLoop

__all__ = ['ViewSubsetLoop']
