"""A test of the network that was trained."""

from mmengine.hooks import Hook
from mmengine.runner import Runner
from mmpose.registry import HOOKS

from ...utils.checkpoint_files import check_weights
from .runner_state import network_of


@HOOKS.register_module()
class WholeWeightsHook(Hook):
    """Refuse a checkpoint that lacks weights of the network.

    MMEngine warns of them and goes on: a training may start from a part of its
    network, but the errors of one that is partly random mean nothing. For tests
    alone, after the hooks that change what a checkpoint holds:
    ``dict(type='WholeWeightsHook', priority='LOWEST')``.
    """

    def after_load_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Raise a ValueError that names the first tensor that is missing."""
        check_weights(
            network_of(runner),
            checkpoint,
            runner.cfg.filename or runner.experiment_name,
            str(runner._load_from),
        )
