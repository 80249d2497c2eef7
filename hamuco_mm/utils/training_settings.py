"""Whether what counts and compares in a training counts and compares what is there."""

import re
from collections.abc import Iterator, Mapping
from itertools import cycle
from typing import Any

from mmengine.config import Config

# The names of measures, after those of stages: errors, and scores.
_LESS = re.compile('MPJPE|MPVPE|mean3d|reprojection_|EPE|NME|loss')
_GREATER = re.compile('AUC|auc3d|F@|f_score|f_al_score|PCK|coco/A[PR]')
_CHECKPOINT_HOOKS = ('SafeCheckpointHook', 'CheckpointHook')
# What of a hook says the measure.
_MEASURES = ('save_best', 'monitor')


def check_training(cfg: Config) -> None:
    """Refuse settings of a training that work against what they are for.

    A config that inherits ``rule='less'`` and names a score would keep the worst
    checkpoint. A training by iterations has one epoch: what counts epochs there comes
    at its end, or never.

    Raises:
        ValueError: Names the setting, and what to write.
    """
    hooks = list(_hooks(cfg))
    for place, hook in hooks:
        for name in _MEASURES:
            _check_rule(place, name, hook)
    if not _counts_iterations(cfg.get('train_cfg') or {}):
        return
    for place, hook in hooks:
        if hook.get('type') in _CHECKPOINT_HOOKS and hook.get('by_epoch', True):
            raise ValueError(
                f'{place} counts epochs, and train_cfg iterations: a training without '
                'epochs would be saved at its end alone. Set by_epoch=False, and '
                'interval to a number of iterations'
            )
    for place, schedule in _schedules(cfg.get('param_scheduler'), 'param_scheduler'):
        if _needs_epochs(schedule):
            raise ValueError(
                f'{place} ({schedule.get("type")}) counts epochs, and train_cfg '
                'iterations: the learning rate would not follow it. Set '
                'by_epoch=False, without convert_to_iter_based, and count iterations'
            )


def _hooks(cfg: Config) -> Iterator[tuple[str, Mapping]]:
    """Hooks that are given by their settings, with their keys."""
    named = cfg.get('default_hooks') or {}
    numbered = enumerate(cfg.get('custom_hooks') or ())
    for place, hook in (
        *((f'default_hooks.{name}', hook) for name, hook in named.items()),
        *((f'custom_hooks.{number}', hook) for number, hook in numbered),
    ):
        if isinstance(hook, Mapping):
            yield place, hook


def _check_rule(place: str, name: str, hook: Mapping) -> None:
    measures, rules = _listed(hook.get(name)), _listed(hook.get('rule'))
    for measure, rule in zip(measures, cycle(rules)):
        better = _better(str(measure))
        if better not in (None, rule):
            raise ValueError(
                f'{place}: rule={rule!r} and {name}={measure!r}, of which '
                f'{better} is better: the worst would be kept. Set '
                f'{place}.rule={better}'
            )


def _better(measure: str) -> str | None:
    """Which values of a measure are better, None if that is not known."""
    if _LESS.search(measure):
        return 'less'
    return 'greater' if _GREATER.search(measure) else None


def _listed(value: Any) -> list:
    if value is None:
        return []
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _counts_iterations(train_cfg: Mapping) -> bool:
    kind = train_cfg.get('type')
    return kind == 'IterBasedTrainLoop' or (
        kind is None and train_cfg.get('by_epoch') is False
    )


def _schedules(content: Any, place: str) -> Iterator[tuple[str, Mapping]]:
    """One, several, or those of each optimizer of several, with their keys."""
    if isinstance(content, Mapping) and 'type' in content:
        yield place, content
    elif isinstance(content, Mapping):
        for name, inside in content.items():
            yield from _schedules(inside, f'{place}.{name}')
    elif isinstance(content, (list, tuple)):
        for number, inside in enumerate(content):
            yield from _schedules(inside, f'{place}.{number}')


def _needs_epochs(schedule: Mapping) -> bool:
    """Whether a schedule goes on with epochs, or ends with the only one."""
    by_iteration = schedule.get('convert_to_iter_based') and 'end' in schedule
    return bool(schedule.get('by_epoch', True)) and not by_iteration
