"""The runner of trainings."""

import logging
from collections.abc import Callable, Iterator
from functools import partial
from math import ceil
from os.path import isabs
from typing import Any

import numpy as np
from mmengine.config import Config
from mmengine.device import get_device
from mmengine.hooks import EMAHook
from mmengine.logging import print_log
from mmengine.optim import OptimWrapper
from mmengine.runner import CheckpointLoader, IterBasedTrainLoop
from mmengine.runner.checkpoint import _load_checkpoint_to_model

from ..utils.compat import without_missing_fused
from ..utils.stored_config import config_from_checkpoint
from ..utils.weight_loading import (
    counted,
    first_of,
    loadable,
    quiet_loading,
    watched_loading,
)
from .hooks.runner_state import network_of
from .logs import ConsoleRunner
from .paramwise_settings import check_paramwise

# How weights start and how a trained network predicts may change.
_FREE = {'init_cfg', 'pretrained', 'test_cfg'}
# Of the tensors of a network; a few biases and scales fit many others.
_SMALLEST_SHARE = 0.1
_NOT_SET = object()
# What MMEngine takes from a checkpoint instead of the config.
_STORED_SETTINGS = (
    'optim_wrapper.optimizer',
    'optim_wrapper.paramwise_cfg',
    'param_scheduler',
)


class TrainingRunner(ConsoleRunner):
    """Refuses to start from a checkpoint of another network.

    MMEngine prints a line for each tensor that does not fit, and trains from random
    numbers. Here a start (``load_from``) may lack a part of the network, which is
    said in one line; a training that goes on (``--resume``) has the network of its
    checkpoint.
    """

    def register_hooks(
        self, default_hooks: dict | None = None, custom_hooks: list | None = None
    ) -> None:
        """Register hooks, as MMEngine's runner does.

        Raises:
            ValueError: If two average the weights: each exchanges the network's with
                its own around a validation, and the training would go on with an
                average.
        """
        super().register_hooks(default_hooks, custom_hooks)
        averaging = [type(h).__name__ for h in self.hooks if isinstance(h, EMAHook)]
        if len(averaging) > 1:
            raise ValueError(
                f'{" and ".join(averaging)} both average the weights: leave one of them '
                'out of default_hooks and custom_hooks. MeanTeacherHook does all that '
                'EMAHook does'
            )

    def build_train_loop(self, loop: Any) -> Any:
        """Build it, as MMEngine's runner does.

        Raises:
            ValueError: If an epoch has no batch, which MMEngine counts as trained.
        """
        built = super().build_train_loop(loop)
        loader = built.dataloader
        if not len(loader):
            raise ValueError(
                f'train_dataloader gives no batch: its data set has '
                f'{len(loader.dataset)} items, fewer than batch_size='
                f'{loader.batch_size}, and drop_last=True leaves them out. Set a '
                'smaller batch_size, or drop_last=False'
            )
        return built

    def build_optim_wrapper(self, optim_wrapper: Any) -> Any:
        """Build it, as MMEngine's runner does, op by op where PyTorch is too old for
        a fused optimizer on a CPU.

        Raises:
            ValueError: See
                :func:`~hamuco_mm.engine.paramwise_settings.check_paramwise`.
        """
        device = get_device().split(':')[0]
        built = super().build_optim_wrapper(
            without_missing_fused(optim_wrapper, device)
        )
        if isinstance(built, OptimWrapper):
            settings = built.optimizer.defaults
            check_paramwise(optim_wrapper, network_of(self), settings)
        return built

    def load_checkpoint(
        self,
        filename: str,
        map_location: str | Callable = 'cpu',
        strict: bool = False,
        revise_keys: list = [(r'^module\.', '')],  # noqa: B006, MMEngine's
    ) -> dict:
        """Load it, as MMEngine's runner does.

        Raises:
            ValueError: If nearly nothing of it fits, or to resume, if its config or
                weights are of another network.
        """
        checkpoint = CheckpointLoader.load_checkpoint(filename, map_location, 'silent')
        if self._resume:
            check_stored_model(checkpoint, filename, self.cfg)
            check_stored_schedule(checkpoint, filename, self.cfg)
            if not isinstance(self.train_loop, IterBasedTrainLoop):
                check_stored_epochs(checkpoint, filename, len(self.train_dataloader))
            self._share_metainfo(checkpoint)
        load = partial(
            _load_checkpoint_to_model,
            network_of(self),
            strict=strict,
            revise_keys=revise_keys,
        )
        # first alone: hooks fail on the weights of another network in their own ways
        with watched_loading(network_of(self)) as lacking:
            load(checkpoint)
        if lacking:
            self._say_what_lacks(filename, lacking)
        with quiet_loading():
            self.call_hook('after_load_checkpoint', checkpoint=checkpoint)
            load(checkpoint)
        self._has_loaded = True
        self.logger.info(f'Load checkpoint from {filename}')
        return checkpoint

    def _say_what_lacks(self, filename: str, lacking: list[str]) -> None:
        network = network_of(self)
        config = self.cfg.filename or self.experiment_name
        found = (
            f'{filename} has no weights for {counted(lacking, network)} of {config} '
            f'({first_of(lacking)})'
        )
        if self._resume:
            raise ValueError(f'{found}: it is of another network. {_start(filename)}')
        total = len(loadable(network))
        if total - len(lacking) < _SMALLEST_SHARE * total:
            raise ValueError(
                f'{found}: it is of another network. Name a checkpoint of this one '
                '(--cfg-options load_from=CHECKPOINT), or start without: '
                'load_from=None'
            )
        self.logger.warning(f'{found}: these start as init_cfg says, or random')

    def _share_metainfo(self, checkpoint: dict) -> None:
        """MMEngine compares the data sets' by their pickled bytes, which also differ
        where arrays share one dtype object here and have their own in what was read."""
        current = getattr(self.train_dataloader.dataset, 'metainfo', None)
        meta = checkpoint.get('meta', {})
        if _is_equal(meta.get('dataset_meta'), current):
            meta['dataset_meta'] = current


