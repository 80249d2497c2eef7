"""Whether settings of single parameters reach any."""

import logging
from collections.abc import Collection, Mapping
from typing import Any

from mmengine.logging import print_log
from torch import nn

from ..utils.near_names import nearest_or_all

_PLACE = 'optim_wrapper.paramwise_cfg.custom_keys'
# What MMEngine reads of a key, besides settings of the optimizer itself.
_DECAY = 'decay_mult'
_MULTIPLIERS = ('lr_mult', _DECAY)


def check_paramwise(
    optim_wrapper: Any, network: nn.Module, settings: Collection[str]
) -> None:
    """Refuse ``custom_keys`` that change nothing.

    MMEngine takes any: with a slip, a part that was to learn slowly, or not at all,
    learns as fast as the rest. Exceptions from weight decay alone are warned of: lists of
    them often name parameters of several networks, as ``absolute_pos_embed``.

    Args:
        optim_wrapper (dict): As in a config; others, and those with a ``constructor``
            of their own, pass.
        network (nn.Module): Not wrapped.
        settings (Collection[str]): Those that the optimizer has of each parameter.

    Raises:
        ValueError: For a key that is in the name of no parameter, or a setting that
            nobody reads; with the nearest one.
    """
    if not isinstance(optim_wrapper, Mapping) or 'constructor' in optim_wrapper:
        return
    keys = (optim_wrapper.get('paramwise_cfg') or {}).get('custom_keys') or {}
    # MMEngine puts a dot before the names of the network's own parameters
    names = [f'.{name}' for name, _ in network.named_parameters()]
    for key, given in keys.items():
        if not any(key in name for name in names):
            depth = key.count('.') + 1
            parts = {'.'.join(name.split('.')[1 : depth + 1]) for name in names}
            message = (
                f'{_PLACE}: {key!r} is in the name of no parameter of the network, and '
                f'would change nothing ({nearest_or_all(key, parts)})'
            )
            if set(given) != {_DECAY}:
                raise ValueError(message)
            print_log(message, 'current', logging.WARNING)
        known = {*_MULTIPLIERS, *settings}
        for name in given:
            if name not in known:
                raise ValueError(
                    f'{_PLACE}.{key}: nobody reads {name!r} '
                    f'({nearest_or_all(name, known)})'
                )
