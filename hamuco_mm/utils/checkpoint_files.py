"""Checkpoints that are complete or not there."""

import io
from pathlib import Path
from typing import Any

import torch

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
