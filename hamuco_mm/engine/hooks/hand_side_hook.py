from collections.abc import Sequence

from mmengine.hooks import Hook
from mmengine.runner import Runner
from mmpose.registry import HOOKS
from torch.utils.data import DataLoader

from ...datasets.mirroring import refuse_flipped
from ...datasets.stated_sides import warn_of_unstated_sides
from .runner_state import network_of


@HOOKS.register_module()
class HandSideHook(Hook):
    """Hands arrive as those of the side that the network knows.

    Networks of a right hand model take left hands mirrored
    (:class:`~hamuco_mm.datasets.MirrorLeftHand`); one that is not is an error, and so is
    one of either side that ``RandomFlip`` has mirrored. An item
    without ``hand_side`` is taken as a right hand, which is said before a loop: the
    data sets of this package say the side, those of MMPose do not.
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

    def _before_iter(
        self,
        runner: Runner,
        batch_idx: int,
        data_batch: dict | None = None,
        mode: str = 'train',
    ) -> None:
        """Look at a batch of any loop, as MMEngine calls it.

        Raises:
            ValueError: If it has a left hand that is not mirrored, or a hand that
                ``RandomFlip`` has mirrored.
        """
        samples: Sequence = (data_batch or {}).get('data_samples') or ()
        decoder = getattr(
            getattr(network_of(runner), 'head', None), 'hand_decoder', None
        )
        if decoder is None or decoder.hand.side != 'right':
            return
        for sample in samples:
            refuse_flipped(sample)
            if sample.get('hand_side') == 'left' and not sample.get('mirrored'):
                raise ValueError(
                    f'{sample.get("img_path", "an image")} has a left hand '
                    "(hand_side='left'), and the network's hand model is a right one: "
                    "put dict(type='MirrorLeftHand') before the crop into the pipeline "
                    f'of {mode}_dataloader'
                )
