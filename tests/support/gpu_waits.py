"""Finds operations for which a program waits for its GPU, without one."""

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

# Their size or their result is a number that the host has to read.
_READ_BY_THE_HOST = {torch.Tag.dynamic_output_shape, torch.Tag.data_dependent_output}
# The host reads from the solver whether it has converged, or whether the matrix
# can be factorised; for `multinomial`, whether the probabilities are valid.
_CHECKED_BY_THE_HOST = (
    'aten::_linalg_check_errors',
    'aten::_linalg_eigh',
    'aten::_linalg_eigvals',
    'aten::_linalg_svd',
    'aten::linalg_eig',
    'aten::linalg_matrix_exp',
    'aten::linalg_pinv',
    'aten::multinomial',
)
_COPIES = ('aten::_to_copy', 'aten::copy_')
_INDEXING = ('aten::index', 'aten::index_put', 'aten::index_put_')
# They take the value of a scalar on the host, as elementwise operations do.
_FILLS = ('aten::fill_', 'aten::masked_fill', 'aten::masked_fill_')


class Waits(Exception):
    """A program would wait for the GPU."""


class NoWaiting(TorchDispatchMode):
    """Refuses operations that make the host wait for a device.

    They are known by what is given to PyTorch's dispatcher, so that nothing
    has to run: tensors may be fake.

    Args:
        device (str): The type of the device. With 'cpu', CPU tensors stand
            for those of a GPU: this finds what is not a copy between both.
    """

    def __init__(self, device='cuda'):
        super().__init__()
        self.device = device

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        tensors = [x for x in tree_leaves((args, kwargs)) if torch.is_tensor(x)]
        if self._waits(function, args, kwargs, tensors):
            raise Waits(str(function))
        return function(*args, **kwargs)

    def _waits(self, function, args, kwargs, tensors):
        name = function._schema.name
        on_device = [x for x in tensors if self._is_there(x)]
        if name in _COPIES:
            return self._copy_waits(args, kwargs)
        if name == 'aten::lift_fresh':  # torch.tensor(..., device='cuda')
            return bool(on_device)
        if not on_device:
            return False
        if len(on_device) < len(tensors) and not _takes_scalars(function):
            return True
        if name in _INDEXING:
            return any(x is not None and x.dtype == torch.bool for x in args[1])
        return bool(_READ_BY_THE_HOST & set(function.tags)) or name.startswith(
            _CHECKED_BY_THE_HOST
        )

    def _copy_waits(self, args, kwargs):
        """A copy to the device may run beside the program; the other way round
        the numbers are wanted at once."""
        if torch.is_tensor(args[1:] and args[1]):  # target.copy_(source)
            (target, source), rest = args[:2], args[2:]
            device, non_blocking = target.device, rest and rest[0]
        else:
            source, device = args[0], kwargs.get('device') or args[0].device
            non_blocking = False
        non_blocking = kwargs.get('non_blocking', non_blocking)
        to_device = device.type == self.device
        return to_device != self._is_there(source) and not (to_device and non_blocking)

    def _is_there(self, tensor):
        return tensor.device.type == self.device


def _takes_scalars(function):
    """Whether a tensor on the host without dimensions becomes an argument of the
    kernel; it would be copied otherwise."""
    name = function._schema.name
    if name == 'aten::where':
        return False
    return torch.Tag.pointwise in function.tags or name.startswith(
        (*_FILLS, 'aten::_foreach_')
    )
