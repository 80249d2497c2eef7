"""Fused optimizers, which older releases of PyTorch have for GPUs alone."""

from typing import Any

import torch
from mmengine.utils import digit_version


def without_missing_fused(optim_wrapper: Any, device: str) -> Any:
    """The config of an optimizer wrapper, without ``fused`` where PyTorch refuses it.

    The kernels for CPUs came with PyTorch 2.4. Can go when that is the oldest one.

    Args:
        optim_wrapper (dict): As in a config; anything else is returned as it is.
        device (str): ``'cpu'``, ``'cuda'``, ...
    """
    if device != 'cpu' or digit_version(torch.__version__) >= digit_version('2.4'):
        return optim_wrapper
    if not isinstance(optim_wrapper, dict):
        return optim_wrapper
    optimizer = optim_wrapper.get('optimizer')
    if not isinstance(optimizer, dict) or not optimizer.get('fused'):
        return optim_wrapper
    plain = {key: value for key, value in optimizer.items() if key != 'fused'}
    return dict(optim_wrapper, optimizer=plain)
