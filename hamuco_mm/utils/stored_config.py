"""The config inside a checkpoint, read as data."""

import ast
import re
from typing import Any

from mmengine.config import ConfigDict

# Registries import what a dotted name says.
_TYPE = re.compile(r'\w*')


def config_from_checkpoint(checkpoint: dict, filename: str) -> ConfigDict:
    """The config that MMEngine stored with the weights.

    MMEngine's own inferencers execute it as a Python file. Here it is parsed, and
    may contain only what a dumped config consists of: names, literals and
    ``dict(...)``.
    A ``type`` must be a name without dots: MMEngine's registries would import
    and call anything else, such as ``subprocess.Popen``. What of it an inferencer
    builds, ``hamuco_mm.apis.inferencers.stored_parts`` says.

    Args:
        checkpoint (dict): As loaded.
        filename (str): For messages.

    Raises:
        ValueError: If there is none, or it holds anything else.
    """
    meta = checkpoint.get('meta')
    text = meta.get('cfg') if isinstance(meta, dict) else None
    if not isinstance(text, str):
        raise ValueError(
            f'{filename} holds no config, so that weights alone '
            'cannot say what network they are for: give the '
            'config as `model` and the file as `weights`'
        )
    try:
        return ConfigDict(map(_item, ast.parse(text).body))
    except (SyntaxError, ValueError, TypeError, RecursionError, MemoryError) as error:
        raise ValueError(
            f'the config in {filename} is not plain data '
            f'({error}): give the config as `model`'
        ) from error


def _item(statement: ast.stmt) -> tuple[str, Any]:
    if (
        not isinstance(statement, ast.Assign)
        or len(statement.targets) != 1
        or not isinstance(statement.targets[0], ast.Name)
    ):
        raise ValueError(f'line {statement.lineno} is no assignment')
    return statement.targets[0].id, _value(statement.value)


def _value(node: ast.expr) -> Any:
    if isinstance(node, ast.Call):
        if (
            not isinstance(node.func, ast.Name)
            or node.func.id != 'dict'
            or node.args
            or any(k.arg is None for k in node.keywords)
        ):
            raise ValueError(f'line {node.lineno} calls something')
        return _checked({k.arg: _value(k.value) for k in node.keywords}, node)
    if isinstance(node, ast.Dict):
        if None in node.keys:
            raise ValueError(f'line {node.lineno} unpacks something')
        keys = map(ast.literal_eval, filter(None, node.keys))
        return _checked(dict(zip(keys, map(_value, node.values))), node)
    if isinstance(node, (ast.List, ast.Tuple)):
        items = [_value(item) for item in node.elts]
        return items if isinstance(node, ast.List) else tuple(items)
    return ast.literal_eval(node)


def _checked(values: dict, node: ast.expr) -> dict:
    kind = values.get('type')
    if isinstance(kind, str) and not _TYPE.fullmatch(kind):
        raise ValueError(
            f'line {node.lineno} has type {kind!r}, which is no registered name'
        )
    return values
