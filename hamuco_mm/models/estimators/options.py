"""What options of an estimator may say, checked before anything is built."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from torch import nn

from ...utils.near_names import nearest_or_all
from ..view_alignment import SCALES, check_scale

# ours, and those of MMPose's estimators
_TEST_CFG = {
    'rotation_test',
    'flip_test',
    'flip_mode',
    'output_heatmaps',
    'output_keypoint_indices',
    'shift_coords',
    'shift_heatmap',
}


def check_test_cfg(test_cfg: Mapping[str, Any]) -> None:
    """Refuse options of the test that HaMuCo does not know, or cannot follow.

    Raises:
        ValueError: Naming one.
    """
    _check_keys('test_cfg', test_cfg, _TEST_CFG)
    for option in ('flip_test', 'output_keypoint_indices'):
        if test_cfg.get(option):
            raise ValueError(
                f'HaMuCo has no test_cfg.{option}: a mirrored '
                'image shows the other hand, and a hand has '
                'all its joints'
            )


def check_alignment(alignment: Mapping[str, Any]) -> None:
    """Refuse options that :class:`~hamuco_mm.models.view_alignment.ViewAlignment`
    does not take.

    Raises:
        ValueError: Naming one.
    """
    _check_keys('alignment', alignment, ('scale', 'num_reweightings'))
    check_scale(alignment.get('scale', SCALES[0]))


def check_uncertainty(heads: Sequence[nn.Module], weigh_views: bool) -> None:
    """See that all heads, or none, say how far off their joints are; and that they do
    where it weighs the views.

    Raises:
        ValueError: If they do not.
    """
    known = [getattr(head, 'uncertainty', None) is not None for head in heads]
    if len(set(known)) > 1:
        raise ValueError(
            'one of head and view_head has with_uncertainty=True: give it to '
            'both, so that all stages say how far off their joints are'
        )
    if weigh_views and not all(known):
        raise ValueError(
            'weigh_views=True needs views that say how far off their joints '
            'are: set with_uncertainty=True and loss_keypoint=dict(type='
            "'LaplaceKeypointLoss') in head and view_head"
        )


def _check_keys(option: str, given: Collection[str], known: Collection[str]) -> None:
    unknown = sorted(set(given) - set(known))
    if unknown:
        hint = nearest_or_all(unknown[0], known)
        raise ValueError(f'HaMuCo has no {option}.{unknown[0]}; {hint}')
