"""A console without what is for the log file."""

import logging
from typing import Any

from mmengine.evaluator import Evaluator
from mmengine.hooks import Hook
from mmengine.logging import MMLogger, print_log
from mmengine.runner import BaseLoop, Runner

from ..item_evaluator import ItemEvaluator

# A line for each parameter.
_OF_PARAMETERS = ('paramwise_options -- ',)
# Hundreds of lines that say what the files of a run say.
_OF_FILES = ('Config:\n', 'Hooks will be executed', '\n----------', 'Exp name: ')
# What MMEngine says of itself in every run, partly as warnings.
_OF_MMENGINE = (
    'Distributed training is not used',
    '"FileClient" will be deprecated',
    '"HardDiskBackend" is the alias',
)
# The hooks that MMEngine has unless they are None.
_HOOKS_OF_MMENGINE = {
    'checkpoint',
    'logger',
    'param_scheduler',
    'runtime_info',
    'sampler_seed',
    'timer',
}


class ConsoleRunner(Runner):
    """MMEngine's runner, for command lines: the environment, the config, the list
    of hooks and what MMEngine says of itself go to the log file alone, what is said
    of each parameter nowhere. Metrics see all views of a data set.

    ``log_level='DEBUG'`` says all of it.
    """

    def register_default_hooks(
        self, hooks: dict[str, Hook | dict | None] | None = None
    ) -> None:
        """Register hooks by their names; any that is None is left out.

        MMEngine leaves out its own, and stops at others.
        """
        if hooks is not None:
            hooks = {
                name: hook
                for name, hook in hooks.items()
                if hook is not None or name in _HOOKS_OF_MMENGINE
            }
        super().register_default_hooks(hooks)

    def build_evaluator(self, evaluator: dict | list | Evaluator) -> Evaluator:
        """Build it, as MMEngine's runner does, for data sets of several views, too."""
        built = super().build_evaluator(evaluator)
        # one with a measure of its own is left as it is
        measures = type(built).evaluate is not Evaluator.evaluate
        return built if measures else ItemEvaluator(built)

    def build_val_loop(self, loop: BaseLoop | dict) -> BaseLoop:
        """Build it, as MMEngine's runner does; says what it leaves out."""
        return _complete(super().build_val_loop(loop), 'val')

    def build_test_loop(self, loop: BaseLoop | dict) -> BaseLoop:
        """Build it, as MMEngine's runner does; says what it leaves out."""
        return _complete(super().build_test_loop(loop), 'test')

    def build_logger(self, *args: Any, **kwargs: Any) -> MMLogger:
        """The logger, with a shorter console."""
        logger = super().build_logger(*args, **kwargs)
        keep_console_short(logger)
        return logger


def _complete(loop: BaseLoop, phase: str) -> BaseLoop:
    """The loop; warns of items that are not measured."""
    loader = loop.dataloader
    if loader.drop_last and (count := len(loader.sampler) % loader.batch_size):
        print_log(
            f'{phase}_dataloader.drop_last=True leaves the last {count} of '
            f'{len(loader.sampler)} items out, which do not count in what is measured. '
            'Set drop_last=False',
            'current',
            logging.WARNING,
        )
    return loop


def keep_console_short(logger: logging.Logger) -> None:
    """Leave out what nobody reads on a console.

    Args:
        logger (Logger): With a handler for the console, and one for a file.
    """
    # MMEngine's levels are those of the handlers
    if min(handler.level for handler in logger.handlers) <= logging.DEBUG:
        return
    if not any(isinstance(known, _Without) for known in logger.filters):
        logger.addFilter(_Without(_OF_PARAMETERS))
    for handler in logger.handlers:
        console = isinstance(handler, logging.StreamHandler) and not isinstance(
            handler, logging.FileHandler
        )
        if console and not any(isinstance(f, _Without) for f in handler.filters):
            handler.addFilter(_Without(_OF_FILES + _OF_MMENGINE))


class _Without(logging.Filter):
    """Drops messages by how they begin."""

    def __init__(self, beginnings: tuple[str, ...]) -> None:
        super().__init__()
        self._beginnings = beginnings

    def filter(self, record: logging.LogRecord) -> bool:
        return not str(record.msg).startswith(self._beginnings)
