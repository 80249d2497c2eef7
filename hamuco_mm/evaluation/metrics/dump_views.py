"""Saving the prediction of every view."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from mmengine.evaluator import DumpResults
from mmengine.fileio import dump
from mmengine.logging import print_log
from mmpose.registry import METRICS

from ...structures import PredictedViews, check_moderate, split_items
from ...utils.files import write_atomically

# How the names of predicted points start, in pixels and in metres.
_COORDINATES = ('keypoints', 'vertices')


@METRICS.register_module()
class DumpViews(DumpResults):
    """Dump predictions to a file, for data sets of several views too.

    MMEngine keeps as many results as the data set has items, so that its
    ``DumpResults`` would drop all but the first views of a multi-view set.
    Here the views of an item are one result; the file is still the flat list
    of data samples.

    A pickle can run code when it is opened. The alternative, .npz, holds plain
    arrays and is what the commands of this package read, see
    :class:`~hamuco_mm.structures.PredictedViews`.

    Args:
        out_file_path (str): Path of the file, ending with .npz, .pkl or
            .pickle.
        collect_device (str): Where results of several processes are gathered,
            'cpu' or 'gpu'. Defaults to 'cpu'.
        collect_dir (str, optional): Folder for gathering on the CPU.
    """

    # it has no values to name; MMEngine warns of None
    default_prefix = ''

    def __init__(
        self,
        out_file_path: str,
        collect_device: str = 'cpu',
        collect_dir: str | None = None,
    ) -> None:
        if out_file_path.endswith('.npz'):
            # DumpResults itself knows pickles only
            super(DumpResults, self).__init__(
                collect_device=collect_device, collect_dir=collect_dir
            )
            self.out_file_path = out_file_path
        else:
            super().__init__(out_file_path, collect_device, collect_dir)

    def process(self, data_batch: Any, data_samples: Sequence[dict]) -> None:
        """Append one result per dataset item: the list of its views.

        Raises:
            ValueError: If a prediction is not finite, or beyond any hand; names the
                view and the field.
        """
        for sample in data_samples:
            for key, values in sample['pred_instances'].items():
                if key.startswith(_COORDINATES):
                    check_moderate(np.asarray(values), sample, key)
        first = len(self.results)
        super().process(data_batch, data_samples)
        views = self.results[first:]
        self.results[first:] = [[views[i] for i in item] for item in split_items(views)]

    def compute_metrics(self, results: list) -> dict:
        views = [view for item in results for view in item]
        if not self.out_file_path.endswith('.npz'):
            Path(self.out_file_path).parent.mkdir(parents=True, exist_ok=True)
            write_atomically(self.out_file_path, dump(views, file_format='pkl'))
        else:
            PredictedViews.from_samples(views).save(self.out_file_path)
        print_log(f'Predictions were written to {self.out_file_path}', logger='current')
        return {}
