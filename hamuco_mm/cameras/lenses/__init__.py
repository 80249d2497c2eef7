"""How lenses bend straight lines."""

from .lens import LENS_MODELS, Lens

__all__ = ['LENS_MODELS', 'Lens']
