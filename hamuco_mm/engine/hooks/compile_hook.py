from collections.abc import Sequence
from typing import Any

from mmengine.hooks import Hook
from mmengine.runner import Runner
from mmpose.registry import HOOKS

from .runner_state import network_of


@HOOKS.register_module()
class CompileHook(Hook):
    """Compile the parts of a network with ``torch.compile``.

    MMEngine's ``compile`` option compiles the whole model, whose handling of
    data samples breaks the graph many times. The parts below take and give
    tensors alone, and compile without a break. Their names and weights stay
    the same, and so do checkpoints.

    Args:
        parts (Sequence[str]): Submodules; one that the model does not have is
            left out.
        **kwargs: Arguments of :func:`torch.compile`, as
            ``mode='max-autotune'``.
    """

    def __init__(
        self,
        parts: Sequence[str] = ('backbone', 'head', 'view_neck', 'view_head'),
        **kwargs: Any,
    ) -> None:
        self.parts = tuple(parts)
        self.options = kwargs

    def before_run(self, runner: Runner) -> None:
        """Mark the parts; they are compiled at their first call."""
        model = network_of(runner)
        for name in self.parts:
            part = getattr(model, name, None)
            if part is not None:
                part.compile(**self.options)
