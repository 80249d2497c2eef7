"""Saving the prediction of every view."""
from typing import Any, Sequence

from mmengine.evaluator import DumpResults
from mmpose.registry import METRICS

from .views import split_items


@METRICS.register_module()
class DumpViews(DumpResults):
    """Dump predictions to a pickle file, for data sets of several views too.

    MMEngine keeps as many results as the data set has items, so that its
    ``DumpResults`` would drop all but the first views of a multi-view set.
    Here the views of an item are one result; the file is the flat list of
    data samples all the same.

    Args:
        out_file_path (str): Path of the file, ending with .pkl or .pickle.
        collect_device (str): Where results of several processes are gathered,
            'cpu' or 'gpu'. Defaults to 'cpu'.
        collect_dir (str, optional): Folder for gathering on the CPU.
    """

    def process(self, data_batch: Any, data_samples: Sequence[dict]) -> None:
        first = len(self.results)
        super().process(data_batch, data_samples)
        views = self.results[first:]
        self.results[first:] = [[views[i] for i in item]
                                for item in split_items(views)]

    def compute_metrics(self, results: list) -> dict:
        return super().compute_metrics(
            [view for item in results for view in item])
