"""Metrics with a result for each view, on data sets of several views."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from mmengine.dist import all_gather_object, collect_results
from mmengine.evaluator import BaseMetric, Evaluator
from mmengine.structures import BaseDataElement

from ..structures import split_items


class ItemEvaluator(Evaluator):
    """MMEngine's evaluator, which also measures all views of a time step.

    MMEngine keeps as many results as the data set has items. Metrics of this package
    have one for each item, such as a time step; those of MMPose (``PCKAccuracy``,
    ``EPE``, ``AUC``) one for each image, of which all but the first views would be
    dropped. Theirs are gathered by items here.

    Args:
        metrics: See :class:`mmengine.evaluator.Evaluator`.
    """

    def __init__(self, metrics: dict | BaseMetric | Sequence) -> None:
        super().__init__(metrics)
        self._forget()

    def process(
        self, data_samples: Sequence[BaseDataElement], data_batch: Any = None
    ) -> None:
        """Let each metric have a batch, as MMEngine's evaluator does."""
        before = [_number_of_results(metric) for metric in self.metrics]
        super().process(data_samples, data_batch)
        sizes = [len(item) for item in split_items(data_samples)]
        self._sizes += sizes
        if len(sizes) < len(data_samples):
            self._by_view |= {
                place
                for place, metric in enumerate(self.metrics)
                if _number_of_results(metric) == before[place] + len(data_samples)
            }

    def evaluate(self, size: int) -> dict:
        """Measures of all metrics.

        Args:
            size (int): Number of items of the data set.

        Raises:
            ValueError: If two measures have one name.
        """
        # a process whose items have one view each cannot tell
        by_view = set().union(*all_gather_object(self._by_view))
        measures: dict = {}
        for place, metric in enumerate(self.metrics):
            number = self._gather_views(metric, size) if place in by_view else size
            found = metric.evaluate(number)
            if twice := sorted(found.keys() & measures.keys()):
                raise ValueError(
                    f'several metrics have a measure {twice[0]}: give them different '
                    'prefixes'
                )
            measures.update(found)
        self._forget()
        return measures

    def _gather_views(self, metric: BaseMetric, size: int) -> int:
        """Give the main process the results of all views, once each, and the others
        none; their number there."""
        items = list(_cut(metric.results, self._sizes))
        kept = collect_results(
            items, size, metric.collect_device, getattr(metric, 'collect_dir', None)
        )
        metric.results = [result for item in kept or () for result in item]
        return len(metric.results)

    def _forget(self) -> None:
        self._sizes: list[int] = []
        self._by_view: set[int] = set()


def _number_of_results(metric: BaseMetric) -> int:
    # one that hands on to other metrics may have none
    return len(getattr(metric, 'results', ()))


def _cut(results: list, sizes: Sequence[int]) -> Iterator[list]:
    rest = iter(results)
    return (list(islice(rest, size)) for size in sizes)
