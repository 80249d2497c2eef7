"""Writes one page for each package of hamuco_mm: its modules, from docstrings.

The pages follow the packages that are there; nothing is listed by hand.
"""

import importlib
import inspect
import pkgutil
from pathlib import Path

from sphinx.application import Sphinx

PACKAGE = 'hamuco_mm'
FOLDER = '_generated/api'


def packages_and_modules(package: str) -> dict[str, list[str]]:
    """The dotted names of all packages, with those of their modules."""
    root = importlib.import_module(package)
    found = {package: []}
    for module in pkgutil.walk_packages(root.__path__, f'{package}.'):
        if module.name.rpartition('.')[2].startswith('_'):
            continue
        if module.ispkg:
            found[module.name] = []
        else:
            found[module.name.rpartition('.')[0]].append(module.name)
    return found


def _page(package: str, modules: list[str], children: list[str]) -> str:
    lines = [package, '=' * len(package), '', f'.. automodule:: {package}', '']
    if children:
        lines += ['.. toctree::', '   :hidden:', '']
        lines += [f'   {child}' for child in children] + ['']
        lines += [f'* :doc:`{child}` – {_summary(child)}' for child in children] + ['']
    for module in modules:
        name = module.rpartition('.')[2]
        lines += [name, '-' * len(name), '', f'.. automodule:: {module}', '']
    return '\n'.join(lines)


def _summary(package: str) -> str:
    """The first paragraph of a package's docstring, on one line."""
    docstring = inspect.getdoc(importlib.import_module(package)) or ''
    return ' '.join(docstring.partition('\n\n')[0].split())


def write_if_changed(path: Path, text: str) -> None:
    """Sphinx reads again only what has a new time of change."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_text() != text:
        path.write_text(text)


def write_pages(app: Sphinx) -> None:
    """The pages of all packages, and no others, in ``_generated/api``."""
    folder = Path(app.srcdir, FOLDER)
    found = packages_and_modules(PACKAGE)
    for package, modules in found.items():
        children = [name for name in found if name.rpartition('.')[0] == package]
        write_if_changed(folder / f'{package}.rst', _page(package, modules, children))
    for page in folder.glob('*.rst'):
        if page.stem not in found:
            page.unlink()


def tidy_signature(
    app: Sphinx, what, name, found, options, signature: str | None, returns
) -> tuple[str | None, str | None]:
    """Defaults that a dataclass makes are shown as ``...``, which is Python."""
    return signature and signature.replace('<factory>', '...'), returns


def complete_docstring(
    app: Sphinx, what: str, name: str, found: object, options, lines: list[str]
) -> None:
    """What a class inherits from comes first. And Napoleon would take what stands
    before a colon in the first line of an attribute's docstring for its type."""
    if what == 'class' and isinstance(found, type):
        bases = [
            f':class:`~{base.__module__}.{base.__qualname__}`'
            for base in found.__bases__
            if base.__module__ != 'builtins' and not base.__name__.startswith('_')
        ]
        if bases:
            lines[:0] = [f'Inherits {", ".join(bases)}.', '']
    if what in ('attribute', 'data', 'property') and lines:
        lines[0] = lines[0].replace(': ', ' – ')


def setup(app: Sphinx) -> dict:
    """Called by Sphinx."""
    app.connect('builder-inited', write_pages)
    app.connect('autodoc-process-signature', tidy_signature)
    app.connect('autodoc-process-docstring', complete_docstring, priority=100)
    return dict(parallel_read_safe=True, parallel_write_safe=True)
