"""How well the label of a view agrees with those of the other views."""

import numpy as np
import torch

from ..geometry.triangulation import triangulate_ransac
from ..rigs.check import RigObservations

# Largest distance between labels that agree, as a fraction of the hand's size in
# the image.
TOLERANCE = 0.12
# Confidence from which a label takes part in the triangulation.
MIN_CONFIDENCE = 0.1


def agreement(
    rig: RigObservations,
    tolerance: float = TOLERANCE,
    min_confidence: float = MIN_CONFIDENCE,
) -> np.ndarray:
    """How well each label agrees with those of the other views.

    Each joint is triangulated robustly
    (:func:`~hamuco_mm.geometry.triangulation.triangulate_ransac`). With the
    distance ``e`` between a label and the point in its view, the agreement is
    ``exp(-2 (e / tolerance)^2)``: 1 for a label on the point, 0.6 at half the
    tolerance, 0.14 at the tolerance. Distances are in sizes of the hand in a
    view, as errors in pixels are larger for a camera that is near.

    Args:
        rig (RigObservations): Labels and cameras of T time steps and V views.
        tolerance (float): Largest distance of an inlier, in sizes of the
            hand. Defaults to 0.12.
        min_confidence (float): Labels below do not vote. Defaults to 0.1.

    Returns:
        np.ndarray: In [0, 1], (T, V, 21); NaN where there is no label or fewer
        than two views vote: nothing is known there.
    """
    points = torch.from_numpy(rig.points / rig.size[:, None, None])
    cameras = rig.cameras.scale(torch.from_numpy(1 / rig.size))
    votes = torch.from_numpy(np.where(rig.weights >= min_confidence, rig.weights, 0))
    found = triangulate_ransac(points, cameras.projection_matrix(), votes, tolerance)

    local = cameras.to_camera(found.points[:, None])
    error = (cameras.project(local) - points).norm(dim=-1)
    factor = torch.exp(-2 * (error / tolerance) ** 2)
    factor[local[..., 2] <= 0] = 0
    # one view alone fits any point
    known = (votes > 0).sum(1, keepdim=True) >= 2
    known = known & torch.from_numpy(rig.weights > 0)
    return torch.where(known, factor, torch.nan).numpy()
