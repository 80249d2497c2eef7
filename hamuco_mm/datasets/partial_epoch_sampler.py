from collections.abc import Iterator, Sized
from typing import Any

from mmengine.dataset import DefaultSampler
from mmpose.registry import DATA_SAMPLERS


@DATA_SAMPLERS.register_module()
class PartialEpochSampler(DefaultSampler):
    """MMEngine's ``DefaultSampler`` for a data set that is too large for epochs.

    Each epoch sees the next ``samples`` items, in another order, and after the last
    ones begins again with the first. So validations, checkpoints and schedules come
    as often as is wanted, and with a large enough data set, such as
    :class:`~hamuco_mm.synthesis.GeneratedHandDataset`, no item comes twice.

    Args:
        dataset (Sized): The data set.
        samples (int): Samples of an epoch, of all processes together; all where
            the data set has fewer.
        **kwargs: Other arguments of ``DefaultSampler``.

    Raises:
        ValueError: If the data set is empty, or ``samples`` not positive.
    """

    epoch: int

    def __init__(self, dataset: Sized, samples: int, **kwargs: Any) -> None:
        if not len(dataset):
            raise ValueError('PartialEpochSampler: the data set has no items')
        if samples < 1:
            raise ValueError(
                f'PartialEpochSampler: samples={samples} should be a number >= 1'
            )
        self.num_items = len(dataset)
        self.part = min(samples, self.num_items)
        super().__init__(range(self.part), **kwargs)

    def __iter__(self) -> Iterator[int]:
        """Indices of this process."""
        first = self.epoch * self.part
        return ((first + index) % self.num_items for index in super().__iter__())
