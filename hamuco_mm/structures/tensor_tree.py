"""Structures of tensors, taken apart and put together again."""

import copy
from collections.abc import Hashable, Iterable, Iterator
from typing import TypeVar

import torch
from torch import Tensor

from ..utils.transfer import to_device_together

Tree = TypeVar('Tree', bound='TensorTree')


class TensorTree:
    """A structure whose attributes are tensors, further such structures, None
    or plain values.

    Its tensors can be listed and replaced, so that a compiled or captured
    program can have it as an argument: two trees of the same
    :meth:`layout` differ only by the numbers in their tensors.
    """

    def tensors(self) -> list[Tensor]:
        """All tensors, those of inner structures included, in a fixed order."""
        found = []
        for value in vars(self).values():
            if isinstance(value, TensorTree):
                found += value.tensors()
            elif isinstance(value, Tensor):
                found.append(value)
        return found

    def with_tensors(self: Tree, tensors: Iterable[Tensor]) -> Tree:
        """The same structure with other tensors.

        Args:
            tensors (Iterable[Tensor]): As many as :meth:`tensors` gives, in
                its order.
        """
        return _replaced(self, iter(tensors))

    def clone(self: Tree) -> Tree:
        """The same numbers in memory of its own."""
        return self.with_tensors([tensor.clone() for tensor in self.tensors()])

    def copy_(self: Tree, other: Tree) -> None:
        """Take over the numbers of another tree of the same :meth:`layout`."""
        for tensor, given in zip(self.tensors(), other.tensors()):
            tensor.copy_(given)

    def layout(self) -> tuple[Hashable, ...]:
        """All but the numbers in the tensors: which of them there are, their
        shapes, dtypes and devices, and the plain values. Can be a key."""
        return tuple(
            (name, _layout_of(value)) for name, value in sorted(vars(self).items())
        )

    def to(self: Tree, device: torch.device | str) -> Tree:
        """The same on a device, without waiting for it, by one copy for all."""
        return self.with_tensors(to_device_together(self.tensors(), device))

    def as_precise_as(self: Tree, values: Tensor) -> Tree:
        """Its floating-point numbers in the precision of some others, and at least
        in float32: labels for a network in double precision, say."""
        dtype = torch.promote_types(values.dtype, torch.float32)
        return self.with_tensors(
            tensor.to(dtype) if tensor.is_floating_point() else tensor
            for tensor in self.tensors()
        )


def _replaced(tree: Tree, tensors: Iterator[Tensor]) -> Tree:
    result = copy.copy(tree)
    for name, value in vars(tree).items():
        if isinstance(value, TensorTree):
            vars(result)[name] = _replaced(value, tensors)
        elif isinstance(value, Tensor):
            vars(result)[name] = next(tensors)
    return result


def _layout_of(value: object) -> Hashable:
    if isinstance(value, TensorTree):
        return value.layout()
    if isinstance(value, Tensor):
        return tuple(value.shape), value.dtype, value.device
    return value
