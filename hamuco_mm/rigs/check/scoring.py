"""How well labels and cameras fit each other, as one number."""

from dataclasses import dataclass

import numpy as np
import torch

from ...geometry.triangulation import triangulate_dlt
from .observations import RigObservations

_ROUNDS = 3
# Distance, in sizes of the hand, at which a label counts half: about half a
# finger's width.
HALF_TRUST = 0.06
# Least factor of a label in the next round of least squares.
_MIN_TRUST = 1e-3


@dataclass(frozen=True)
class Fit:
    """Result of :func:`score_fit`.

    Attributes:
        misfit (float): Mean :func:`misfit` of the labels with the reprojected
            points, in [0, 1]; 1 behind a camera.
        per_view (np.ndarray): The same for each view, (V, ); NaN for a view
            that shares no joint with another.
        pixels (np.ndarray): Median error of the labels of each view, as large
            as it would be if the points did not follow the labels, (V, );
            pixels, infinite behind a camera, NaN as above.
        size (np.ndarray): Of the hand in each view, pixels, (V, ).
        points (np.ndarray): Triangulated points, (T, J, 3); NaN where fewer
            than two views have a label.
    """

    misfit: float
    per_view: np.ndarray
    pixels: np.ndarray
    size: np.ndarray
    points: np.ndarray


def misfit(relative: np.ndarray) -> np.ndarray:
    """A loss that wrong labels cannot dominate: Geman and McClure's.

    Detectors put some joints far off, which says nothing of the cameras.

    Args:
        relative (np.ndarray): Distances in sizes of the hand.

    Returns:
        np.ndarray: In [0, 1], of the same shape; 1 for infinity.
    """
    return 1 - _trust(relative)


def score_fit(rig: RigObservations) -> Fit:
    """Triangulate the labels robustly and see how well they reproject."""
    weights = torch.from_numpy(rig.weights)
    points2d = torch.from_numpy(rig.points)
    projection = rig.cameras.projection_matrix()
    points = triangulate_dlt(points2d, projection, weights).numpy()
    for _ in range(_ROUNDS):
        say = torch.from_numpy(
            np.maximum(_trust(_relative_errors(rig, points)), _MIN_TRUST)
        )
        points = triangulate_dlt(points2d, projection, weights * say).numpy()
    errors = _relative_errors(rig, points)
    cost = misfit(errors)
    views = (rig.weights > 0).sum(1, keepdims=True)
    counted = rig.weights * (views >= 2)
    total = counted.sum((0, 2))
    per_view = np.where(
        total > 0, (counted * cost).sum((0, 2)) / np.maximum(total, 1e-12), np.nan
    )
    # a point has 3 of the 2 V numbers that its labels have
    freedom = np.sqrt((2 * views - 3).clip(1) / (2 * views).clip(1))
    free = errors / freedom
    medians = [
        np.median(errors[known]) if known.any() else np.nan
        for errors, known in zip(
            np.moveaxis(free, 1, 0), np.moveaxis(counted > 0, 1, 0), strict=True
        )
    ]
    return Fit(
        float((counted * cost).sum() / max(counted.sum(), 1e-12)),
        per_view,
        np.array(medians) * rig.size,
        rig.size,
        points,
    )


def _relative_errors(rig: RigObservations, points: np.ndarray) -> np.ndarray:
    """(T, V, J) in sizes of the hand; infinite behind a camera."""
    cameras = rig.cameras
    local = cameras.to_camera(torch.from_numpy(points)[:, None])
    error = np.linalg.norm(cameras.project(local).numpy() - rig.points, axis=-1)
    seen = (local[..., 2].numpy() > 0) & np.isfinite(error)
    return np.where(seen, error / rig.size[:, None], np.inf)


def _trust(relative: np.ndarray) -> np.ndarray:
    return 1 / (1 + (relative / HALF_TRUST) ** 2)
