"""Writes the config reference: each argument of each class that is registered.

An argument without a word in a docstring is a warning, so that a strict build fails.
"""

import inspect
import re
from pathlib import Path
from textwrap import indent

from api_pages import write_if_changed
from registered import (
    REQUIRED,
    Argument,
    Component,
    arguments,
    components,
    description,
    documented_arguments,
)
from sphinx.application import Sphinx
from sphinx.util import logging

FOLDER = '_generated/config'
# Docstrings of other packages refer to pages that are not here.
_ROLE = re.compile(r':\w+:`~?\.?([^`]*)`')
_TARGET = re.compile(r'(?<!`)`([^`<]+)`_+')
LOGGER = logging.getLogger(__name__)
# What a config calls them; other registries go by their own names.
TITLES = dict(
    DATASETS='Data sets',
    FUNCTIONS='Functions',
    HOOKS='Hooks',
    INFERENCERS='Inferencers',
    KEYPOINT_CODECS='Codecs',
    LOOPS='Loops',
    LOG_PROCESSORS='Logs',
    METRICS='Metrics',
    MODELS='Models',
    OPTIM_WRAPPERS='Optimizer wrappers',
    PARAM_SCHEDULERS='Schedules',
    DATA_SAMPLERS='Samplers',
    TRANSFORMS='Transforms',
    VISUALIZERS='Visualizers',
)


def in_config(value: object) -> str:
    """A default as one writes it in a config."""
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        items = ', '.join(f'{key}={in_config(item)}' for key, item in value.items())
        return f'dict({items})'
    return repr(value)


def _argument(argument: Argument, made: object) -> str:
    required = argument.default is REQUIRED
    facts = [f'**{argument.name}**', argument.kind.replace('*', '\\*')]
    facts.append(
        'required' if required else f'default ``{in_config(argument.default)}``'
    )
    text = argument.text
    if not argument.home.__module__.startswith('hamuco_mm'):
        text = _TARGET.sub(r'\1', _ROLE.sub(r'``\1``', text))
    if argument.home is not made:
        text += f'\n\n*From* :class:`~{_full_name(argument.home)}`.'
    return ' : '.join(filter(None, facts)) + '\n' + indent(text, '    ')


def _full_name(made: object) -> str:
    return f'{made.__module__}.{made.__qualname__}'


def _component(component: Component) -> str:
    made, found = component.made, arguments(component.made)
    for argument in found:
        if not argument.text:
            LOGGER.warning(
                '%s: the docstring does not say what %s is',
                component.name,
                argument.name,
            )
    needed = [f"type='{component.name}'"]
    needed += [f'{a.name}=...' for a in found if a.default is REQUIRED]
    role = 'class' if inspect.isclass(made) else 'func'
    parts = [
        f'.. _config-{component.name}:',
        f'{component.name}\n{"-" * len(component.name)}',
        f'.. py:currentmodule:: {made.__module__}',
        description(made),
        f'API: :{role}:`~{_full_name(made)}`',
    ]
    if len(component.names) > 1:
        others = ', '.join(f'``{name}``' for name in component.names[1:])
        parts.append(f'Registered as {others}, too.')
    parts.append('.. code-block:: python\n\n' + f'    dict({", ".join(needed)})')
    parts += [_argument(argument, made) for argument in found]
    rest = documented_arguments(made).get('kwargs')
    if rest and not any(argument.home is not made for argument in found):
        parts.append('**other arguments**\n' + indent(rest[1], '    '))
    return '\n\n'.join(parts)


def write_pages(app: Sphinx) -> None:
    """One page a registry, in ``_generated/config``."""
    folder = Path(app.srcdir, FOLDER)
    found = components()
    for registry, its_components in found.items():
        title = TITLES.get(registry, registry)
        parts = [
            f'{title}\n{"=" * len(title)}',
            f'Registered in ``mmpose.registry.{registry}``.',
            *map(_component, its_components),
        ]
        text = '\n\n'.join(parts) + '\n'
        write_if_changed(folder / f'{registry.lower()}.rst', text)
    for page in folder.glob('*.rst'):
        if page.stem.upper() not in found:
            page.unlink()


def setup(app: Sphinx) -> dict:
    """Called by Sphinx."""
    app.connect('builder-inited', write_pages)
    return dict(parallel_read_safe=True, parallel_write_safe=True)
