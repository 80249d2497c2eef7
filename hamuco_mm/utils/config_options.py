"""Settings of ``--cfg-options``: whether a config, or what it builds, reads them.

MMEngine takes any key. One that is misspelt, or that is a variable of a file which the
config has used already, makes an entry that nobody reads.
"""

import inspect
import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

import mmengine.registry
import mmpose.registry
from mmengine.config import Config
from mmengine.registry import Registry
from mmengine.runner import Runner
from torch.utils.data import DataLoader

from .crop_settings import check_crops
from .near_names import nearest_or_all
from .near_paths import near_path

# What MMEngine reads of a config besides the arguments of its Runner.
_OF_CONFIG = {
    'activation_checkpointing',
    'custom_imports',
    'efficient_conv_bn_eval',
    'compile',
    'find_unused_parameters',
    'model_wrapper_cfg',
    'sync_bn',
}
# Optimizers that MMEngine registers where these packages are there.
_OF_PACKAGES = {
    'Lion': 'lion-pytorch',
    'DAdaptAdaGrad': 'dadaptation',
    'DAdaptAdam': 'dadaptation',
    'DAdaptSGD': 'dadaptation',
    'SophiaG': 'Sophia-Optimizer',
}
# Nearer than this a variable is a part whose name was misspelt.
_SLIP = 0.85
_LOADER = {'dataset', 'sampler', 'batch_sampler', 'collate_fn', 'num_batch_per_epoch'}
# Classes that MMEngine takes where no type is given.
_DEFAULT_TYPES: dict[tuple[str, ...], tuple[str, ...]] = {
    ('optim_wrapper',): ('OptimWrapper',),
    ('train_cfg',): ('EpochBasedTrainLoop', 'IterBasedTrainLoop'),
    ('val_cfg',): ('ValLoop',),
    ('test_cfg',): ('TestLoop',),
    ('visualizer',): ('Visualizer',),
    ('log_processor',): ('LogProcessor',),
}
# Parts without a type, whose keys MMEngine reads.
_KEYS: dict[tuple[str, ...], set[str]] = {
    ('auto_scale_lr',): {'enable', 'base_batch_size'},
    ('env_cfg',): {'cudnn_benchmark', 'mp_cfg', 'dist_cfg', 'resource_limit'},
    ('randomness',): {'seed', 'diff_rank_seed', 'deterministic'},
    ('optim_wrapper', 'paramwise_cfg'): {
        'custom_keys',
        'bias_lr_mult',
        'bias_decay_mult',
        'norm_decay_mult',
        'flat_decay_mult',
        'dwconv_decay_mult',
        'dcn_offset_lr_mult',
        'bypass_duplicate',
    },
    ('optim_wrapper', 'clip_grad'): {'type', 'max_norm', 'norm_type', 'clip_value'},
}
# What MMEngine takes out before it builds a part.
_MORE = {
    'optim_wrapper': {'constructor', 'paramwise_cfg'},
    'param_scheduler': {'convert_to_iter_based'},
    'model': {'init_cfg'},
    'default_hooks': {'priority'},
    'custom_hooks': {'priority'},
}


def read_config(path: str | Path, options: Mapping[str, Any] | None = None) -> Config:
    """Read a config and put settings into it.

    Args:
        path (str | Path): The file.
        options (Mapping, optional): Settings by their keys.

    Raises:
        FileNotFoundError: If there is no such file; names the nearest one.
        ValueError: If nobody would read a setting.
    """
    check_config_file(path)
    cfg = Config.fromfile(path)
    apply_options(cfg, options or {})
    return cfg


def check_config_file(path: str | Path) -> None:
    """Refuse a config that is not there.

    Raises:
        FileNotFoundError: It names the config of ``configs`` whose name is nearest.
    """
    path = Path(path)
    if path.is_file():
        return
    there = {file.name: file for file in Path('configs').rglob('*.py')}
    near = get_close_matches(path.name, list(there), 1, 0.75)
    hint = f'; did you mean {there[near[0]]}?' if near else near_path(path)
    raise FileNotFoundError(f'there is no config {path}{hint}')


