import torch
from mmengine.hooks import Hook
from mmengine.runner import Runner
from mmpose.registry import HOOKS


@HOOKS.register_module()
class MemoryFormatHook(Hook):
    """Keep the weights of convolutions in the ``channels_last`` layout.

    Their inputs and outputs follow. It computes the same numbers, faster on
    CPUs and on GPUs with tensor cores.
    """

    def before_run(self, runner: Runner) -> None:
        """Convert the model once, before training, validation or test."""
        runner.model.to(memory_format=torch.channels_last)
