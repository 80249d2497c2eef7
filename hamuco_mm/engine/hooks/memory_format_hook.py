import torch
from mmengine.hooks import Hook
from mmengine.runner import Runner
from mmpose.registry import HOOKS


@HOOKS.register_module()
class MemoryFormatHook(Hook):
    """Keep the weights of convolutions in the ``channels_last`` layout.

    Their inputs and outputs follow. It computes the same numbers, faster on
    CPUs and on GPUs with tensor cores. Those of volumes stay as they are.
    """

    def before_run(self, runner: Runner) -> None:
        """Convert the model once, before training, validation or test."""
        # Module.to() refuses a model that has any tensor of five dimensions
        for tensor in (*runner.model.parameters(), *runner.model.buffers()):
            if tensor.ndim == 4:
                tensor.data = tensor.data.contiguous(memory_format=torch.channels_last)
