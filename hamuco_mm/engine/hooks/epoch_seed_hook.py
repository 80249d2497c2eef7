"""Random numbers that depend on the epoch, not on how the run got there."""

from functools import partial

import numpy as np
from mmengine.dist import get_rank
from mmengine.hooks import Hook
from mmengine.runner import Runner, set_random_seed
from mmpose.registry import HOOKS
from torch.utils.data import DataLoader


@HOOKS.register_module()
class EpochSeedHook(Hook):
    """Seed the streams of random numbers at the start of each epoch.

    A checkpoint of MMEngine does not hold the state of the streams, so a run that
    was resumed draws other augmentations than one that was not interrupted. Here
    each epoch starts from a seed of its own, made from the run's seed, the epoch
    and the rank: a run resumed at the end of an epoch equals the uninterrupted
    one.

    That holds for what the training process draws, and for what data loader
    workers draw that start with the epoch. Workers that live on
    (``persistent_workers=True``) keep their streams: they are started anew only
    with ``restart_workers``, which costs their start in each epoch.

    Args:
        restart_workers (bool): Start persistent workers anew in each epoch.
            Defaults to False.
    """

    priority = 'VERY_HIGH'

    def __init__(self, restart_workers: bool = False) -> None:
        self.restart_workers = restart_workers

    def before_train(self, runner: Runner) -> None:
        """Shuffle by the seed of the checkpoint, where the run has none."""
        sampler = runner.train_dataloader.sampler
        if hasattr(sampler, 'seed'):
            sampler.seed = runner.seed

    def before_train_epoch(self, runner: Runner) -> None:
        """Seed Python's, numpy's and PyTorch's streams, and the next workers'."""
        sequence = np.random.SeedSequence([runner.seed, runner.epoch, get_rank()])
        # workers count up from their seed, within 32 bits
        seed = int(sequence.generate_state(1)[0]) >> 1
        set_random_seed(seed)
        loader = runner.train_dataloader
        start = loader.worker_init_fn
        if isinstance(start, partial) and 'seed' in start.keywords:
            loader.worker_init_fn = partial(start, seed=seed)
        if self.restart_workers:
            _stop_workers(loader)


def _stop_workers(loader: DataLoader) -> None:
    """Let the next epoch start new workers."""
    loader._iterator = None
