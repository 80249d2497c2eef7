"""What MMEngine's ``scalars.json`` files say about a training."""

import math
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from ..utils.json_files import parse_json
from ..utils.text_files import read_text


class Curve(NamedTuple):
    """A logged value: epochs (N,) from 0, fractions included, and values."""

    epochs: tuple[float, ...]
    values: tuple[float, ...]


class TrainingLog(NamedTuple):
    """Curves of a training, by the names in the log.

    Attributes:
        losses (dict): Of the training: ``loss`` and what adds up to it.
        metrics (dict): Of the validations.
    """

    losses: dict[str, Curve]
    metrics: dict[str, Curve]


def read_training_log(work_dir: str | Path) -> TrainingLog:
    """Read the logs of a work directory, resumed runs joined.

    Where two runs logged the same step, the later run counts.

    Args:
        work_dir (str | Path): Holds ``<timestamp>/vis_data/scalars.json``.

    Raises:
        FileNotFoundError: If no training has logged there.
        ValueError: If a line of a log is not JSON.
    """
    paths = sorted(Path(work_dir).glob('*/vis_data/scalars.json'))
    train, val = {}, {}
    for path in paths:
        for record in log_records(path):
            if 'loss' in record:
                train[record['step']] = record
            else:
                val[record['step']] = record
    if not train:
        raise FileNotFoundError(
            f'no */vis_data/scalars.json with losses in {work_dir}: train '
            "first, with LocalVisBackend among the visualizer's vis_backends"
        )
    length = _iterations_per_epoch(train.values())
    losses = {
        name: curve
        for name, curve in _curves(train, 1 / length).items()
        if name.startswith('loss')
    }
    metrics = {name: curve for name, curve in _curves(val, 1).items() if '/' in name}
    return TrainingLog(losses, metrics)


def log_records(path: Path) -> list[dict]:
    """The lines of one log.

    Args:
        path (Path): A ``scalars.json`` of MMEngine.

    Raises:
        ValueError: If a line is not JSON, or the file is no text.
    """
    records = []
    for number, line in enumerate(read_text(path).splitlines(), 1):
        try:
            records.append(parse_json(line, unique_keys=False))
        except ValueError as error:
            raise ValueError(
                f'{path}, line {number}: {error}; a run was '
                'probably cut off there: delete the line'
            ) from error
    return records


def _iterations_per_epoch(records: Iterable[dict]) -> int:
    """Iterations per epoch: step s of epoch e is one of its iterations.

    Exact if the last iteration of any epoch was logged, else a little low.
    """
    return max(math.ceil(r['step'] / r.get('epoch', 1)) for r in records)


def _curves(records: dict[int, dict], unit: float) -> dict[str, Curve]:
    points = defaultdict(list)
    for step, record in sorted(records.items()):
        for name, value in record.items():
            if isinstance(value, (int, float)):
                points[name].append((step * unit, value))
    return {name: Curve(*zip(*pairs)) for name, pairs in points.items()}
