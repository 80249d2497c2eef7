"""How well labels and cameras fit each other, as one number."""

from dataclasses import dataclass

import numpy as np
import torch

from ...geometry.triangulation import triangulate_dlt
from .observations import RigObservations
from .robust import misfit, trust

_ROUNDS = 3


@dataclass(frozen=True)
class Fit:
    """Result of :func:`score_fit`.

    Attributes:
        misfit (float): Mean :func:`~.robust.misfit` of the labels with the
            reprojected points, in [0, 1]; 1 behind a camera.
        per_view (np.ndarray): The same for each view, (V, ); NaN for a view
            that shares no joint with another.
        points (np.ndarray): Triangulated points, (T, J, 3); NaN where fewer
            than two views have a label.
    """

    misfit: float
    per_view: np.ndarray
    points: np.ndarray


def score_fit(rig: RigObservations) -> Fit:
    """Triangulate the labels robustly and see how well they reproject."""
    weights = torch.from_numpy(rig.weights)
    points2d = torch.from_numpy(rig.points)
    projection = torch.from_numpy(rig.projection)
    points = triangulate_dlt(points2d, projection, weights).numpy()
    for _ in range(_ROUNDS):
        say = torch.from_numpy(trust(_relative_errors(rig, points)))
        points = triangulate_dlt(points2d, projection, weights * say).numpy()
    cost = misfit(_relative_errors(rig, points))
    counted = rig.weights * ((rig.weights > 0).sum(1, keepdims=True) >= 2)
    total = counted.sum((0, 2))
    per_view = np.where(
        total > 0, (counted * cost).sum((0, 2)) / np.maximum(total, 1e-12), np.nan
    )
    return Fit(
        float((counted * cost).sum() / max(counted.sum(), 1e-12)), per_view, points
    )


def _relative_errors(rig: RigObservations, points: np.ndarray) -> np.ndarray:
    """(T, V, J) in sizes of the hand; infinite behind a camera."""
    local = np.einsum('tvik,tjk->tvji', rig.R, points) + rig.t[:, :, None]
    pixels = np.einsum('tvik,tvjk->tvji', rig.K, local)
    with np.errstate(divide='ignore', invalid='ignore'):
        error = np.linalg.norm(pixels[..., :2] / pixels[..., 2:] - rig.points, axis=-1)
    seen = (local[..., 2] > 0) & np.isfinite(error)
    return np.where(seen, error / rig.size[:, None], np.inf)
