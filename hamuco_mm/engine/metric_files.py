"""Files that metrics write, where one metric measures several times."""

from collections.abc import Iterator
from pathlib import Path

from mmengine.evaluator import BaseMetric, Evaluator

from .item_evaluator import parts_of_metric

# How metrics of this package, of MMPose and of MMEngine name what they write.
_PREFIX = 'outfile_prefix'
_PATHS = ('out_file_path', 'out_file')


def file_settings(evaluator: Evaluator) -> Iterator[tuple[BaseMetric, str]]:
    """The metrics of an evaluator that write files, each with the name of the argument
    that says where."""
    for metric in evaluator.metrics:
        for part in parts_of_metric(metric):
            for name in (_PREFIX, *_PATHS):
                if getattr(part, name, None) is not None:
                    yield part, name


def put_into_file_names(evaluator: Evaluator, addition: str) -> None:
    """Let the metrics of an evaluator write files of their own.

    Args:
        evaluator (Evaluator): Its metrics are changed.
        addition (str): Comes behind a prefix, and before the suffix of a path:
            ``test`` becomes ``test.views_2``, ``all.npz`` ``all.views_2.npz``.
    """
    for metric, name in file_settings(evaluator):
        path = Path(getattr(metric, name))
        suffix = '' if name == _PREFIX else path.suffix
        own = path.with_name(f'{path.name.removesuffix(suffix)}.{addition}{suffix}')
        setattr(metric, name, str(own))
