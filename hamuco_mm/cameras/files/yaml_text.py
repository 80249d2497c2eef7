"""YAML as data: of OpenCV's FileStorage and of everything else.

OpenCV writes ``%YAML:1.0``, which is not YAML, and tags its matrices. Keys are
text as it is written, so that ``01`` and ``on`` are names. A key that is there
twice is an error.
"""

import re
from typing import Any

import yaml

from .nesting import Levels

# Values of a document when each alias stands for a copy.
_MOST_VALUES = 1_000_000
# Behind each message that ROS prints; another document begins there in YAML.
_END = re.compile(r'\n---\s*\Z')
_Base: Any = getattr(yaml, 'CSafeLoader', yaml.SafeLoader)


class _Loader(_Base):
    """A safe loader that knows OpenCV's tags and refuses keys that repeat."""

    yaml_implicit_resolvers: dict = {}


def _mapping(loader: Any, node: yaml.MappingNode) -> dict[str, Any]:
    content: dict[str, Any] = {}
    for key_node, value_node in node.value:
        if not isinstance(key_node, yaml.ScalarNode):
            raise ValueError(f'a key is no text (line {key_node.start_mark.line + 1})')
        key = key_node.value
        if key in content:
            line = key_node.start_mark.line + 1
            raise ValueError(f'{key!r} is there twice (line {line})')
        content[key] = loader.construct_object(value_node, deep=True)
    return content


def _sequence(loader: Any, node: yaml.SequenceNode) -> list[Any]:
    return [loader.construct_object(child, deep=True) for child in node.value]


def _float(loader: Any, node: yaml.ScalarNode) -> float:
    return float(node.value.lower().replace('.inf', 'inf').replace('.nan', 'nan'))


def _add(tag: str, pattern: str, first: str) -> None:
    _Loader.add_implicit_resolver(
        f'tag:yaml.org,2002:{tag}', re.compile(f'^(?:{pattern})$'), list(first)
    )


_add('bool', 'true|True|TRUE|false|False|FALSE', 'tTfF')
_add('null', '~|null|Null|NULL', '~nN')
# a number with a leading zero is a name, as 01
_add('int', r'[-+]?(?:0|[1-9]\d*)', '-+0123456789')
_add(
    'float',
    r'[-+]?(?:(?:0|[1-9]\d*)(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?|[-+]?\.[iI][nN][fF]|\.[nN][aA][nN]',
    '-+.0123456789',
)
for _tag in ('opencv-matrix', 'opencv-nd-matrix', 'map'):
    _Loader.add_constructor(f'tag:yaml.org,2002:{_tag}', _mapping)
_Loader.add_constructor('tag:yaml.org,2002:seq', _sequence)
_Loader.add_constructor('tag:yaml.org,2002:float', _float)


def parse_yaml(text: str) -> Any:
    """The content of a YAML document.

    Args:
        text (str): With or without OpenCV's header.

    Raises:
        ValueError: If it is not YAML, is nested deeply, repeats a key, or grows by
            its aliases.
    """
    if text.lstrip().startswith('%YAML'):
        text = text.lstrip().partition('\n')[2]
    text = _END.sub('\n', text)
    _check_levels(text)
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            return None
        if _expanded(node, {}) > _MOST_VALUES:
            raise ValueError(f'has more than {_MOST_VALUES} values')
        return loader.construct_document(node)
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error
    finally:
        loader.dispose()


def _check_levels(text: str) -> None:
    """By the parser's events, for which it does not call itself."""
    levels = Levels()
    try:
        for event in yaml.parse(text, _Base):
            if isinstance(event, yaml.CollectionStartEvent):
                levels.enter()
            elif isinstance(event, yaml.CollectionEndEvent):
                levels.leave()
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error


def _expanded(node: yaml.Node, known: dict[int, int]) -> int:
    """Number of values below a node, an alias counted as often as it stands."""
    if id(node) in known:
        return known[id(node)]
    known[id(node)] = _MOST_VALUES + 1  # what an alias of itself would have
    number = 1
    if isinstance(node, yaml.SequenceNode):
        number += sum(_expanded(child, known) for child in node.value)
    elif isinstance(node, yaml.MappingNode):
        number += sum(_expanded(child, known) for pair in node.value for child in pair)
    known[id(node)] = number
    return number
