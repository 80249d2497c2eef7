from mmengine.hooks import Hook
from mmengine.runner import Runner
from mmpose.registry import HOOKS
from torch.utils.data import DataLoader

from ...datasets.stated_sides import warn_of_unstated_sides


@HOOKS.register_module()
class HandSideHook(Hook):
    """Warn of items that do not say the side of their hand, before a loop.

    The networks know right hands, and an item without ``hand_side`` is taken as
    one. The data sets of this package say it; those of MMPose do not.
    """

    def __init__(self) -> None:
        self._seen: set[int] = set()

    def before_train(self, runner: Runner) -> None:
        """Look at the training set."""
        self._look(runner.train_dataloader)

    def before_val(self, runner: Runner) -> None:
        """Look at the validation set, once."""
        self._look(runner.val_dataloader)

    def before_test(self, runner: Runner) -> None:
        """Look at the test set, once."""
        self._look(runner.test_dataloader)

    def _look(self, loader: DataLoader) -> None:
        if id(loader.dataset) not in self._seen:
            self._seen.add(id(loader.dataset))
            warn_of_unstated_sides(loader.dataset)
