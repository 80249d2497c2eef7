import torch
from mmengine.hooks import Hook
from mmengine.logging import print_log
from mmengine.runner import Runner
from mmpose.registry import HOOKS

from ...models import HaMuCo
from ...utils.cuda_graphs import Graph, graph_type_of
from ..captured_predictions import CapturedPredictions
from .runner_state import network_of


@HOOKS.register_module()
class CapturedPredictionHook(Hook):
    """Run validation and test of :class:`~hamuco_mm.models.HaMuCo` as programs
    that a GPU has recorded.

    The networks of a batch consist of hundreds of small operations, and
    starting them takes a GPU's host longer than computing them takes the GPU. They are
    recorded as one CUDA graph for each size of batches. Batches that cannot be
    recorded run op by op, and the log says so once. On a CPU nothing is
    recorded. What is predicted is the same.

    Args:
        compile (bool): Also compile what is recorded, which takes about a
            minute for each size of batches. Defaults to False.
    """

    # after hooks that change the model
    priority = 'LOW'

    def __init__(self, compile: bool = False) -> None:
        self.compile = compile
        self._predictions: CapturedPredictions | None = None
        self._was_made = False

    def graph_type(self, device: torch.device) -> type[Graph] | None:
        """What records programs for a device; None if nothing does."""
        return graph_type_of(device)

    def before_val(self, runner: Runner) -> None:
        """Replace what predictions call."""
        if not self._was_made:  # the log says once if there are none
            self._was_made, self._predictions = True, self._make(runner)
        if self._predictions is not None:
            self._predictions.install()

    def before_test(self, runner: Runner) -> None:
        """See :meth:`before_val`."""
        self.before_val(runner)

    def after_val(self, runner: Runner) -> None:
        """Take it back; the next validation uses the same programs."""
        if self._predictions is not None:
            self._predictions.remove()

    def after_test(self, runner: Runner) -> None:
        """See :meth:`after_val`."""
        self.after_val(runner)

    def _make(self, runner: Runner) -> CapturedPredictions | None:
        """None, and a line in the log, where nothing can be recorded."""
        model = network_of(runner)
        if not isinstance(model, HaMuCo):
            reason = f'{type(model).__name__} is no HaMuCo'
        elif self.graph_type(next(model.parameters()).device) is None:
            reason = 'there is no GPU'
        else:
            return CapturedPredictions(model, self.compile, self.graph_type)
        print_log(
            f'CapturedPredictionHook: nothing is recorded, as {reason}',
            logger='current',
        )
        return None
