"""Geometry computes in the precision of its arguments."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, TypeVar, cast

import torch
from torch import Tensor

_Function = TypeVar('_Function', bound=Callable[..., Any])


def at_least_float32(values: Tensor) -> Tensor:
    """What a network gives, for geometry: half precision becomes float32, double
    precision stays."""
    return values.to(torch.promote_types(values.dtype, torch.float32))


def check_tensors(taker: str, values: Mapping[str, Any], otherwise: str = '') -> None:
    """Refuse what is neither a tensor nor left out.

    Args:
        taker (str): Who takes tensors.
        values (Mapping): What it was given, by name; None passes.
        otherwise (str): What else can be done, put at the end of the message.

    Raises:
        TypeError: Naming the first of another type.
    """
    for name, value in values.items():
        if value is not None and not isinstance(value, Tensor):
            raise TypeError(
                f'{taker} takes tensors, got {name} of type {type(value).__name__}: '
                f'make it one by torch.as_tensor{otherwise}'
            )


def in_own_precision(function: _Function) -> _Function:
    """Leave autocast out of a function of tensors.

    Under autocast, products of float32 matrices are taken in bfloat16 or float16,
    whose 8 or 11 bits are half a millimetre of a hand, or pixels of an image.

    Args:
        function (Callable): Some argument is a tensor; all are on its device.

    Raises:
        TypeError: By the function, if it is called without a tensor.
    """

    @wraps(function)
    def exact(*args: Any, **kwargs: Any) -> Any:
        values = (*args, *kwargs.values())
        devices = [v.device.type for v in values if isinstance(v, Tensor)]
        if not devices:
            kinds = ', '.join(type(v).__name__ for v in values)
            raise TypeError(
                f'{function.__name__} takes tensors, got {kinds}: make them by '
                'torch.as_tensor'
            )
        with torch.autocast(devices[0], enabled=False):
            return function(*args, **kwargs)

    return cast(_Function, exact)
