"""Choice of the renderer."""

from .gl_rendering import ModernglRenderer
from .numpy_rendering import NumpyRenderer
from .surface import Renderer

RENDERERS = ('numpy', 'moderngl', 'auto')


def make_renderer(name: str = 'numpy') -> Renderer:
    """Renderer by name: 'numpy', 'moderngl', or 'auto'.

    'auto' takes moderngl where it works, else numpy. The pictures of the two
    differ slightly: name the renderer of a data set that has to be the same
    everywhere.

    Raises:
        RuntimeError: If 'moderngl' is asked for and does not work here.
        ValueError: If the name is unknown.
    """
    if name == 'numpy':
        return NumpyRenderer()
    if name not in RENDERERS:
        raise ValueError(f'renderer must be one of {RENDERERS}, got {name!r}')
    try:
        return ModernglRenderer()
    except RuntimeError:
        if name == 'moderngl':
            raise
        return NumpyRenderer()
