from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from mmengine.device import get_device
from mmengine.optim import OptimWrapper
from mmpose.registry import OPTIM_WRAPPERS
from torch import nn


@OPTIM_WRAPPERS.register_module()
class BFloat16OptimWrapper(OptimWrapper):
    """Train under bfloat16 autocast where the hardware computes in it.

    MMEngine's ``AmpOptimWrapper`` refuses CPUs, where bfloat16 pays too, and
    scales losses, which bfloat16's range makes needless. Where the hardware
    would only emulate bfloat16, this trains in float32.

    Args:
        **kwargs: See :class:`mmengine.optim.OptimWrapper`.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.device_type = get_device().split(':')[0]
        self.enabled = has_bfloat16(self.device_type)

    @contextmanager
    def optim_context(self, model: nn.Module) -> Iterator[None]:
        """Autocast, besides what the parent does.

        Raises:
            TypeError: If a part of the network makes arrays of what it computes, as
                MMPose's heads do for their accuracies: NumPy has no bfloat16.
        """
        with (
            super().optim_context(model),
            torch.autocast(self.device_type, torch.bfloat16, enabled=self.enabled),
        ):
            try:
                yield
            except TypeError as error:
                if 'ScalarType BFloat16' not in str(error):
                    raise
                raise TypeError(
                    'a part of the network, such as a head of MMPose that measures its '
                    'accuracy, cannot train in bfloat16, in which this machine computes '
                    'with BFloat16OptimWrapper. Train in float32: --cfg-options '
                    'optim_wrapper.type=OptimWrapper'
                ) from error


def has_bfloat16(device_type: str) -> bool:
    """Whether the device computes in bfloat16 without emulation.

    Args:
        device_type (str): ``'cpu'``, ``'cuda'``, ...
    """
    if device_type == 'cuda':
        return torch.cuda.get_device_capability() >= (8, 0)
    if device_type == 'cpu':
        # this report is missing in older releases of PyTorch
        report: dict = getattr(torch.cpu, 'get_capabilities', dict)()
        return bool(report.get('avx512_bf16') or report.get('amx_bf16'))
    return False
