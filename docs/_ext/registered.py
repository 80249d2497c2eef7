"""What hamuco_mm registers, and what a config can say to it: from the code."""

import inspect
import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

import mmengine.registry
import mmpose.registry
from mmengine.registry import Registry

import hamuco_mm
import hamuco_mm.apis.inferencers  # not imported by the package itself

REQUIRED = inspect.Parameter.empty
_ITEM = re.compile(r'(\*{0,2}\w+)(?: \((.*?)\))?:(?: (.*))?$')
_SECTION = re.compile(r'[A-Z]\w+( Keys)?:$')


class Component(NamedTuple):
    """A registered class or function.

    Attributes:
        names (tuple[str]): What ``type`` in a config may be, the class's first.
        made (type | Callable): The class or function.
    """

    names: tuple[str, ...]
    made: type | Callable

    @property
    def name(self) -> str:
        """The first of the names."""
        return self.names[0]


class Argument(NamedTuple):
    """An argument that a config may give.

    Attributes:
        name (str): The key in the config.
        kind (str): Type in words, from the docstring; may be empty.
        default (object): ``REQUIRED`` if there is none.
        text (str): What the docstring says; empty if it says nothing.
        home (type | Callable): What documents the argument: the class itself
            or one that it inherits from.
    """

    name: str
    kind: str
    default: object
    text: str
    home: type | Callable


def components() -> dict[str, list[Component]]:
    """What hamuco_mm registers, by the name of the registry."""
    registries = {**vars(mmengine.registry), **vars(mmpose.registry)}
    found = {}
    for name, registry in sorted(registries.items()):
        if not isinstance(registry, Registry):
            continue
        names = {}
        for key, made in registry.module_dict.items():
            if made.__module__.partition('.')[0] == hamuco_mm.__name__:
                names.setdefault(made, []).append(key)
        if names:
            found[name] = sorted(
                Component(tuple(sorted(keys, key=lambda k: k != made.__name__)), made)
                for made, keys in names.items()
            )
    return found


def arguments(made: type | Callable) -> list[Argument]:
    """All arguments that a config may give, in the order of the signatures.

    Arguments that go on to a base class by ``**kwargs`` are among them, those of
    base classes of other packages too.
    """
    found, accepts = {}, True
    for home, parameters, passes_on in _signatures(made):
        documented = documented_arguments(home)
        for parameter in parameters:
            name, (kind, text) = (
                parameter.name,
                documented.get(parameter.name, ('', '')),
            )
            if name not in found and accepts:
                found[name] = Argument(name, kind, parameter.default, text, home)
            elif name in found and not found[name].text:
                found[name] = found[name]._replace(kind=kind, text=text, home=home)
        # from here on, base classes say only what arguments mean
        accepts = accepts and passes_on
    return list(found.values())


def documented_arguments(made: type | Callable) -> dict[str, tuple[str, str]]:
    """Type and text of each item of the section ``Args`` of a docstring."""
    found = dict(_items(inspect.getdoc(made) or ''))
    if inspect.isclass(made) and '__init__' in vars(made):
        found.update(_items(inspect.getdoc(made.__init__) or ''))
    return found


def description(made: type | Callable) -> str:
    """The docstring up to its first section."""
    lines = (inspect.getdoc(made) or '').splitlines()
    ends = [i for i, line in enumerate(lines) if _SECTION.match(line)]
    return '\n'.join(lines[: ends[0]] if ends else lines).strip()


def _signatures(
    made: type | Callable,
) -> Iterator[tuple[type | Callable, list[inspect.Parameter], bool]]:
    """A class and those it passes arguments on to: with own parameters, and
    whether others are passed on."""
    for home in made.__mro__ if inspect.isclass(made) else [made]:
        if inspect.isclass(home) and '__init__' not in vars(home):
            continue
        if home is object:
            return
        function = home.__init__ if inspect.isclass(home) else home
        parameters = list(inspect.signature(function).parameters.values())
        named = [
            p
            for p in parameters[inspect.isclass(home) :]
            if p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)
        ]
        yield home, named, any(p.kind == p.VAR_KEYWORD for p in parameters)


def _items(docstring: str) -> Iterator[tuple[str, tuple[str, str]]]:
    lines = docstring.splitlines()
    if 'Args:' not in lines:
        return
    item = None
    for line in lines[lines.index('Args:') + 1 :]:
        indent = len(line) - len(line.lstrip())
        if line.strip() and not indent:
            break
        match = _ITEM.match(line.strip()) if indent == 4 else None
        if match:
            if item:
                yield _finished(*item)
            item = match[1].lstrip('*'), match[2] or '', [match[3] or '']
        elif item:
            item[2].append(line[8:])
    if item:
        yield _finished(*item)


def _finished(name: str, kind: str, lines: list[str]) -> tuple[str, tuple[str, str]]:
    return name, (kind, '\n'.join(lines).strip())
