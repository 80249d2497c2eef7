from mmengine.hooks import Hook
from mmengine.runner import Runner
from mmpose.registry import HOOKS
from torch.utils.data import DataLoader

from ...datasets.hand_model_loan import lend_hand_model
from .runner_state import network_of


@HOOKS.register_module()
class HandModelHook(Hook):
    """Lend the hand model of the model's head to the data sets that ask for it.

    Those are data sets with ``hand_model=dict(path='head')``: they make the
    meshes of their ground truth with it, so that the hand model is set in one
    place. It is lent before a loop's first batch, and so before worker processes
    start. Loops by iteration are an exception: their workers start when the
    loop is built. See
    :func:`~hamuco_mm.datasets.hand_model_loan.lend_hand_model`.
    """

    def before_train(self, runner: Runner) -> None:
        """Lend to the training set."""
        _lend(runner, runner.train_dataloader)

    def before_val(self, runner: Runner) -> None:
        """Lend to the validation set."""
        _lend(runner, runner.val_dataloader)

    def before_test(self, runner: Runner) -> None:
        """Lend to the test set."""
        _lend(runner, runner.test_dataloader)


def _lend(runner: Runner, loader: DataLoader) -> None:
    head = getattr(network_of(runner), 'head', None)
    decoder = getattr(head, 'hand_decoder', None)
    if decoder is not None:
        lend_hand_model(loader.dataset, decoder.hand_model)
