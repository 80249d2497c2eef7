"""Lens distortion that is undone twice, or not at all."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import torch

from ....cameras import Lens
from ..fitting import fit_numbers
from ..observations import RigObservations
from .explanation import Circumstances, Explanation, in_views
from .suspects import suspected_groups

# Coefficients k1 to begin with: barrel and pincushion.
_STARTS = (-0.3, 0.2)
# A smaller coefficient bends nothing.
_LEAST = 0.02


def labels_without_distortion(
    rig: RigObservations, known: Circumstances
) -> Iterator[Explanation]:
    """The labels were made on images whose distortion had been taken out."""
    if rig.lens is None:
        return
    for views in suspected_groups(rig):
        bends = rig.lens.bends.clone()
        bends[:, views] = False
        lens = Lens(
            torch.where(bends[..., None], rig.lens.dist, 0.0),
            rig.lens.is_fisheye & bends,
        )
        cameras = replace(rig.cameras, lens=lens)
        yield Explanation(
            'undistorted',
            'the labels are those of images without lens distortion, which the '
            f'calibration has, {in_views(rig, views)}',
            rig.seen_by(cameras),
            views,
            advice='Take dist out of the calibration (and K of the undistorted '
            'images), or make the labels on the images as the lens made them',
            details=dict(cameras=[rig.names[v] for v in views]),
        )


def other_lens_model(
    rig: RigObservations, known: Circumstances
) -> Iterator[Explanation]:
    """The coefficients are those of a fisheye, or are not."""
    if rig.lens is None:
        return
    lens = Lens(rig.lens.dist, ~rig.lens.is_fisheye & rig.lens.bends)
    wanted = 'fisheye' if lens.is_fisheye.any() else 'opencv'
    yield Explanation(
        'lens_model',
        f"the lenses' coefficients are those of another model: {wanted}",
        rig.seen_by(replace(rig.cameras, lens=lens)),
        list(range(rig.num_views)),
        advice=f'Write distortion_model: {wanted} in the calibration',
        details=dict(distortion_model=wanted),
    )


def distortion_not_known(
    rig: RigObservations, known: Circumstances
) -> Iterator[Explanation]:
    """The calibration has no distortion, the lenses have."""
    straight = [
        view
        for view in range(rig.num_views)
        if rig.lens is None or not rig.lens.bends[:, view].any()
    ]
    if not straight:
        return
    fits = [
        fit_numbers(rig, lambda few, x: _bent(few, straight, x[0]), np.array([start]))
        for start in _STARTS
    ]
    for k1 in {round(float(fit[0]), 3) for fit in fits}:
        if abs(k1) < _LEAST:
            continue
        yield Explanation(
            'distortion',
            f'the lenses bend straight lines (k1 is about {k1:.2g}), and the '
            f'calibration does not say so {in_views(rig, straight)}',
            _bent(rig, straight, k1),
            straight,
            advice='Give dist in the calibration, or undistort the images and make '
            'the labels on these',
            details=dict(k1=k1, cameras=[rig.names[v] for v in straight]),
        )


def _bent(rig: RigObservations, views: list[int], k1: float) -> RigObservations:
    """The rig with the distortion k1 in some views."""
    shape = rig.cameras.shape
    given = rig.lens or Lens.of(torch.zeros(*shape, 4).double())
    dist = given.dist.clone()
    dist[:, views, 0] = float(np.clip(k1, -1, 1))
    return rig.seen_by(replace(rig.cameras, lens=Lens(dist, given.is_fisheye)))
