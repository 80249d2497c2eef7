from .view_subset_loop import ViewSubsetLoop

__all__ = ['ViewSubsetLoop']
