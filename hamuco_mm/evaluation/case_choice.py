"""Which cases to show: by a rule, not by hand."""

import numpy as np


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