def check_stored_model(checkpoint: dict, filename: str, cfg: Config) -> None:
    """Check that a checkpoint is of the model of a config.

    How weights start, how the model predicts and where files lie may differ; so may
    the losses, which is said.

    Args:
        checkpoint (dict): As loaded. Without a config that can be read as data, it
            passes.
        filename (str): For the message.
        cfg (Config): Of the training that is to go on.

    Raises:
        ValueError: Naming the first setting that differs, and the remedy.
    """
    try:
        stored = config_from_checkpoint(checkpoint, filename).get('model')
    except ValueError:
        return
    model = cfg.get('model')
    if not isinstance(stored, dict) or not isinstance(model, dict):
        return
    network: list[str] = []
    losses: list[str] = []
    for key, there, here in _differences(stored, model, 'model'):
        (losses if _is_of_losses(key) else network).append(
            f'{key} is {_said(there)} there and {_said(here)} in '
            f'{cfg.filename or "this config"}'
        )
    if network:
        raise ValueError(
            f'{filename} is of another model: {network[0]}. {_start(filename)}'
        )
    if losses:
        print_log(
            f'{filename} was trained with other losses: {losses[0]}, with which the '
            'training goes on',
            'current',
            logging.WARNING,
        )


def check_stored_schedule(checkpoint: dict, filename: str, cfg: Config) -> None:
    """Warn of learning rates and lengths that a training which goes on ignores.

    MMEngine loads the state of optimizer and schedulers, with all of their settings,
    over what the config says.

    Args:
        checkpoint (dict), filename (str), cfg (Config): See :func:`check_stored_model`.
    """
    try:
        stored = config_from_checkpoint(checkpoint, filename)
    except ValueError:
        return
    changes = [
        change
        for key in _STORED_SETTINGS
        for change in _differences(_at(stored, key), _at(cfg, key), key)
    ]
    if stored.get('param_scheduler'):
        # the schedule was laid over this length
        for key in ('train_cfg.max_epochs', 'train_cfg.max_iters'):
            changes += _differences(_at(stored, key), _at(cfg, key), key)
    if not changes:
        return
    here = cfg.filename or 'this config'
    said = '; '.join(
        f'{key} is {_said(old)} there and {_said(new)} in {here}'
        for key, old, new in changes
    )
    print_log(
        f'{filename} was trained with another schedule: {said}. The stored optimizer '
        'and learning rate go on all the same, past the end of their schedule with '
        'its last value. For a new schedule start from its weights without --resume: '
        f'--cfg-options load_from={filename}',
        'current',
        logging.WARNING,
    )


