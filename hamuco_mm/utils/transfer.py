"""Moving numbers to a GPU without waiting for it."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor


def to_device(
    values: Tensor | np.ndarray | Sequence,
    device: torch.device | str,
    dtype: torch.dtype | None = None,
) -> Tensor:
    """A tensor on a device, without waiting for the work queued there.

    ``torch.tensor(values, device='cuda')`` and ``.to('cuda')`` wait for all
    work of the stream. CUDA copies memory that is not pinned, as here, to a
    buffer of its own before it returns: ``values`` may change right after.

    Args:
        values (Tensor | np.ndarray | Sequence): Of any shape.
        device (torch.device | str): The device.
        dtype (torch.dtype, optional): Defaults to that of ``values``.

    Returns:
        Tensor: On a CPU it may share the memory of ``values``.
    """
    return torch.as_tensor(values, dtype=dtype).to(device, non_blocking=True)
