"""Which views may share a mistake."""

import numpy as np

from ..observations import RigObservations
from ..scoring import score_fit

# A mistake in one view is looked for in this many: those that fit worst. It draws
# points away from other views, whose misfit may be as large.
_MOST = 3


def suspected_groups(rig: RigObservations) -> list[list[int]]:
    """All views, and single ones that fit badly."""
    groups = [list(range(rig.num_views))]
    worst = np.argsort(-np.nan_to_num(score_fit(rig).per_view), kind='stable')
    return groups + [[int(view)] for view in worst[:_MOST]]
