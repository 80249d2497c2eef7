import math
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import torch
from mmengine.hooks import RuntimeInfoHook
from mmengine.runner import Runner
from mmpose.registry import HOOKS
from torch import Tensor

from ...utils.few_names import few
from .runner_state import is_logged

# Iterations whose losses wait, where nothing is logged.
_MOST_KEPT = 1000
# Images named in a message.
_MOST_NAMED = 8


class _Losses(NamedTuple):
    """Of one iteration, and the images they are of."""

    iteration: int
    values: dict[str, Any]
    paths: list[str]


@HOOKS.register_module()
class DeferredRuntimeInfoHook(RuntimeInfoHook):
    """MMEngine's ``RuntimeInfoHook``, which does not wait for the GPU.

    Reading a loss waits until the GPU has computed it, and the parent reads all
    losses of every iteration. This hook keeps them on the device until the
    logger reads them, and moves them at once. What is logged is the same.

    A loss that is not finite ends the training then, before a checkpoint is
    saved: its weights are of no use any more.

    Raises:
        FloatingPointError: If a loss is not finite; names its components, the
            iteration and the images.
    """

    def __init__(self) -> None:
        self._kept: list[_Losses] = []

    def after_train_iter(
        self,
        runner: Runner,
        batch_idx: int,
        data_batch: dict | None = None,
        outputs: dict | None = None,
    ) -> None:
        """Keep the losses; hand them over when they are to be logged."""
        values = {
            name: value.detach() if isinstance(value, Tensor) else value
            for name, value in (outputs or {}).items()
        }
        # not the samples, whose labels are large
        paths = list(_image_paths((data_batch or {}).get('data_samples')))
        self._kept.append(_Losses(runner.iter, values, paths))
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
            for losses in kept
            for value in losses.values.values()
            if isinstance(value, Tensor)
        ]
        numbers = iter(torch.stack(tensors).tolist() if tensors else ())
        for losses in kept:
            values = {
                name: next(numbers) if isinstance(value, Tensor) else value
                for name, value in losses.values.items()
            }
            _check(losses, values)
            for name, value in values.items():
                runner.message_hub.update_scalar(f'train/{name}', value)


def _check(losses: _Losses, values: dict[str, Any]) -> None:
    wrong = {
        name: value
        for name, value in values.items()
        if name.startswith('loss') and not math.isfinite(value)
    }
    if not wrong:
        return
    components = {name: wrong[name] for name in wrong if name != 'loss'} or wrong
    shown = ', '.join(f'{name} is {value}' for name, value in components.items())
    paths = losses.paths
    images = few(paths, _MOST_NAMED)
    raise FloatingPointError(
        f'{shown} in iteration {losses.iteration + 1}. The images: '
        f'{images or "not known"}. Look at their labels, or lower the learning rate; '
        'the checkpoints saved before are good, --resume goes on from the last one'
    )


def _image_paths(samples: Any) -> Iterator[str]:
    """Of data samples, in lists of any depth."""
    if isinstance(samples, Sequence):
        for sample in samples:
            yield from _image_paths(sample)
    elif path := getattr(samples, 'img_path', None):
        yield str(path)
