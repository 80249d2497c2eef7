"""The runner of tools that measure a trained network."""

from typing import Any

from mmengine.hooks import EarlyStoppingHook

from ..utils.weight_loading import complete_loading
from .hooks.runner_state import network_of
from .logs import ConsoleRunner


class EvaluationRunner(ConsoleRunner):
    """Refuses a checkpoint that lacks weights of the network, and leaves the training
    set alone.

    MMEngine warns of the former and goes on: a training may start from a part of its
    network, but the errors of one that is partly random mean nothing. Its
    ``EarlyStoppingHook`` builds the latter, in tests too, to look at the loop.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.hooks[:] = [h for h in self.hooks if not isinstance(h, EarlyStoppingHook)]

    def load_checkpoint(self, filename: str, *args: Any, **kwargs: Any) -> dict:
        """Load it, as MMEngine's runner does.

        Raises:
            ValueError: If it is of another network; names the first tensors that are
                missing.
        """
        config = self.cfg.filename or self.experiment_name
        with complete_loading(network_of(self), config, filename):
            return super().load_checkpoint(filename, *args, **kwargs)
