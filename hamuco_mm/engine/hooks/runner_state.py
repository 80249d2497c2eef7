"""What hooks ask of a runner."""

from typing import Any

from mmengine.hooks import LoggerHook
from mmengine.model import is_model_wrapper
from mmengine.runner import Runner


def network_of(runner: Runner) -> Any:
    """The network itself, also where several processes train it together."""
    model = runner.model
    return model.module if is_model_wrapper(model) else model


def is_logged(runner: Runner, batch_idx: int) -> bool:
    """Whether the log gets a line after this training iteration."""
    return any(
        hook.every_n_inner_iters(batch_idx, hook.interval)
        or hook.end_of_epoch(runner.train_dataloader, batch_idx)
        for hook in runner.hooks
        if isinstance(hook, LoggerHook)
    )
