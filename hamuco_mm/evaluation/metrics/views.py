"""What the metrics read from data samples: predictions, items, identities."""

from collections.abc import Sequence

import numpy as np

from ...structures import group_sizes

# Evaluated stages of the network and the suffix of their prediction fields:
# the single-view mesh M, the interacted M*, the fused one (paper, section 3).
MODE_SUFFIXES = dict(single='', interact='_interact', fusion='_fused')


def predicted_modes(sample: dict) -> list[str]:
    """Stages whose 2D keypoints a sample's ``pred_instances`` holds."""
    return [
        mode
        for mode, suffix in MODE_SUFFIXES.items()
        if f'keypoints{suffix}' in sample['pred_instances']
    ]


def prediction(sample: dict, field: str, mode: str) -> np.ndarray | None:
    """One predicted field of the one hand in a view.

    Args:
        sample (dict): A data sample as the evaluator passes it.
        field (str): ``keypoints``, ``keypoints_cam`` or ``vertices``.
        mode (str): ``single``, ``interact`` or ``fusion``.

    Returns:
        np.ndarray | None: (P, 2) or (P, 3); None where not predicted.

    Raises:
        ValueError: If a coordinate is NaN or infinite.
    """
    key = field + MODE_SUFFIXES[mode]
    value = sample['pred_instances'].get(key)
    if value is None:
        return None
    points = np.asarray(value)[0]
    if not np.isfinite(points).all():
        raise ValueError(
            f'pred_instances.{key} of {describe(sample)} is not finite: the '
            'training has diverged. Go back to an earlier checkpoint, and '
            'lower the learning rate or clip gradients (optim_wrapper.'
            'clip_grad).'
        )
    return points


def ground_truth(sample: dict, field: str) -> np.ndarray | None:
    """One field (P, 3) of ``gt_instances``; None if absent or not finite."""
    value = sample.get('gt_instances', {}).get(field)
    if value is None or not np.isfinite(np.asarray(value)).all():
        return None
    return np.asarray(value)[0]


def split_items(data_samples: Sequence[dict]) -> list[list[int]]:
    """Indices of the samples of each dataset item in a batch.

    Metrics need this, as MMEngine counts results by dataset items: gathering
    from several processes keeps as many results as the dataset is long.

    Raises:
        ValueError: If an item is cut or out of order, see
            :func:`~hamuco_mm.structures.group_sizes`.
    """
    ends = np.cumsum(group_sizes(data_samples))
    starts = [0, *ends[:-1]]
    return [list(range(start, end)) for start, end in zip(starts, ends)]


def describe(sample: dict) -> str:
    """Name a view for messages."""
    names: dict[str, object] = {
        key: sample[key]
        for key in ('img_path', 'frame_id', 'camera_id', 'img_id')
        if key in sample
    }
    if not names:
        return 'a sample without metainfo'
    return 'view (' + ', '.join(f'{k}={v}' for k, v in names.items()) + ')'