def check_config(cfg: Config) -> None:
    """Refuse parts that cannot be built or do not belong together, before anything
    is built.

    Raises:
        ValueError: If a ``type`` is not registered, or a part has an argument that
            its class does not take, or a name at the top is nearly one that is read;
            names the nearest ones. Also if crops and labels are not those of the
            network, see :func:`~hamuco_mm.utils.crop_settings.check_crops`.
    """
    _check_top_names(cfg._cfg_dict)
    _check_optimizer(cfg)
    for place, part in cfg._cfg_dict.items():
        if place == 'train_cfg' or place.endswith('_dataloader'):
            _check_part_without_type(place, part)
    for path, part in _paths(cfg._cfg_dict):
        if not isinstance(part, Mapping) or not _is_read(path[0]):
            continue
        name, place = part.get('type'), '.'.join(path)
        if path in _KEYS or not isinstance(name, str) or '.' in name:
            continue
        if _registered(name) is None:
            # others, as those of albumentations, are known to their own packages
            near = get_close_matches(name, _all_registered(), 1, 0.75)
            if near:
                raise ValueError(
                    f'{place}.type={name!r} is not registered; did you mean {near[0]!r}?'
                )
            continue
        taken = _known({}, path, {f'{place}.type': name}, replaced=True)
        unknown = [] if taken is None else [key for key in part if key not in taken]
        if unknown:
            hint = nearest_or_all(unknown[0], taken or ())
            raise ValueError(f'{place}: {name} takes no {unknown[0]}; {hint}')
    check_crops(cfg)


def _check_optimizer(cfg: Config) -> None:
    """Refuse one whose package is not there."""
    optimizer = (cfg.get('optim_wrapper') or {}).get('optimizer') or {}
    name = optimizer.get('type')
    if name in _OF_PACKAGES and _registered(name) is None:
        raise ValueError(
            f'optim_wrapper.optimizer.type={name!r} needs a package that is not '
            f'installed: pip install {_OF_PACKAGES[name]}'
        )


def _check_part_without_type(place: str, part: Any) -> None:
    """Refuse keys of a loop or a data loader that MMEngine would not take."""
    if not isinstance(part, Mapping) or part.get('type') or not _is_read(place):
        return
    taken = _known({}, (place,), {}, replaced=True) or set(part)
    for key in part:
        if key not in taken:
            raise ValueError(f'{place} takes no {key}; {nearest_or_all(key, taken)}')


def _check_top_names(content: Mapping) -> None:
    """Refuse variables that can only be slips of the pen."""
    for name, value in content.items():
        if _is_read(name) or name.startswith('_'):
            continue
        near = get_close_matches(name, sorted(_of_runner()), 1, _SLIP)
        if not near or re.match(near[0] + '[0-9_]', name):
            continue  # such as train_dataloader2, of whoever has two
        if value is not None and content.get(near[0]) == value:
            continue  # a variable that became the part
        raise ValueError(
            f'{name} is read nowhere; did you mean {near[0]}? A variable of your own '
            'should have another name'
        )


def apply_options(cfg: Config, options: Mapping[str, Any]) -> None:
    """Put settings into a config.

    Args:
        cfg (Config), options (Mapping): See :func:`check_options`.

    Raises:
        ValueError: If nobody would read a setting.
    """
    check_options(cfg, options)
    cfg.merge_from_dict(dict(options))


def check_options(cfg: Config, options: Mapping[str, Any]) -> None:
    """Refuse settings that nobody would read.

    Args:
        cfg (Config): The config without the settings.
        options (Mapping[str, Any]): By their keys, such as ``model.head.type``.

    Raises:
        ValueError: Naming each such key, and the nearest one that is read.
    """
    problems = list(problems_of_options(cfg, options))
    if problems:
        raise ValueError('--cfg-options: ' + '; '.join(problems))


