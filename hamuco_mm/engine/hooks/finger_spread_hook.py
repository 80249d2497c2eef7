from mmengine.hooks import Hook, LoggerHook
from mmengine.model import is_model_wrapper
from mmengine.runner import Runner
from mmpose.registry import HOOKS


@HOOKS.register_module()
class FingerSpreadHook(Hook):
    """Measure the spread of the fingers only in iterations that are logged.

    These are the iterations of MMEngine's ``LoggerHook``, which shows the
    last value of :func:`~hamuco_mm.models.estimators.finger_spread`: the log
    stays the same. Recorded steps (``CapturedStepHook``) do not need this
    hook: a further kind of step costs them more than it saves.
    """

    def before_train_iter(
        self, runner: Runner, batch_idx: int, data_batch: dict | None = None
    ) -> None:
        """Set the model's ``with_finger_spread``."""
        model = runner.model
        model = model.module if is_model_wrapper(model) else model
        model.with_finger_spread = any(
            self._logs(hook, runner, batch_idx)
            for hook in runner.hooks
            if isinstance(hook, LoggerHook)
        )

    def _logs(self, logger: LoggerHook, runner: Runner, batch_idx: int) -> bool:
        """Whether the log gets a line after this iteration."""
        return self.every_n_inner_iters(batch_idx, logger.interval) or (
            self.end_of_epoch(runner.train_dataloader, batch_idx)
        )

    def after_train(self, runner: Runner) -> None:
        """Measure always, as without this hook."""
        model = runner.model
        model = model.module if is_model_wrapper(model) else model
        model.with_finger_spread = True
