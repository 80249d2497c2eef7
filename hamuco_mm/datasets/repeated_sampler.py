import math
from collections.abc import Iterator, Sized
from typing import Any

from mmengine.dataset import DefaultSampler
from mmpose.registry import DATA_SAMPLERS


@DATA_SAMPLERS.register_module()
class RepeatedSampler(DefaultSampler):
    """MMEngine's ``DefaultSampler``, whose epochs have a least length.

    A small data set is passed through several times in an epoch, each time in
    another order: a number of epochs then is a training of a small data set, too. A
    data set that is large enough is passed through once.

    Args:
        dataset (Sized): The data set.
        min_samples (int): Samples of an epoch, at least, of all processes together.
        times (int): How often an epoch passes through the data set, at least.
            Defaults to 1.
        **kwargs: Other arguments of ``DefaultSampler``.

    Raises:
        ValueError: If the data set is empty.
    """

    epoch: int

    def __init__(
        self, dataset: Sized, min_samples: int = 1, times: int = 1, **kwargs: Any
    ) -> None:
        if not len(dataset):
            raise ValueError('RepeatedSampler: the data set has no items')
        super().__init__(dataset, **kwargs)
        self.repeats = max(times, math.ceil(min_samples / len(dataset)))
        self.num_samples *= self.repeats

    def __iter__(self) -> Iterator[int]:
        """Indices of this process."""
        epoch, indices = self.epoch, []
        for repeat in range(self.repeats):
            # the order follows from the number of the epoch
            self.epoch = epoch * self.repeats + repeat
            indices += super().__iter__()
        self.epoch = epoch
        return iter(indices)
