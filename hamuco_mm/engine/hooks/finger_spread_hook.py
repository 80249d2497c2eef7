from mmengine.hooks import Hook
from mmengine.runner import Runner
from mmpose.registry import HOOKS

from .runner_state import is_logged, network_of


@HOOKS.register_module()
class FingerSpreadHook(Hook):
    """Measure the spread of the fingers only in iterations that are logged.

    These are the iterations of MMEngine's ``LoggerHook``, which shows the
    last value of :func:`~hamuco_mm.models.finger_spread.finger_spread`: the log
    stays the same. Recorded steps (``CapturedStepHook``) do not need this
    hook: a further kind of step costs them more than it saves.
    """

    def before_train_iter(
        self, runner: Runner, batch_idx: int, data_batch: dict | None = None
    ) -> None:
        """Set the model's ``with_finger_spread``."""
        network_of(runner).with_finger_spread = is_logged(runner, batch_idx)

    def after_train(self, runner: Runner) -> None:
        """Measure always, as without this hook."""
        network_of(runner).with_finger_spread = True
