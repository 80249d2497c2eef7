"""Packages that only some parts need, imported when one is used."""

import importlib
from types import ModuleType


def import_extra(name: str, extra: str) -> ModuleType:
    """Import an optional package.

    Args:
        name (str): The module.
        extra (str): The extra of hamuco_mm that installs it.

    Raises:
        ImportError: If it is not installed; says how to.
    """
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise ImportError(
            f'{name} is not installed (or not completely: {error}). It comes '
            f'with the extra "{extra}": pip install "hamuco_mm[{extra}]", or '
            f'pip install -e ".[{extra}]" in the sources'
        ) from error
