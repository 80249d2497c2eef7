"""Moving numbers to a GPU without waiting for it."""

from collections.abc import Sequence
from itertools import accumulate

import numpy as np
import torch
from torch import Tensor

# Bytes; kernels read vectors of at most this size.
ALIGNMENT = 16


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


def to_device_together(
    tensors: Sequence[Tensor], device: torch.device | str
) -> list[Tensor]:
    """Tensors on a device, without waiting for it, by one copy for all.

    To start a copy costs more than to move the few kilobytes of a label.

    Args:
        tensors (Sequence[Tensor]): On any device, of any dtypes; those of
            other devices than the CPU are moved one by one.
        device (torch.device | str): The device.

    Returns:
        list[Tensor]: Those from the CPU are parts of one piece of memory.
    """
    device = torch.device(device)
    waiting = [tensor for tensor in tensors if tensor.device.type == 'cpu']
    if device.type == 'cpu' or not waiting:
        return [to_device(tensor, device) for tensor in tensors]
    pinned = device.type == 'cuda' and torch.cuda.is_available()
    moved = iter(unpack(to_device(pack(waiting, pinned), device), waiting))
    return [
        next(moved) if tensor.device.type == 'cpu' else to_device(tensor, device)
        for tensor in tensors
    ]


def pack(tensors: Sequence[Tensor], pinned: bool = False) -> Tensor:
    """Copy tensors of the CPU into one piece of memory.

    Args:
        tensors (Sequence[Tensor]): Of any dtypes and shapes.
        pinned (bool): Whether CUDA can read that memory by itself.

    Returns:
        Tensor: Bytes, uint8 (size,).
    """
    size = sum(_aligned(tensor.nbytes) for tensor in tensors)
    buffer = torch.empty(size, dtype=torch.uint8, pin_memory=pinned)
    for part, tensor in zip(unpack(buffer, tensors), tensors):
        part.copy_(tensor)
    return buffer


def unpack(buffer: Tensor, like: Sequence[Tensor]) -> list[Tensor]:
    """The parts of what :func:`pack` gives, without a copy.

    Args:
        buffer (Tensor): Bytes, on any device.
        like (Sequence[Tensor]): Tensors of the shapes and dtypes of those
            that were packed.
    """
    ends = accumulate(_aligned(tensor.nbytes) for tensor in like)
    starts = (end - _aligned(tensor.nbytes) for end, tensor in zip(ends, like))
    return [
        buffer[start : start + tensor.nbytes].view(tensor.dtype).view(tensor.shape)
        for start, tensor in zip(starts, like)
    ]


def _aligned(size: int) -> int:
    """Bytes that a tensor takes, up to where any dtype may begin."""
    return -(-size // ALIGNMENT) * ALIGNMENT
