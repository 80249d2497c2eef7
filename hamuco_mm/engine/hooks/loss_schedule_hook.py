import inspect
import logging
from collections.abc import Container, Sequence

from mmengine.hooks import Hook
from mmengine.logging import print_log
from mmengine.runner import Runner
from mmpose.registry import HOOKS

from ...models.losses import VIEW_LOSSES
from ...utils.near_names import nearest_or_all
from .runner_state import network_of


@HOOKS.register_module()
class LossScheduleHook(Hook):
    """Switch a model's losses by epoch and iteration (paper, sections 3.2.3
    and 4.2).

    Before each training iteration it sets ``model.loss_factors`` from the
    epoch and iteration numbers alone. There is no state of its own, so a
    resumed run goes on as if never stopped, and validation changes nothing.

    Args:
        warmup_epochs (int): Epochs in which the ``scheduled`` losses are off:
            until the single view is good, the views would agree on something
            wrong. Defaults to 10.
        ramp_epochs (float): Epochs over which their factor then grows
            linearly to 1. Defaults to 0: at once.
        scheduled (Sequence[str]): Losses that wait for the warm-up.
        alternate (Sequence[str]): Losses that take turns, one per iteration,
            the first one on even iterations. Empty: no turns.
        max_part (float, optional): Part of the training that warm-up and growth take at most; in
            a training that is too short for them they are shortened alike. Defaults
            to None: a short training may never get to the ``scheduled`` losses, of
            which it warns.
    """

    def __init__(
        self,
        warmup_epochs: int = 10,
        ramp_epochs: float = 0,
        scheduled: Sequence[str] = VIEW_LOSSES,
        alternate: Sequence[str] = ('loss_consistency_2d', 'loss_consistency_fusion'),
        max_part: float | None = None,
    ) -> None:
        self.warmup_epochs = warmup_epochs
        self.ramp_epochs = ramp_epochs
        self.scheduled = tuple(scheduled)
        self.alternate = tuple(alternate)
        self.max_part = max_part
        self._warned = False

    def before_train(self, runner: Runner) -> None:
        """Check the names before anything is computed.

        Raises:
            TypeError: If the model has no ``loss_factors``.
            ValueError: If a name is of no loss that the model could have; names the
                nearest one.
        """
        model = network_of(runner)
        if not hasattr(model, 'loss_factors'):
            raise TypeError(
                f'LossScheduleHook needs a model with `loss_factors`, as '
                f'HaMuCo; {type(model).__name__} has none: leave the hook '
                'out by default_hooks.loss_schedule=None, or remove it from '
                'custom_hooks'
            )
        missing = {*self.scheduled, *self.alternate} - {*model.loss_factors}
        possible = {*model.loss_factors, *VIEW_LOSSES, *_losses_of(type(model))}
        for name in sorted(missing - possible):
            raise ValueError(
                f'LossScheduleHook: {type(model).__name__} has no {name} between '
                f'views; {nearest_or_all(name, possible)}'
            )
        if missing:
            print_log(
                f'LossScheduleHook: the model computes no {sorted(missing)}; '
                'these names have no effect',
                logger='current',
            )

    def before_train_epoch(self, runner: Runner) -> None:
        """Say when the losses between views come on, or that they never do."""
        epochs = _epochs(runner)
        warmup = self.warmup_epochs * self.shortening(epochs)
        if warmup >= epochs:
            self._warn_of_no_end(runner, epochs)
        elif runner.epoch == int(warmup):
            print_log(
                f'LossScheduleHook: warm-up over, {", ".join(self.scheduled)} come on '
                'in this epoch',
                logger='current',
            )

    def _warn_of_no_end(self, runner: Runner, epochs: float) -> None:
        """Of the warm-up. A hook that fits a training to its time may shorten it at any
        epoch."""
        off = [
            name for name in network_of(runner).loss_factors if name in self.scheduled
        ]
        if self._warned or not off:
            return
        self._warned = True
        print_log(
            f'LossScheduleHook: the warm-up of {self.warmup_epochs} epochs is not over '
            f'in a training of {epochs:g}: {", ".join(off)} never come on, and the views '
            'learn nothing from each other. Set '
            'default_hooks.loss_schedule.warmup_epochs to fewer, or max_part=0.5 of that '
            'hook for half of any training',
            logger='current',
            level=logging.WARNING,
        )

    def before_train_iter(
        self, runner: Runner, batch_idx: int, data_batch: dict | None = None
    ) -> None:
        """Set the factors of this iteration."""
        progress = runner.epoch + batch_idx / len(runner.train_dataloader)
        progress /= self.shortening(_epochs(runner))
        model = network_of(runner)
        model.loss_factors = {
            name: self.factor(name, progress, runner.iter, model.loss_factors)
            for name in model.loss_factors
        }

    def shortening(self, epochs: float) -> float:
        """What warm-up and growth are multiplied by, from above 0 to 1.

        Args:
            epochs (float): Of the training.
        """
        wanted = self.warmup_epochs + self.ramp_epochs
        if self.max_part is None or not wanted:
            return 1.0
        return min(1.0, self.max_part * epochs / wanted)

    def factor(
        self, name: str, progress: float, iteration: int, available: Container[str]
    ) -> float:
        """The factor of one loss.

        Args:
            name (str): The loss.
            progress (float): Epochs trained, with the fraction of this one; in a
                shortened schedule, in its epochs.
            iteration (int): Training iterations since the start of the training.
            available (Container[str]): Losses the model has; one that is not
                there does not take its turn.

        Returns:
            float: From 0, off, to 1.
        """
        turns = [other for other in self.alternate if other in available]
        if name in turns and turns[iteration % len(turns)] != name:
            return 0.0
        if name not in self.scheduled:
            return 1.0
        if progress < self.warmup_epochs:
            return 0.0
        if not self.ramp_epochs:
            return 1.0
        # never 0, which would leave the loss out of the log
        elapsed = progress - self.warmup_epochs
        return min(1.0, max(elapsed / self.ramp_epochs, 1e-3))


def _losses_of(model: type) -> set[str]:
    """Losses that a class of models takes as arguments, given or not."""
    return {
        name
        for base in model.__mro__
        if '__init__' in vars(base) and base is not object
        for name in inspect.signature(base).parameters
        if name.startswith('loss_')
    }


def _epochs(runner: Runner) -> float:
    """Of the training, by epochs or by iterations."""
    return runner.max_iters / len(runner.train_dataloader)
