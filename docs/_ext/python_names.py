"""Resolves names of Python objects that Sphinx by itself does not find.

Docstrings name things as their module sees them: ``:class:`LoadImage``` for what
the module imports, ``:func:`~hamuco_mm.geometry.umeyama``` for what a package hands
on. Such a name is looked up in Python, and the link leads to where the object is
defined. Objects of other packages have no page here; they must exist.
"""

import builtins
import importlib
import inspect
from collections.abc import Iterator
from typing import TypeVar

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

_MISSING = object()


def find_object(name: str) -> object:
    """The object that a dotted name stands for, ``_MISSING`` if there is none."""
    parts = name.split('.')
    for count in range(len(parts), 0, -1):
        try:
            found = importlib.import_module('.'.join(parts[:count]))
        except ImportError:
            continue
        for part in parts[count:]:
            found = getattr(found, part, _MISSING)
        return found
    return getattr(builtins, name, _MISSING)


def _home(found: object) -> str:
    """Where an object is defined, as a dotted name."""
    if inspect.ismodule(found):
        return found.__name__
    return f'{getattr(found, "__module__", "")}.{getattr(found, "__qualname__", "")}'


def resolve(
    app: Sphinx, env: BuildEnvironment, node: pending_xref, contnode: nodes.Element
) -> nodes.Node | None:
    """Sphinx asks here for what it did not find."""
    if node.get('refdomain') != 'py':
        return None
    # a long name may be broken over two lines
    domain, target = env.get_domain('py'), ''.join(node['reftarget'].split())
    if node['reftype'] == 'attr' and target in _fields(node):
        return contnode
    for name in _meanings(app, node, target):
        found = find_object(name)
        if found is _MISSING:
            continue
        home = _home(found)
        if home.partition('.')[0] != 'hamuco_mm' or isinstance(found, TypeVar):
            return contnode
        if home in domain.objects:
            return domain.resolve_xref(
                env, node['refdoc'], app.builder, 'obj', home, node, contnode
            )
    homes = [name for name in domain.objects if name.endswith(f'.{target}')]
    if len(homes) != 1:
        return None
    return domain.resolve_xref(
        env, node['refdoc'], app.builder, 'obj', homes[0], node, contnode
    )


def _fields(node: pending_xref) -> set[str]:
    """Fields of the class that refers to one; those without a default are no
    attributes of the class in Python."""
    owner = find_object(f'{node.get("py:module")}.{node.get("py:class")}')
    classes = owner.__mro__ if isinstance(owner, type) else ()
    return {name for one in classes for name in vars(one).get('__annotations__', {})}


def _meanings(app: Sphinx, node: pending_xref, target: str) -> Iterator[str]:
    """What a name may stand for: seen from its class, from its module, anywhere."""
    module, owner = node.get('py:module'), node.get('py:class')
    if owner:
        yield f'{module}.{owner}.{target}'
    if module:
        yield f'{module}.{target}'
    yield target
    for place in app.config.python_names_modules:
        yield f'{place}.{target}'


def setup(app: Sphinx) -> dict:
    """Called by Sphinx."""
    app.add_config_value('python_names_modules', [], 'env', list)
    app.connect('missing-reference', resolve)
    return dict(parallel_read_safe=True, parallel_write_safe=True)
