"""Between pixel labels and the targets of the networks."""

from .weak_perspective_label import WeakPerspectiveLabel

__all__ = ['WeakPerspectiveLabel']
