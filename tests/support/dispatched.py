"""Which operations a program gives to a device."""

from collections import Counter

from torch.utils._python_dispatch import TorchDispatchMode

# They give a tensor another shape or another owner, and start nothing.
_NO_WORK = ('aten::detach', 'aten::_unsafe_view', 'aten::_reshape_alias')


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