def check_stored_epochs(checkpoint: dict, filename: str, batches: int) -> None:
    """Warn of a schedule by batches that was laid over epochs of another length.

    With more recordings or smaller batches it ends early, most often with a learning
    rate of about 0, and the rest of the training learns nothing.

    Args:
        checkpoint (dict), filename (str): See :func:`check_stored_model`.
        batches (int): Of an epoch of the training that is to go on.
    """
    info = checkpoint.get('message_hub', {}).get('runtime_info', {})
    epochs, iterations = info.get('max_epochs'), info.get('max_iters')
    if not epochs or not iterations:
        return
    before, done = iterations // epochs, checkpoint['meta']['iter']
    goes_on = any(
        not schedule['by_epoch'] and schedule['end'] > done
        for schedule in _stored_schedules(checkpoint.get('param_schedulers'))
    )
    if before == batches or not goes_on:
        return
    last = checkpoint['meta']['epoch'] + ceil((iterations - done) / batches)
    print_log(
        f'{filename} was trained with {before} batches an epoch, and there are '
        f'{batches} now. The stored learning rate counts batches, {iterations} in all: '
        f'its schedule ends in epoch {last}. For a new schedule start from its weights '
        f'without --resume: --cfg-options load_from={filename}',
        'current',
        logging.WARNING,
    )


def _stored_schedules(content: Any) -> Iterator[dict]:
    """States of the schedules, of one optimizer or of several."""
    groups = content.values() if isinstance(content, dict) else [content or []]
    return (schedule for group in groups for schedule in group)


def _at(cfg: Any, key: str) -> Any:
    """The value at a key with dots."""
    for name in key.split('.'):
        cfg = cfg.get(name, _NOT_SET) if isinstance(cfg, dict | Config) else _NOT_SET
    return cfg


def _start(filename: str) -> str:
    return (
        'Name another --work-dir, or start from its weights without --resume: '
        f'--cfg-options load_from={filename}'
    )


def _is_of_losses(key: str) -> bool:
    """Whether a setting changes no weights that are trained."""
    names = key.split('.')
    if 'loss_distill_features' in names:  # it has some
        return names[-1] == 'loss_weight'
    return 'relabelling' in names or any(name.startswith('loss') for name in names)


def _differences(there: Any, here: Any, key: str) -> Iterator[tuple[str, Any, Any]]:
    if isinstance(there, dict) and isinstance(here, dict):
        for name in dict.fromkeys([*there, *here]):
            if name not in _FREE:
                yield from _differences(
                    there.get(name, _NOT_SET), here.get(name, _NOT_SET), f'{key}.{name}'
                )
    elif _is_list(there) and _is_list(here) and len(there) == len(here):
        for number, (one, other) in enumerate(zip(there, here)):
            yield from _differences(one, other, f'{key}.{number}')
    elif there != here and not (_is_moved(there) or _is_moved(here)):
        yield key, there, here


def _is_list(value: Any) -> bool:
    return isinstance(value, (list, tuple))


def _is_moved(value: Any) -> bool:
    """A file may lie elsewhere on another machine."""
    return isinstance(value, str) and isabs(value)


def _said(value: Any) -> str:
    text = 'not set' if value is _NOT_SET else repr(value)
    return text if len(text) <= 60 else f'{text[:57]}...'


def _is_equal(one: Any, other: Any) -> bool:
    """Whether nested values with arrays are equal."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(
            _is_equal(value, other[key]) for key, value in one.items()
        )
    if _is_list(one) and _is_list(other):
        return len(one) == len(other) and all(map(_is_equal, one, other))
    if isinstance(one, np.ndarray) or isinstance(other, np.ndarray):
        return np.array_equal(one, other)
    return type(one) is type(other) and bool(one == other)
