"""What a CUDA graph does, on a CPU: operations recorded, and run again on the
same memory."""

from contextlib import nullcontext

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_flatten


class RecordedOperations:
    """A :class:`hamuco_mm.utils.cuda_graphs.Graph` of a CPU.

    As a CUDA graph it knows nothing of the program but its operations and the
    memory they work in: a number that the program got from elsewhere stays
    what it was.
    """

    @staticmethod
    def warming_up():
        return nullcontext()

    def capture(self, program):
        self._calls = []
        changed = {}
        with _Recorder(self._calls, changed):
            result = program()
        # a CUDA graph runs nothing while it records
        for tensor, value in changed.values():
            tensor.copy_(value)
        return result

    @torch.no_grad()
    @torch.autocast('cpu', enabled=False)  # as recorded, with its conversions
    def replay(self):
        for function, args, kwargs, outputs in self._calls:
            again = tree_flatten(function(*args, **kwargs))[0]
            for output, value in zip(outputs, again):
                if isinstance(output, torch.Tensor) and output is not value:
                    output.copy_(value)


class _Recorder(TorchDispatchMode):
    def __init__(self, calls, changed):
        super().__init__()
        self.calls = calls
        self.changed = changed

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        if function is torch.ops.aten._local_scalar_dense.default:
            raise RuntimeError('a number was read while a program was recorded')
        for argument, given in zip(function._schema.arguments, args):
            if argument.alias_info is not None and argument.alias_info.is_write:
                self._keep(given)
        if function is torch.ops.aten.native_batch_norm.default:
            self._keep(args[3:5])  # running statistics, which its schema hides
        outputs = function(*args, **kwargs)
        if not function.is_view:
            flat = tree_flatten(outputs)[0]
            self.calls.append((function, args, kwargs, flat))
        return outputs

    def _keep(self, tensors):
        for tensor in tree_flatten(tensors)[0]:
            key = tensor.data_ptr(), tensor.shape, tensor.stride()
            if key not in self.changed:
                self.changed[key] = tensor.detach(), tensor.detach().clone()
