"""Whether a setting of ``--cfg-options`` changes anything."""

import inspect
from functools import cache
from pathlib import Path

import mmpose.registry
from mmengine.config import Config, ConfigDict
from mmengine.registry import Registry

import hamuco_mm  # noqa: F401, registers the components

CONFIGS = Path(__file__).resolve().parents[2] / 'configs'


def unknown_keys(options: dict, config: Path | None) -> list[str]:
    """Problems of ``options``, whose keys are paths such as ``model.head.type``.

    A key is known if the config has it, or if the part it belongs to takes an
    argument of that name. Without a config, one that has the key is enough.
    """
    candidates = [config] if config else _all_configs()
    return [
        f'no such setting: {key}'
        for key in options
        if not any(_is_known(path, key, options) for path in candidates)
    ]


@cache
def _all_configs() -> tuple[Path, ...]:
    return tuple(
        path for path in sorted(CONFIGS.rglob('*.py')) if '_base_' not in path.parts
    )


@cache
def _load(path: Path) -> ConfigDict:
    return Config.fromfile(path)._cfg_dict


def _is_known(path: Path, key: str, options: dict) -> bool:
    *parents, last = key.split('.')
    part = _load(path)
    for depth, name in enumerate(parents):
        inside = _item(part, name)
        if inside is None:  # what the config leaves to a default
            return depth > 0 and name in _arguments(
                _type(part, parents[:depth], options)
            )
        part = inside
    if last == '_delete_' or _item(part, last) is not None:
        return True
    replaced = options.get('.'.join([*parents, '_delete_']))
    if not replaced and not isinstance(part, dict):
        return False
    return last in part or last in {'type', *_arguments(_type(part, parents, options))}


def _type(part, names: list[str], options: dict) -> str | None:
    """The registered name that the options give the part, or the config does."""
    default = 'OptimWrapper' if names == ['optim_wrapper'] else None  # MMEngine's
    given = options.get('.'.join([*names, 'type']))
    return given or (part.get('type', default) if isinstance(part, dict) else default)


def _item(part, name: str):
    if isinstance(part, (list, tuple)):
        return part[int(name)] if name.isdigit() and int(name) < len(part) else None
    return part.get(name) if isinstance(part, dict) else None


@cache
def _arguments(name: str | None) -> frozenset[str]:
    """Arguments of a registered class, its bases' too where it passes them on."""
    cls = _registered(name)
    found: set[str] = set()
    for base in inspect.getmro(cls) if isinstance(cls, type) else ():
        if '__init__' not in vars(base):
            continue
        parameters = inspect.signature(base.__init__).parameters
        found.update(parameters)
        kinds = {parameter.kind for parameter in parameters.values()}
        if inspect.Parameter.VAR_KEYWORD not in kinds:
            break
    return frozenset(found)


def _registered(name: str | None):
    for registry in vars(mmpose.registry).values():
        if name and isinstance(registry, Registry):
            cls = registry.get(name)
            if cls is not None:
                return cls
    return None
