"""How well predictions of one hand agree, as numbers that need no truth."""

import numpy as np

from .boxes import diagonals, joint_boxes

# Mean distance of joints, in diagonals of the hand's box, at which agreement is 1/2.
# Predictions of several crops of a hand that a network knows are 0.02 to 0.06 apart,
# those of a background, or of a hand unlike those it knows, 0.08 to 0.4.
HALF_AGREEMENT = 0.08
# Likewise, within which two predictions are of one hand.
_SAME_HAND = 0.15


def agreement(distance: np.ndarray) -> np.ndarray:
    """Score in [0, 1] of distances in diagonals of the hand's box.

    1 for no distance, 1/2 at :data:`HALF_AGREEMENT`: Cauchy's function, as
    ``world_scores`` of :class:`~hamuco_mm.models.OptCenter`.
    """
    return 1 / (1 + (np.asarray(distance) / HALF_AGREEMENT) ** 2)


def spread(keypoints: np.ndarray) -> np.ndarray:
    """How far several predictions of a hand are from their mean.

    Args:
        keypoints (np.ndarray): P predictions of N hands, (P, N, J, 2).

    Returns:
        np.ndarray: Mean distance of the joints in diagonals of the mean hand's
        box, (N, ).
    """
    return hand_distance(keypoints, keypoints.mean(0)).mean(0)


def hand_distance(keypoints: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Mean distance of joints (..., J, 2) from those of a reference, in diagonals
    of the reference's box, (...,)."""
    size = diagonals(joint_boxes(reference))
    distance = np.linalg.norm(keypoints - reference, axis=-1).mean(-1)
    return distance / np.maximum(size, 1e-6)


def support(keypoints: np.ndarray) -> np.ndarray:
    """How many of N predictions (N, J, 2) are of the same hand as each: (N, ),
    at least 1, as each supports itself."""
    distance = np.stack([hand_distance(keypoints, one) for one in keypoints])
    return np.exp(-((distance / _SAME_HAND) ** 2)).sum(0)


def coverage(keypoints: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """Share of the joints (..., J, 2) inside boxes (..., 4), (...,)."""
    inside = (keypoints >= boxes[..., None, :2]) & (keypoints <= boxes[..., None, 2:])
    return inside.all(-1).mean(-1)
