"""Geometry computes in the precision of its arguments."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import torch
from torch import Tensor

_Arguments = ParamSpec('_Arguments')
_Result = TypeVar('_Result')


def in_own_precision(
    function: Callable[_Arguments, _Result],
) -> Callable[_Arguments, _Result]:
    """Leave autocast out of a function of tensors.

    Under autocast, products of float32 matrices are taken in bfloat16 or float16,
    whose 8 or 11 bits are half a millimetre of a hand, or pixels of an image.

    Args:
        function (Callable): Some argument is a tensor; all are on its device.
    """

    @wraps(function)
    def exact(*args: _Arguments.args, **kwargs: _Arguments.kwargs) -> _Result:
        values = (*args, *kwargs.values())
        device = next(v.device.type for v in values if isinstance(v, Tensor))
        with torch.autocast(device, enabled=False):
            return function(*args, **kwargs)

    return exact
