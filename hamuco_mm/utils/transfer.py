"""Numbers of the host on a device."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor


def to_device(
    values: Tensor | np.ndarray | Sequence, device, dtype: torch.dtype | None = None
) -> Tensor:
    """A tensor on a device, without waiting for what that has still to do.

    ``torch.tensor(values, device='cuda')`` and ``.to('cuda')`` wait for all
    work of the stream. Memory that is not pinned, as here, CUDA copies aside
    before it returns: ``values`` may change right after.

    Args:
        values (Tensor | np.ndarray | Sequence): Of any shape.
        device (torch.device | str): Where it shall be.
        dtype (torch.dtype, optional): Defaults to that of ``values``.

    Returns:
        Tensor: On a CPU it may share the memory of ``values``.
    """
    return torch.as_tensor(values, dtype=dtype).to(device, non_blocking=True)
