import copy
import logging
import zlib
from collections.abc import Sequence

import numpy as np
import torch
from mmengine.evaluator import Evaluator
from mmengine.logging import print_log
from mmengine.runner import Runner, TestLoop, autocast
from mmpose.registry import LOOPS
from mmpose.structures import PoseDataSample
from torch.utils.data import DataLoader

from ...datasets import FrameWindowDataset
from ...datasets.parts import dataset_parts
from ...structures import group_sizes
from ..metric_files import put_into_file_names


@LOOPS.register_module()
class ViewSubsetLoop(TestLoop):
    """Test with fewer views than there are (paper, section 4.6, fig. 3b).

    For each number n, the views of a time step are dealt at random into
    groups of n. Each group is predicted as if there were no other views.
    So every view is predicted once for every n, and the numbers of views are
    compared on the same images. Where n does not divide the number of views,
    views of the first group fill up the last one; their second predictions are
    not counted. A time step with fewer than n views gives those it has.

    Which views come together depends on ``seed`` and the ``frame_id`` alone:
    it is the same for all networks, batch sizes and numbers of processes, and
    groups of 2 are parts of groups of 4.

    Metrics are those of the evaluator, with the prefix ``views_<n>/``. Files that they
    write have ``views_<n>`` in their names, where there are several numbers.

    Args:
        runner (Runner): See :class:`mmengine.runner.TestLoop`.
        dataloader (Dataloader | dict): Of a :class:`MultiViewDataset`.
        evaluator (Evaluator | dict | list): Used once for each number.
        num_views (Sequence[int]): Numbers of views.
        seed (int): Of the random groups. Defaults to 0.
        fp16 (bool): See :class:`mmengine.runner.TestLoop`.

    Raises:
        ValueError: If a number of views is not positive, or too small for all metrics
            (``min_views``); or for windows of time steps, whose views would be other
            ones in each.
    """

    def __init__(
        self,
        runner: Runner,
        dataloader: DataLoader | dict,
        evaluator: Evaluator | dict | list,
        num_views: Sequence[int],
        seed: int = 0,
        fp16: bool = False,
    ) -> None:
        super().__init__(runner, dataloader, evaluator, fp16)
        if not num_views or min(num_views) < 1:
            raise ValueError(f'num_views should be numbers from 1 up, got {num_views}')
        if any(
            isinstance(part, FrameWindowDataset)
            for part in dataset_parts(self.dataloader.dataset)
        ):
            raise ValueError(
                'ViewSubsetLoop looks at each time step alone: put the '
                'MultiViewDataset that test_dataloader.dataset (a FrameWindowDataset) '
                'wraps in its place'
            )
        self.evaluators = {
            count: self._evaluator_of(count) for count in dict.fromkeys(num_views)
        }
        if len(self.evaluators) > 1:
            for count, of_count in self.evaluators.items():
                put_into_file_names(of_count, f'views_{count}')
        self.seed = seed

    def _evaluator_of(self, count: int) -> Evaluator:
        """A copy of the evaluator, for ``count`` views."""
        evaluator = copy.deepcopy(self.evaluator)
        of_more = [m for m in evaluator.metrics if getattr(m, 'min_views', 1) > count]
        if not of_more:
            return evaluator
        names = ', '.join(type(metric).__name__ for metric in of_more)
        needed = f'{names} needs time steps of {of_more[0].min_views} views or more'
        rest = [metric for metric in evaluator.metrics if metric not in of_more]
        if not rest:
            raise ValueError(f'{needed}: leave {count} out of num_views')
        print_log(f'{needed}, and measures none of {count}', 'current', logging.WARNING)
        fewer = self.runner.build_evaluator(rest)
        fewer.dataset_meta = evaluator.dataset_meta
        return fewer

    def run(self) -> dict[str, float]:
        """Launch the test.

        Returns:
            dict: Metrics, their names with the prefix ``views_<n>/``.
        """
        self.runner.call_hook('before_test')
        self.runner.call_hook('before_test_epoch')
        self.runner.model.eval()
        for idx, data_batch in enumerate(self.dataloader):
            self.run_iter(idx, data_batch)
        metrics = {
            f'views_{count}/{name}': value
            for count, evaluator in self.evaluators.items()
            for name, value in evaluator.evaluate(len(self.dataloader.dataset)).items()
        }
        self.runner.call_hook('after_test_epoch', metrics=metrics)
        self.runner.call_hook('after_test')
        return metrics

    @torch.no_grad()
    def run_iter(self, idx: int, data_batch: dict) -> None:
        """Predict a batch once for each number of views.

        Args:
            idx (int): Number of the batch.
            data_batch (dict): What :func:`multiview_collate` returns.
        """
        self.runner.call_hook('before_test_iter', batch_idx=idx, data_batch=data_batch)
        for count, evaluator in self.evaluators.items():
            outputs = self._predict(data_batch, count)
            evaluator.process(data_samples=outputs, data_batch=data_batch)
        self.runner.call_hook(
            'after_test_iter', batch_idx=idx, data_batch=data_batch, outputs=outputs
        )

    def _predict(self, data_batch: dict, count: int) -> list[PoseDataSample]:
        """Predictions of all views in their order, by groups of ``count``."""
        samples = data_batch['data_samples']
        rows, regrouped = [], []
        for group in self._groups(samples, count):
            for index, row in enumerate(group):
                sample = samples[row].new()
                sample.set_metainfo(dict(view_index=index, num_views=len(group)))
                rows.append(row)
                regrouped.append(sample)
        with autocast(enabled=self.fp16):
            outputs = self.runner.model.test_step(
                dict(
                    inputs=[data_batch['inputs'][row] for row in rows],
                    data_samples=regrouped,
                )
            )
        # a view that fills up a group was in another one before
        first: dict[int, PoseDataSample] = {}
        for row, output in zip(rows, outputs):
            first.setdefault(row, output)
        for row, sample in enumerate(samples):
            meta = sample.metainfo
            first[row].set_metainfo(
                dict(
                    view_index=meta.get('view_index', 0),
                    num_views=meta.get('num_views', 1),
                )
            )
        return [first[row] for row in range(len(samples))]

    def _groups(self, samples: list[PoseDataSample], count: int) -> list[np.ndarray]:
        """Rows of each group of views to be predicted together."""
        groups, start = [], 0
        for size in group_sizes(samples):
            name = str(samples[start].metainfo.get('frame_id', start))
            rng = np.random.default_rng([self.seed, zlib.crc32(name.encode())])
            order = start + rng.permutation(size)
            groups += deal_views(order, count)
            start += size
        return groups


def deal_views(order: np.ndarray, count: int) -> list[np.ndarray]:
    """Cut views into groups of ``count``; the first ones fill up the last
    group. One group of all where there are not so many."""
    count = min(count, len(order))
    groups = [order[i : i + count] for i in range(0, len(order), count)]
    missing = count - len(groups[-1])
    groups[-1] = np.concatenate([groups[-1], order[:missing]])
    return groups
