from typing import Any

import torch
from mmengine.hooks import RuntimeInfoHook
from mmengine.runner import Runner
from mmpose.registry import HOOKS
from torch import Tensor

from .runner_state import is_logged

# Iterations whose losses wait, where nothing is logged.
_MOST_KEPT = 1000


@HOOKS.register_module()
class DeferredRuntimeInfoHook(RuntimeInfoHook):
    """MMEngine's ``RuntimeInfoHook``, which does not wait for the GPU.

    Reading a loss waits until the GPU has computed it, and the parent reads all
    losses of every iteration. This hook keeps them on the device until the
    logger reads them, and moves them at once. What is logged is the same.
    """

    def __init__(self) -> None:
        self._kept: list[dict[str, Any]] = []

    def after_train_iter(
        self,
        runner: Runner,
        batch_idx: int,
        data_batch: dict | tuple | list | None = None,
        outputs: dict | None = None,
    ) -> None:
        """Keep the losses; hand them over when they are to be logged."""
        self._kept.append(
            {
                name: value.detach() if isinstance(value, Tensor) else value
                for name, value in (outputs or {}).items()
            }
        )
        # at the end of an epoch other hooks may look at them
        if (
            is_logged(runner, batch_idx)
            or self.end_of_epoch(runner.train_dataloader, batch_idx)
            or self.is_last_train_iter(runner)
            or len(self._kept) >= _MOST_KEPT
        ):
            self._hand_over(runner)

    def before_save_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Checkpoints have all losses until now."""
        self._hand_over(runner)
        checkpoint['message_hub'] = runner.message_hub.state_dict()

    def _hand_over(self, runner: Runner) -> None:
        kept, self._kept = self._kept, []
        tensors = [
            value.float().view(())
            for outputs in kept
            for value in outputs.values()
            if isinstance(value, Tensor)
        ]
        numbers = iter(torch.stack(tensors).tolist() if tensors else ())
        for outputs in kept:
            for name, value in outputs.items():
                if isinstance(value, Tensor):
                    value = next(numbers)
                runner.message_hub.update_scalar(f'train/{name}', value)
