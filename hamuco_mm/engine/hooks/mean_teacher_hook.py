from typing import Any

from mmengine.hooks import EMAHook
from mmengine.runner import Runner
from mmpose.registry import HOOKS

from ...models import HaMuCo
from .runner_state import network_of


@HOOKS.register_module()
class MeanTeacherHook(EMAHook):
    """The single view learns from an average of the network over its steps.

    MMEngine's ``EMAHook``, whose averaged network also makes the fused hands of
    ``loss_distill``, as the teacher of Tarvainen and Valpola, "Mean teachers are
    better role models", NeurIPS 2017: it forgets what a few wrong labels taught.
    As with ``EMAHook``, validations and checkpoints are of the averaged weights. The
    teacher takes a forward pass of its own in each step.

    Args:
        momentum (float): How much of the average each step replaces. Defaults to
            0.01: a memory of about 100 steps, for trainings of some hundreds.
        **kwargs: Other arguments of MMEngine's ``EMAHook``.
    """

    def __init__(self, momentum: float = 0.01, **kwargs: Any) -> None:
        super().__init__(momentum=momentum, **kwargs)

    def before_train(self, runner: Runner) -> None:
        """Give the network its teacher.

        Raises:
            TypeError: If the model is no :class:`~hamuco_mm.models.HaMuCo` with a
                ``loss_distill``.
        """
        super().before_train(runner)
        model = network_of(runner)
        if not isinstance(model, HaMuCo) or 'loss_distill' not in model.view_losses:
            raise TypeError(
                'MeanTeacherHook needs a HaMuCo with model.loss_distill, which its '
                'teacher serves; EMAHook averages the weights of any model'
            )
        if self.ema_model.steps == 0:
            # it was copied before init_cfg and load_from
            self.ema_model.module.load_state_dict(model.state_dict())
        model.set_teacher(self.ema_model.module)

    def after_train(self, runner: Runner) -> None:
        """Take it back."""
        network_of(runner).set_teacher(None)
