import warnings
from time import monotonic

from mmengine.dist import broadcast_object_list
from mmengine.hooks import Hook
from mmengine.logging import print_log
from mmengine.runner import EpochBasedTrainLoop, Runner
from mmpose.registry import HOOKS

# Iterations after which the first estimate is made; the first are slower.
_FIRST, _MEASURED = 2, 10


@HOOKS.register_module()
class TimeBudgetHook(Hook):
    """Train for a given time: the number of epochs is made to fit it.

    The speed is measured in the first iterations, and again at the end of each
    epoch, validations included. The epochs that fit take the place of
    ``train_cfg.max_epochs``, whether they are fewer or more, and the schedules of
    the learning rate and of the losses are stretched over them, so that the
    training ends with a completed schedule. It ends with a whole epoch, after at
    least one: with the last one that ends within the time as far as is known when
    it begins.

    Args:
        minutes (float): Time of the training, from its first iteration.

    Raises:
        ValueError: If it is not positive.
    """

    # before the schedules and the hooks that ask for the last epoch
    priority = 'HIGH'

    def __init__(self, minutes: float) -> None:
        if minutes <= 0:
            raise ValueError(f'TimeBudgetHook: minutes={minutes} should be positive')
        self.seconds = 60.0 * minutes

    def before_train(self, runner: Runner) -> None:
        """Start the clock.

        Raises:
            TypeError: If the training is not one by epochs.
        """
        if not isinstance(runner.train_loop, EpochBasedTrainLoop):
            raise TypeError(
                'TimeBudgetHook fits the number of epochs to the time: it needs '
                'train_cfg=dict(by_epoch=True)'
            )
        self._start = monotonic()
        self._first_iter, self._first_epoch = runner.iter, runner.epoch

    def after_train_iter(
        self,
        runner: Runner,
        batch_idx: int,
        data_batch: dict | tuple | list | None = None,
        outputs: dict | None = None,
    ) -> None:
        """The first estimate."""
        done = runner.iter + 1 - self._first_iter
        if done == _FIRST:
            self._measured = monotonic()
        if done == _MEASURED and not self.end_of_epoch(
            runner.train_dataloader, batch_idx
        ):
            each = (monotonic() - self._measured) / (_MEASURED - _FIRST)
            epoch = each * len(runner.train_dataloader)
            whole = int(self.seconds / epoch)
            if not whole:
                print_log(
                    f'TimeBudgetHook: an epoch takes about {epoch / 60:.1f} minutes, '
                    f'more than the {self.seconds / 60:g} that it has. The training '
                    'ends with this epoch; train on a part of the data for less '
                    '(sample_interval or sequences of the data set)',
                    logger='current',
                )
            self._fit(runner, self._first_epoch + max(whole, 1), runner.iter)

    def after_train_epoch(self, runner: Runner) -> None:
        """Estimate anew."""
        done = runner.epoch + 1
        elapsed = monotonic() - self._start
        each = elapsed / (done - self._first_epoch)
        left = int((self.seconds - elapsed) / each)
        # what began as the last epoch is the last; else one more completes the
        # schedule
        least = done if done == runner.max_epochs else done + 1
        self._fit(runner, max(least, done + left), runner.iter)

    def _fit(self, runner: Runner, epochs: int, steps: int) -> None:
        """Let the training have so many epochs.

        Args:
            epochs (int): Of the whole training.
            steps (int): Iterations that the schedules have seen.
        """
        decided = [epochs]
        broadcast_object_list(decided)
        epochs = decided[0]
        if epochs == runner.max_epochs:
            return
        print_log(
            f'TimeBudgetHook: {epochs} epochs of {len(runner.train_dataloader)} '
            f'iterations fit into {self.seconds / 60:g} minutes',
            logger='current',
        )
        loop = runner.train_loop
        loop._max_epochs = epochs
        loop._max_iters = epochs * len(runner.train_dataloader)
        stretch_schedules(runner, steps)


def stretch_schedules(runner: Runner, steps: int) -> None:
    """Build the schedules for the present length of the training.

    Args:
        runner (Runner): Its config names the schedules.
        steps (int): Iterations that they have seen.
    """
    schedules = runner.cfg.get('param_scheduler')
    if not schedules:
        return
    for group in runner.optim_wrapper.param_groups:
        for key in [key for key in group if key.startswith('initial_')]:
            group[key.removeprefix('initial_')] = group[key]
    with warnings.catch_warnings():
        # of steps of a schedule without a step of the optimizer
        warnings.simplefilter('ignore')
        runner.param_schedulers = runner.build_param_scheduler(schedules)
        for _ in range(steps):
            for schedule in runner.param_schedulers:
                if not schedule.by_epoch:
                    schedule.step()
        for _ in range(runner.epoch):
            for schedule in runner.param_schedulers:
                if schedule.by_epoch:
                    schedule.step()
