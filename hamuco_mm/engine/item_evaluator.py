"""Metrics with a result for each view, on data sets of several views."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice
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
    dropped. Theirs are gathered by items here, also where they are parts of another
    metric (``KeypointPartitionMetric``), and where each is of one of several data sets
    (``MultiDatasetEvaluator``).

    Args:
        metrics: See :class:`mmengine.evaluator.Evaluator`; or an evaluator, which
            chooses what its metrics see.
    """

    def __init__(self, metrics: dict | BaseMetric | Sequence | Evaluator) -> None:
        self._chooses = (
            metrics if isinstance(metrics, Evaluator) else Evaluator(metrics)
        )
        self.metrics = self._chooses.metrics
        self._parts = [
            [_ItemResults(part) for part in parts_of_metric(metric)]
            for metric in self.metrics
        ]

    @property
    def dataset_meta(self) -> dict | None:
        """Meta information of the data set."""
        return self._chooses.dataset_meta

    @dataset_meta.setter
    def dataset_meta(self, dataset_meta: dict) -> None:
        self._chooses.dataset_meta = dataset_meta

    def process(
        self, data_samples: Sequence[BaseDataElement], data_batch: Any = None
    ) -> None:
        """Let each metric have a batch, as MMEngine's evaluator does."""
        self._chooses.process(data_samples, data_batch)
        for metric, parts in zip(self.metrics, self._parts):
            items = split_items(self._shown(metric, data_samples))
            for part in parts:
                part.note([len(item) for item in items])

    def evaluate(self, size: int) -> dict:
        """Measures of all metrics.

        Args:
            size (int): Number of items of the data set.

        Raises:
            ValueError: If two measures have one name.
        """
        # a process whose items have one view each cannot tell
        all_parts = [*chain(*self._parts)]
        everywhere = all_gather_object([part.by_view for part in all_parts])
        for part, by_view in zip(all_parts, zip(*everywhere)):
            part.by_view = any(by_view)
        measures: dict = {}
        for metric, parts in zip(self.metrics, self._parts):
            numbers = [part.gather(size) if part.by_view else size for part in parts]
            # parts of a metric are of one class
            found = metric.evaluate(numbers[0])
            if twice := sorted(found.keys() & measures.keys()):
                raise ValueError(
                    f'several metrics have a measure {twice[0]}: give them different '
                    'prefixes'
                )
            measures.update(found)
        for part in all_parts:
            part.forget()
        return measures

    def _shown(self, metric: BaseMetric, data_samples: Sequence) -> Sequence:
        """The samples of a batch that a metric has seen."""
        for name, other in getattr(self._chooses, 'metrics_dict', {}).items():
            if other is metric:
                default = (self.dataset_meta or {}).get('dataset_name')
                return [
                    s for s in data_samples if s.get('dataset_name', default) == name
                ]
        return data_samples


class _ItemResults:
    """The results of a metric, and the items that it has seen.

    Attributes:
        by_view (bool): Whether it has a result for each view.
    """

    def __init__(self, metric: BaseMetric) -> None:
        self.metric = metric
        self.forget()

    def forget(self) -> None:
        """Begin anew."""
        self.by_view = False
        self._sizes: list[int] = []
        self._number = 0

    def note(self, sizes: Sequence[int]) -> None:
        """Look at what came of a batch, of items of so many views."""
        # one of another kind may have none
        number = len(getattr(self.metric, 'results', ()))
        several = len(sizes) < sum(sizes)
        self.by_view |= several and number == self._number + sum(sizes)
        self._number = number
        self._sizes += sizes

    def gather(self, size: int) -> int:
        """Give the main process the results of all views, once each, and the others
        none; their number there."""
        metric, rest = self.metric, iter(self.metric.results)
        items = [[*islice(rest, number)] for number in self._sizes]
        kept = collect_results(
            items, size, metric.collect_device, getattr(metric, 'collect_dir', None)
        )
        metric.results = [*chain(*(kept or ()))]
        return len(metric.results)


def parts_of_metric(metric: BaseMetric) -> Iterator[BaseMetric]:
    """The metrics that a metric hands its samples on to; itself if there are none."""
    parts = getattr(metric, 'metrics', None)
    yield from parts.values() if isinstance(parts, Mapping) and parts else [metric]
