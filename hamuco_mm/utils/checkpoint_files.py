"""Checkpoints that are complete or not there."""

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import nn

from .files import write_atomically


def write_checkpoint(path: Path, content: Any) -> None:
    """Write a checkpoint; a file that was there stays until it is complete.

    Args:
        path (Path): Its folder is made where it is not there.
        content: What it holds.

    Raises:
        OSError: If it cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, checkpoint_bytes(content))


def checkpoint_bytes(content: Any) -> bytes:
    """What ``torch.save`` writes."""
    buffer = io.BytesIO()
    torch.save(content, buffer)
    return buffer.getvalue()


def check_weights(
    model: nn.Module, checkpoint: Mapping, config: str, path: str
) -> None:
    """Check that a checkpoint has all weights of a network: MMEngine only warns of
    those that are missing, and what is partly random is of no use.

    Args:
        model (nn.Module): The network, not wrapped.
        checkpoint (Mapping): What the file holds.
        config (str): The network's, for the message.
        path (str): The checkpoint's, for the message.

    Raises:
        ValueError: If a parameter or buffer is missing, or has another shape.
    """
    known = {
        key.removeprefix('module.'): value
        for key, value in checkpoint.get('state_dict', checkpoint).items()
    }
    lacking = [
        key
        for key, value in model.state_dict().items()
        if not key.endswith('num_batches_tracked')
        and (key not in known or known[key].shape != value.shape)
    ]
    if lacking:
        raise ValueError(
            f'{path} has no weights for {len(lacking)} tensors of '
            f'{config} ({lacking[0]}, ...): it is of another network'
        )
