"""Programs recorded once and started as a whole.

A GPU runs a recorded program without the host, whose time for starting each
operation is most of a step of small networks.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from typing import Any, Protocol, TypeVar

import torch

Result = TypeVar('Result')


class Graph(Protocol):
    """A program that was recorded, with the memory it works in."""

    @staticmethod
    def warming_up() -> AbstractContextManager[None]:
        """Where a program has to run a few times before it is recorded."""

    def capture(self, program: Callable[[], Result]) -> Result:
        """Record a program, without running it.

        Args:
            program (Callable): It must not look at numbers on the device.

        Returns:
            Its result, whose tensors each :meth:`replay` fills anew. Another
            recorded program may use their memory: copy them after a replay.
        """

    def replay(self) -> None:
        """Run what was recorded, on what the same memory holds now."""


class CudaGraph:
    """A :class:`Graph` of a CUDA device."""

    def __init__(self) -> None:
        self._graph = torch.cuda.CUDAGraph()

    @staticmethod
    @contextmanager
    def warming_up() -> Iterator[None]:
        """On a stream of its own, as PyTorch's notes on CUDA graphs ask for."""
        current, other = torch.cuda.current_stream(), _warm_up_stream()
        other.wait_stream(current)
        with torch.cuda.stream(other):
            yield
        current.wait_stream(other)

    def capture(self, program: Callable[[], Result]) -> Result:
        """See :meth:`Graph.capture`."""
        # meanwhile the data loader's thread may pin memory, which this thread's
        # recording does not mind
        with torch.cuda.graph(
            self._graph, pool=_memory_pool(), capture_error_mode='thread_local'
        ):
            return program()

    def replay(self) -> None:
        """See :meth:`Graph.replay`."""
        self._graph.replay()


@cache
def _warm_up_stream() -> Any:
    """One for all, as memory that was freed on a stream is kept for this stream."""
    return torch.cuda.Stream()


@cache
def _memory_pool() -> Any:
    """Programs that never run at the same time can work in the same memory."""
    return torch.cuda.graph_pool_handle()


def graph_type_of(device: torch.device) -> type[Graph] | None:
    """What records programs for a device; None if nothing does."""
    return CudaGraph if device.type == 'cuda' else None
