from .weak_perspective_label import WeakPerspectiveLabel

__all__ = ['WeakPerspectiveLabel']