def problems_of_options(cfg: Config, options: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with settings, a line for each that nobody reads.

    Args:
        cfg (Config), options (Mapping): See :func:`check_options`.
    """
    content = cfg._cfg_dict
    for key in options:
        names = key.split('.')
        if names[0] in content and not _is_read(names[0]):
            yield _of_variable(content, names)
            continue
        if names[0] in _OF_CONFIG:
            continue
        wrong = _unknown_at(content, names, options)
        if wrong is not None:
            depth, siblings = wrong
            yield _of_unknown(content, names, depth, siblings)


def _unknown_at(
    content: Any, names: Sequence[str], options: Mapping[str, Any]
) -> tuple[int, set[str]] | None:
    """Place of the first name that is not read, and those that would be."""
    part = content
    for depth, name in enumerate(names):
        if name == '_delete_':
            return None
        parents = tuple(names[:depth])
        inside = _item(part, name)
        replaced = options.get('.'.join([*parents, '_delete_']))
        known = _known(part, parents, options, bool(replaced))
        if isinstance(part, (list, tuple)):
            if inside is None:
                return depth, {str(i) for i in range(len(part))}
        elif known is not None and name not in known:
            return depth, known
        elif known is None and name not in part:
            # what reads this part is not known: only a slip of the pen is
            near = get_close_matches(name, list(part), 1, 0.75)
            return (depth, set(part)) if near and inside is None else None
        if not isinstance(inside, (Mapping, list, tuple)):
            # the rest belongs to an argument that the config leaves out, or to a
            # value that the options replace
            return None
        part = inside
    return None


def _known(
    part: Any, parents: tuple[str, ...], options: Mapping[str, Any], replaced: bool
) -> set[str] | None:
    """The keys of a part that are read; None if that is not known."""
    if not isinstance(part, Mapping):
        return None
    there = set() if replaced else set(part)
    if not parents:
        return {name for name in there if _is_read(name)} | _of_runner()
    if parents[-1].endswith('_dataloader') and len(parents) == 1:
        return there | _LOADER | _parameters(DataLoader.__init__)
    if parents in _KEYS:
        return there | _KEYS[parents]
    given = options.get('.'.join([*parents, 'type'])) or part.get('type')
    types = (given,) if given else _DEFAULT_TYPES.get(parents, ())
    if not types:
        return None
    known = (
        there | {'type', 'by_epoch'} if parents == ('train_cfg',) else there | {'type'}
    )
    for name in types:
        of_class = arguments_of(name) if isinstance(name, str) else None
        if of_class is None:
            return None
        known |= of_class
    known |= _MORE.get(parents[0], set())
    return known


def _of_variable(content: Mapping, names: Sequence[str]) -> str:
    """A variable of the config's files: says where its value went."""
    name, value = names[0], content[names[0]]
    inside = {path: of for path, of in _paths(content) if _is_read(path[0])}
    places = [path for path, of in inside.items() if path[-1] == name and of == value]
    if not places and isinstance(value, (str, dict)):
        places = [path for path, of in inside.items() if of == value]
    text = (
        f'{name} is a variable of the config, whose value has been put in already: set '
    )
    if not places:
        return f'{text}the part that it became'
    return text + ', '.join('.'.join([*path, *names[1:]]) for path in places[:4])


def _of_unknown(
    content: Mapping, names: Sequence[str], depth: int, siblings: set[str]
) -> str:
    key, name = '.'.join(names), names[depth]
    place = '.'.join(names[:depth])
    nearest = [] if name.isdigit() else get_close_matches(name, siblings, 1, 0.6)
    if nearest:
        meant = '.'.join([*names[:depth], nearest[0], *names[depth + 1 :]])
        return f'{key} is read nowhere; did you mean {meant}?'
    elsewhere = [
        '.'.join(path)
        for path, _ in _paths(content)
        if len(path) > 1 and path[-1] == names[-1] and _is_read(path[0])
    ]
    if elsewhere and not name.isdigit():
        return f'{key} is read nowhere; did you mean {" or ".join(elsewhere[:3])}?'
    where = f'{place} takes' if place else 'there are'
    return f'{key} is read nowhere; {where} {", ".join(sorted(siblings))}'


def _paths(content: Any, above: tuple = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """All keys of a config with their values; lists have numbers."""
    items = (
        content.items()
        if isinstance(content, Mapping)
        else enumerate(content)
        if isinstance(content, (list, tuple))
        else ()
    )
    for name, inside in items:
        path = (*above, str(name))
        yield path, inside
        yield from _paths(inside, path)


def _item(part: Any, name: str) -> Any:
    if isinstance(part, (list, tuple)):
        return part[int(name)] if name.isdigit() and int(name) < len(part) else None
    return part.get(name) if isinstance(part, Mapping) else None


def _is_read(name: str) -> bool:
    return name in _of_runner()


@cache
def _of_runner() -> frozenset[str]:
    arguments = _parameters(Runner.__init__)
    return frozenset(arguments - {'cfg'} | _OF_CONFIG)


@cache
def arguments_of(name: str) -> frozenset[str] | None:
    """Arguments of a registered class or function, its bases' too where it passes
    them on; None if it takes any, or is not registered.

    Args:
        name (str): What ``type`` says.
    """
    made = _registered(name)
    if made is None:
        return None
    if not isinstance(made, type):
        return frozenset(_parameters(made)) if not _takes_any(made) else None
    found: set[str] = set()
    for base in inspect.getmro(made):
        start = vars(base).get('__init__')
        if base is object or start is None:
            continue
        found |= _parameters(start)
        if not _takes_any(start):
            return frozenset(found)
    return None if found else frozenset()


def _parameters(function: Any) -> set[str]:
    return {
        parameter.name
        for parameter in inspect.signature(function).parameters.values()
        if parameter.name != 'self'
        and parameter.kind not in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL)
    }


def _takes_any(function: Any) -> bool:
    kinds = {p.kind for p in inspect.signature(function).parameters.values()}
    return inspect.Parameter.VAR_KEYWORD in kinds


def _registered(name: str) -> Any:
    for registry in (
        *vars(mmpose.registry).values(),
        *vars(mmengine.registry).values(),
    ):
        if isinstance(registry, Registry):
            # not by `get`, which tries to import what it does not find
            registry.import_from_location()
            made = registry.module_dict.get(name.rpartition('.')[2])
            if made is not None:
                return made
    return None


def _all_registered() -> list[str]:
    return sorted(
        {
            name
            for registry in vars(mmpose.registry).values()
            if isinstance(registry, Registry)
            for name in registry.module_dict
        }
    )
