"""A bound on the memory of what a stored config builds."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_flatten, tree_map_only

# Bytes that any network may take, and how many times those of its weights a larger
# one may: some parts, such as hand models, are not among the weights, and weights
# are copied when they are loaded.
_FREE_BYTES, _MOST_TIMES = 2**28, 6


class BoundedTensors(TorchDispatchMode):
    """Within the block, tensors take a number of bytes at most, all together.

    It is asked before the memory is taken, of each operation alike: the same
    operation on PyTorch's ``meta`` device says how large its result is.

    Args:
        weights (Mapping): The weights that the network is built for.

    Raises:
        ValueError: If more is asked for.
    """

    def __init__(self, weights: Mapping[str, Any]) -> None:
        super().__init__()
        # of a tensor that repeats few numbers, only those are in the file
        storages = {
            value.untyped_storage().data_ptr(): value.untyped_storage().nbytes()
            for value in weights.values()
            if isinstance(value, Tensor)
        }
        self._stored = sum(storages.values())
        self._left = max(_FREE_BYTES, _MOST_TIMES * self._stored)

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Sequence = (), kwargs: dict | None = None
    ) -> Any:
        kwargs = kwargs or {}
        self._left -= _bytes_of_result(func, args, kwargs)
        if self._left < 0:
            raise ValueError(
                'its network takes much more memory than its weights, which have '
                f'{self._stored / 1e6:.1f} MB'
            )
        return func(*args, **kwargs)


def _bytes_of_result(func: Any, args: Sequence, kwargs: dict) -> int:
    arguments = func._schema.arguments
    if any(argument.alias_info is not None for argument in arguments):
        return 0  # a view, or in place
    args, kwargs = tree_map_only(Tensor, _without_data, (args, kwargs))
    if any(argument.name == 'device' for argument in arguments):
        kwargs = {**kwargs, 'device': 'meta'}
    # numbers that depend on the data have no size beforehand
    with suppress(NotImplementedError, RuntimeError):
        results, _ = tree_flatten(func(*args, **kwargs))
        return sum(result.nbytes for result in results if isinstance(result, Tensor))
    return 0


def _without_data(tensor: Tensor) -> Tensor:
    return tensor.detach().to('meta')
