"""Which cases to show: by a rule, not by hand."""

import numpy as np

from ..structures import ground_truth, prediction
from .functional import joint_errors
from .hand_metrics import MM_PER_M


def view_error(sample: dict, stage: str) -> float | None:
    """PA-MPJPE of a view in mm; None without prediction or truth.

    Args:
        sample (dict): An evaluated view, from ``PoseDataSample.to_dict``.
        stage (str): Whose prediction.
    """
    joints = prediction(sample, 'keypoints_cam', stage)
    truth = ground_truth(sample, 'keypoints_cam')
    if joints is None or truth is None:
        return None
    return MM_PER_M * float(joint_errors(joints, truth, 'procrustes').mean())


def spread_over_errors(errors: np.ndarray, num: int) -> list[int]:
    """Cases from good to bad that stand for all: one of each of ``num`` equal shares.

    The cases are sorted by error and cut into ``num`` parts as equal as can be; of
    each part its middle is taken. So one case is the median, and half of six are
    better than it.

    Args:
        errors (np.ndarray): One a case, (N, ); NaN where there is none, which is
            not chosen.
        num (int): How many, at most.

    Returns:
        list[int]: Indices into ``errors``, from the least error to the greatest.

    Raises:
        ValueError: If no case has an error.
    """
    order = np.argsort(errors, kind='stable')[: np.isfinite(errors).sum()]
    if not len(order):
        raise ValueError('no case has an error: there is no truth to compare with')
    num = min(num, len(order))
    return [int(order[(2 * i + 1) * len(order) // (2 * num)]) for i in range(num)]
