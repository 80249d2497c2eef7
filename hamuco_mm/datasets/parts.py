"""Data sets in data sets."""

from collections.abc import Iterator

from mmengine.dataset import BaseDataset


def dataset_parts(dataset: BaseDataset) -> Iterator[BaseDataset]:
    """A data set and all that it wraps, such as those of a ``CombinedDataset``."""
    yield dataset
    if hasattr(dataset, 'dataset'):
        yield from dataset_parts(dataset.dataset)
    for part in getattr(dataset, 'datasets', ()):
        yield from dataset_parts(part)
