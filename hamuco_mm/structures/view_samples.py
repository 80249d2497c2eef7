"""Reads the data sample of a view: predictions, ground truth, names.

Here a sample is a dict as MMEngine's evaluator passes it to metrics:
``PoseDataSample.to_dict()``, with the metainfo beside ``pred_instances`` and
``gt_instances``.
"""

from collections.abc import Mapping, Sequence
from itertools import chain, islice

import numpy as np
from mmpose.structures import PoseDataSample

from ..utils.natural_order import natural_key
from .stage import Stage
from .view_groups import group_sizes, window_sizes

# Metres or pixels. Sums of squares of larger ones are not finite in float32.
LARGEST_COORDINATE = 1e12


def prediction(sample: dict, field: str, stage: str) -> np.ndarray | None:
    """One predicted field of the one hand in a view.

    Args:
        sample (dict): A data sample.
        field (str): ``keypoints``, ``keypoints_cam`` or ``vertices``.
        stage (Stage | str): ``single``, ``interact`` or ``fusion``.

    Returns:
        np.ndarray | None: (P, 2) or (P, 3); None where not predicted.

    Raises:
        ValueError: If a coordinate is NaN, infinite, or beyond
            :data:`LARGEST_COORDINATE`.
    """
    key = Stage(stage).field(field)
    value = sample['pred_instances'].get(key)
    if value is None:
        return None
    points = np.asarray(value)[0]
    check_moderate(points, sample, key)
    return points


def check_moderate(points: np.ndarray, sample: Mapping, key: str) -> None:
    """Refuse predicted coordinates of which no error can be computed.

    Args:
        points (np.ndarray): Coordinates of any shape.
        sample (Mapping): The data sample and
        key (str): the field of its ``pred_instances`` that they are from.

    Raises:
        ValueError: If one is NaN, infinite, or beyond :data:`LARGEST_COORDINATE`;
            names the sample and the field.
    """
    if not is_moderate(points):
        raise ValueError(
            f'pred_instances.{key} of {describe(sample)} is not finite, or beyond '
            f'{LARGEST_COORDINATE:.0e}: the training has diverged. Go back to an '
            'earlier checkpoint, and lower the learning rate or clip gradients '
            '(optim_wrapper.clip_grad)'
        )


def is_moderate(points: np.ndarray) -> bool:
    """Whether all coordinates are finite, with squares that are finite too."""
    return bool(moderate(points).all())


def moderate(coordinates: np.ndarray) -> np.ndarray:
    """Which of them are finite, with squares that are finite too; bool."""
    return np.abs(coordinates) <= LARGEST_COORDINATE


def ground_truth(sample: dict, field: str) -> np.ndarray | None:
    """One field (P, 3) of ``gt_instances``; None if absent, not finite, or beyond
    :data:`LARGEST_COORDINATE`."""
    value = sample.get('gt_instances', {}).get(field)
    if value is None or not is_moderate(np.asarray(value)):
        return None
    return np.asarray(value)[0]


def stack_predictions(
    samples: Sequence[dict], field: str, stage: str
) -> tuple[list[int], np.ndarray]:
    """:func:`prediction` of many samples at once.

    Args:
        samples (Sequence[dict]): Data samples of one hand each.
        field (str): ``keypoints``, ``keypoints_cam`` or ``vertices``.
        stage (Stage | str): ``single``, ``interact`` or ``fusion``.

    Returns:
        tuple:
        - list[int]: Which of the samples have the field.
        - np.ndarray: Theirs, (N, P, 2) or (N, P, 3); empty for none.

    Raises:
        ValueError: As of :func:`prediction`.
    """
    key = Stage(stage).field(field)
    rows, points = _stack([sample['pred_instances'].get(key) for sample in samples])
    if not is_moderate(points):
        for row in rows:
            prediction(samples[row], field, stage)  # raises the error
    return rows, points


def stack_ground_truth(
    samples: Sequence[dict], field: str
) -> tuple[list[int], np.ndarray]:
    """:func:`ground_truth` of many samples at once.

    Returns:
        tuple:
        - list[int]: Which of the samples have the field, and such that errors
          can be computed.
        - np.ndarray: Theirs, (N, P, 3); empty for none.
    """
    rows, points = _stack(
        [sample.get('gt_instances', {}).get(field) for sample in samples]
    )
    usable = moderate(points).all(axis=(1, 2))
    if usable.all():
        return rows, points
    return [row for row, known in zip(rows, usable) if known], points[usable]


def _stack(values: list) -> tuple[list[int], np.ndarray]:
    """The first hands of the values (1, P, D) that are not None as one array,
    and their rows."""
    rows = [row for row, value in enumerate(values) if value is not None]
    if not rows:
        return rows, np.zeros((0, 0, 0), np.float32)
    return rows, np.concatenate([values[row][:1] for row in rows])


def without_meshes(sample: dict) -> dict:
    """The sample without vertices, most of its memory. The given sample is
    not changed."""
    return {
        **sample,
        **{
            name: {
                field: value
                for field, value in sample[name].items()
                if not field.startswith('vertices')
            }
            for name in ('pred_instances', 'gt_instances')
            if name in sample
        },
    }


def split_items(data_samples: Sequence[dict]) -> list[list[int]]:
    """Indices of the samples of each dataset item in a batch: a time step, or a
    window of several.

    Metrics need this, as MMEngine counts results by dataset items: gathering
    from several processes keeps as many results as the dataset is long.

    Raises:
        ValueError: If an item is cut or out of order, see
            :func:`~hamuco_mm.structures.group_sizes` and
            :func:`~hamuco_mm.structures.window_sizes`.
    """
    steps = split_time_steps(data_samples)
    windows = window_sizes(data_samples, [len(step) for step in steps])
    if windows is None:
        return steps
    rest = iter(steps)
    return [list(chain(*islice(rest, number))) for number in windows]


def split_time_steps(data_samples: Sequence[dict]) -> list[list[int]]:
    """Indices of the samples of each time step in a batch.

    Raises:
        ValueError: If a time step is cut or out of order, see
            :func:`~hamuco_mm.structures.group_sizes`.
    """
    ends = np.cumsum(group_sizes(data_samples))
    starts = [0, *ends[:-1]]
    return [list(range(start, end)) for start, end in zip(starts, ends)]


def camera_of(sample: Mapping) -> int | str:
    """What a sample's camera is called: its name in a data set that has names
    (``camera``), else its number (``camera_id``), -1 where it is not known."""
    return sample.get('camera', sample.get('camera_id', -1))


def camera_order(camera_id: int | str) -> tuple[bool, list[tuple[int, str]]]:
    """Sort key of cameras: numbers by their size, then names in natural order."""
    name = str(camera_id)
    return (not name.isdecimal(), natural_key(name))


def describe(sample: Mapping | PoseDataSample) -> str:
    """Name a view for messages: a data sample, its dict or its metainfo."""
    names: dict[str, object] = {
        key: sample.get(key)
        for key in ('img_path', 'frame_id', 'camera_id', 'img_id')
        if key in sample
    }
    if not names:
        return 'a sample without metainfo'
    return 'view (' + ', '.join(f'{k}={v}' for k, v in names.items()) + ')'
