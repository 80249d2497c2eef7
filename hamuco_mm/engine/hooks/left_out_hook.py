"""One file for all that a run did not use."""

from pathlib import Path

from mmengine.dist import is_main_process
from mmengine.hooks import Hook
from mmengine.runner import Runner
from mmpose.registry import HOOKS
from torch.utils.data import DataLoader

from ...datasets.left_out_parts import note_left_out
from ...utils.left_out import FILE_NAME, LeftOutFile


@HOOKS.register_module()
class LeftOutHook(Hook):
    """List in ``<work_dir>/left_out.tsv`` what the data sets left out, and why.

    The data sets that know it (HanCo's layout) say it before a loop; images that
    cannot be read are added when they are met, by whichever process. The file is
    there only if something was left out.
    """

    def __init__(self) -> None:
        self._file: LeftOutFile | None = None

    def before_train(self, runner: Runner) -> None:
        """Of the training set."""
        self._watch(runner, runner.train_dataloader)

    def before_val(self, runner: Runner) -> None:
        """Of the validation set."""
        self._watch(runner, runner.val_dataloader)

    def before_test(self, runner: Runner) -> None:
        """Of the test set."""
        self._watch(runner, runner.test_dataloader)

    def after_run(self, runner: Runner) -> None:
        """Say where the list is."""
        if self._file is None or not is_main_process():
            return
        if said := self._file.summary():
            runner.logger.info(said)

    def _watch(self, runner: Runner, loader: DataLoader) -> None:
        if self._file is None:
            self._file = LeftOutFile(Path(runner.work_dir) / FILE_NAME)
        note_left_out(loader.dataset, self._file, with_known=is_main_process())
