from typing import Any

from mmengine.hooks import Hook
from mmengine.logging import print_log
from mmengine.runner import Runner
from mmpose.registry import HOOKS

from ...models import HaMuCo
from ...utils.cuda_graphs import Graph, graph_type_of
from ..captured_step import CapturedStep
from ..compiled_loss import CompiledLoss
from .runner_state import network_of


@HOOKS.register_module()
class CapturedStepHook(Hook):
    """Run training steps of :class:`~hamuco_mm.models.HaMuCo` as programs that
    a GPU has recorded.

    On a GPU a step consists of hundreds of small operations, and starting them
    takes longer than computing them. This hook compiles the losses, and records
    losses, gradients, clipping and optimizer as one CUDA graph for each kind of
    step: each phase of the losses' schedule, each size of batches. What is
    trained is the same.

    A step that cannot be recorded runs op by op, with compiled losses: the last,
    smaller batch of an epoch, batches of time steps with other numbers of views,
    accumulated gradients, float16 (``--amp``), optimizers other than
    ``AdamW(fused=True)``, training on several GPUs. The log says so once. On a
    CPU nothing is compiled or recorded.

    Args:
        compile (bool): Whether to compile the losses. Defaults to True.
        **kwargs: Arguments of :func:`torch.compile`, as
            ``mode='max-autotune-no-cudagraphs'``.
    """

    # after hooks that change the model, before those that measure time
    priority = 'LOW'

    def __init__(self, compile: bool = True, **kwargs: Any) -> None:
        self.compile = compile
        self.compile_options = kwargs

    def graph_type(self, runner: Runner) -> type[Graph] | None:
        """What records programs for the model's device; None if nothing does."""
        return graph_type_of(next(runner.model.parameters()).device)

    def before_train(self, runner: Runner) -> None:
        """Replace what the training loop calls."""
        model = network_of(runner)
        graph_type = self.graph_type(runner)
        reason = None
        if not isinstance(model, HaMuCo):
            reason = f'{type(model).__name__} is no HaMuCo'
        elif graph_type is None:
            reason = 'there is no GPU'
        else:
            if self.compile:
                loss = CompiledLoss(model, **self.compile_options)
                model.__dict__['loss_from_targets'] = loss
            if model is not runner.model:
                reason = 'several processes train together'
            else:
                model.__dict__['train_step'] = CapturedStep(model, graph_type)
        if reason is not None:
            print_log(
                f'CapturedStepHook: steps are not recorded, as {reason}',
                logger='current',
            )

    def after_train(self, runner: Runner) -> None:
        """Take it back."""
        for name in ('train_step', 'loss_from_targets'):
            network_of(runner).__dict__.pop(name, None)
