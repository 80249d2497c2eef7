"""Which operations a program gives to a device."""

import re
import traceback
import warnings
from collections import Counter

import torch
from torch.utils._python_dispatch import TorchDispatchMode

# They give a tensor another shape or another owner, or ask for a type, and start
# nothing.
_NO_WORK = (
    'aten::detach',
    'aten::_unsafe_view',
    'aten::_reshape_alias',
    'aten::promote_types',
)


class DispatchedOperations(TorchDispatchMode):
    """Counts what is dispatched while the context is active.

    Attributes:
        started (Counter): Operations that work on numbers, by name: on a GPU,
            each starts at least one kernel.
        views (Counter): Operations that only look at a tensor in another way.
    """

    def __init__(self):
        super().__init__()
        self.started = Counter()
        self.views = Counter()

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        name = function._schema.name
        is_view = function.is_view or name in _NO_WORK
        (self.views if is_view else self.started)[name] += 1
        return function(*args, **(kwargs or {}))


class OperationsOfParts(DispatchedOperations):
    """Also counts by the file of a model that called for the operation.

    A gradient belongs where its forward operation was called. To know that,
    the context records where each operation is called, which is slow.

    Attributes:
        files (Counter): Operations that work on numbers, by the innermost
            file of a package ``models``, as 'necks/cvi_net.py'.
    """

    def __init__(self):
        super().__init__()
        self.files = Counter()
        self._anomaly = torch.autograd.detect_anomaly(check_nan=False)

    def __enter__(self):
        with warnings.catch_warnings():
            warnings.simplefilter('ignore')  # of the time that it takes
            self._anomaly.__enter__()
        return super().__enter__()

    def __exit__(self, *error):
        super().__exit__(*error)
        self._anomaly.__exit__(*error)

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        before = self.started.total()
        result = super().__torch_dispatch__(function, types, args, kwargs)
        if self.started.total() > before:
            self.files[self._file()] += 1
        return result

    def _file(self):
        node = torch._C._current_autograd_node()
        if node is None:
            calls = traceback.format_stack()
        else:
            calls = node.metadata.get('traceback_', ())
        found = re.findall(r'File "[^"]*/models/([^"]*)"', ''.join(calls))
        return found[-1] if found else 'caller'
