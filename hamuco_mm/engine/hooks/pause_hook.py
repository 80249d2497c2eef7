from time import monotonic

from mmengine.dist import broadcast_object_list
from mmengine.hooks import CheckpointHook, Hook
from mmengine.logging import print_log
from mmengine.runner import EpochBasedTrainLoop, Runner
from mmpose.registry import HOOKS


@HOOKS.register_module()
class PauseHook(Hook):
    """Stop a training before a time is over; ``--resume`` goes on.

    For machines that are lent for less than a training takes. It stops after an
    epoch with a checkpoint, when the next one would not end in time, as far as the
    slowest one so far tells. At least one epoch is trained. Nothing else changes:
    not the number of epochs, nor the schedules. With
    :class:`~hamuco_mm.engine.hooks.epoch_seed_hook.EpochSeedHook`, the result does
    not depend on the pauses (where workers live on, with ``restart_workers``).
    :class:`~hamuco_mm.engine.hooks.time_budget_hook.TimeBudgetHook` completes a
    training in a time instead.

    Args:
        minutes (float): Time from when the parts of the training are built, before
            the data are opened.

    Raises:
        ValueError: If it is not positive.
    """

    # after the checkpoint is saved
    priority = 'LOWEST'

    def __init__(self, minutes: float) -> None:
        if minutes <= 0:
            raise ValueError(f'PauseHook: minutes={minutes} should be positive')
        self.minutes = minutes
        self._deadline = monotonic() + 60 * minutes

    def before_train(self, runner: Runner) -> None:
        """Start the clock of the epochs.

        Raises:
            TypeError: If the training is not one by epochs, or saves none.
        """
        if not isinstance(runner.train_loop, EpochBasedTrainLoop):
            raise TypeError('PauseHook needs train_cfg=dict(by_epoch=True)')
        savers = [hook for hook in runner.hooks if isinstance(hook, CheckpointHook)]
        if not any(hook.by_epoch and hook.interval > 0 for hook in savers):
            raise TypeError(
                'PauseHook stops where a checkpoint is saved: it needs '
                'default_hooks.checkpoint with by_epoch=True and an interval'
            )
        self._interval = min(
            hook.interval for hook in savers if hook.by_epoch and hook.interval > 0
        )
        self._last, self._slowest = monotonic(), 0.0

    def after_train_epoch(self, runner: Runner) -> None:
        """Stop here, if the next checkpoint would be late."""
        now = monotonic()
        self._slowest = max(self._slowest, now - self._last)
        self._last = now
        if not self.every_n_epochs(runner, self._interval):
            return
        late = [now + self._interval * self._slowest > self._deadline]
        broadcast_object_list(late)
        done = runner.epoch + 1
        if late[0] and done < runner.max_epochs:
            runner.train_loop.stop_training = True
            print_log(
                f'PauseHook: stopped after {done} of {runner.max_epochs} epochs, as '
                f'the next would not end within {self.minutes:g} minutes. '
                '--resume goes on',
                logger='current',
            )
