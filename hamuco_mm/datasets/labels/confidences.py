"""The confidence of joints, under the names that programs give it."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

# the first that says something counts
CONFIDENCE_KEYS = ('confidence', 'score', 'likelihood', 'visibility', 'presence')
# MediaPipe leaves these at their default, 0 or null, for hands
_MAY_BE_UNSET = ('visibility', 'presence')


def joint_confidences(
    columns: Mapping[str, ArrayLike], number: int, otherwise: float
) -> np.ndarray:
    """Confidences of joints.

    A column without any value says nothing, nor does a visibility or presence of
    0 in all joints, which is a field that was not set.

    Args:
        columns (Mapping): Values of the joints by key; None or NaN is missing.
        number (int): Of joints.
        otherwise (float): Of all joints, where no column says anything.

    Returns:
        np.ndarray: (number, ).
    """
    for key in CONFIDENCE_KEYS:
        if key in columns:
            values = np.asarray(columns[key], np.float64)
            unset = key in _MAY_BE_UNSET and not np.nan_to_num(values).any()
            if not unset and np.isfinite(values).any():
                return values
    return np.full(number, float(otherwise))
