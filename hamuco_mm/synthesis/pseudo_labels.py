"""2D pseudo labels with the errors of a real hand detector."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from hamuco_mm.hand_model import NUM_JOINTS

from .label_errors import LabelErrorModel

_FINGER = np.array([-1] + [f for f in range(5) for _ in range(4)])
# An error of a finger's direction moves its tip more than its base.
_LEVER = np.array([0.5] + [0.45, 0.7, 0.9, 1.1] * 5)
# Neighbours that detectors mix up: finger pairs and how easily.
_PAIRS = ((1, 2), (2, 3), (3, 4), (0, 1))
_PAIR_RISK = np.array((1.0, 1.2, 1.0, 0.4))


class PseudoLabels(NamedTuple):
    """Labels of T frames and V views.

    Attributes:
        keypoints (np.ndarray): (T, V, 21, 2) pixels; finite everywhere, but
            meaningless where the confidence is 0.
        confidences (np.ndarray): (T, V, 21) in [0, 1], 0 for left-out joints.
    """

    keypoints: np.ndarray
    confidences: np.ndarray


def exact_labels(keypoints: np.ndarray) -> PseudoLabels:
    """Labels without any error, (T, V, 21, 2)."""
    return PseudoLabels(keypoints.copy(), np.ones(keypoints.shape[:-1]))


def sample_labels(
    rng: np.random.Generator,
    model: LabelErrorModel,
    exact: np.ndarray,
    believed: np.ndarray,
    occlusion: np.ndarray,
    image_size: int,
) -> PseudoLabels:
    """Draw a detector's output over a sequence.

    Args:
        rng (np.random.Generator): Source of randomness.
        model (LabelErrorModel): Kinds and sizes of errors.
        exact (np.ndarray): (T, V, 21, 2) true pixels.
        believed (np.ndarray): (T, V, 21, 2) pixels of what the detector
            takes for the joints, see ``definition_mm``.
        occlusion (np.ndarray): (T, V, 21), see
            :func:`~hamuco_mm.synthesis.occlusion.joint_occlusion`.
        image_size (int): Side of the images in pixels.

    Returns:
        PseudoLabels: Labels and confidences.
    """
    unit = image_size / 256
    num_frames, num_views = occlusion.shape[:2]

    def drift(*shape):
        return _drift(rng, num_frames, shape, model.persistence)

    finger_occlusion = np.stack(
        [occlusion[..., f == _FINGER].mean(-1) for f in range(5)], -1
    )
    quality = np.exp(model.tail * rng.normal(size=(num_views, 1, 1)))
    gain = 1 + model.occlusion_gain * occlusion
    finger_error = np.concatenate(
        [np.zeros((num_frames, num_views, 1, 2)), drift(num_views, 5, 2)], 2
    )[:, :, _FINGER + 1]
    lost = _bursts(rng, model, np.full((num_frames, num_views, 1, 1), model.lost_rate))
    error = np.where(lost, model.lost_spread, model.hand_shift) * drift(num_views, 1, 2)
    error = error + (model.finger_drift * (_LEVER * gain)[..., None] * finger_error)
    error = error + model.joint_noise * gain[..., None] * drift(
        num_views, NUM_JOINTS, 2
    )

    labels = _mix_fingers(rng, model, believed, finger_occlusion)
    labels = labels + unit * quality * error
    labels = _throw_outliers(rng, model, labels, exact, occlusion, unit)
    confidences = _confidences(model, labels, exact, occlusion, unit, drift)
    missing = _bursts(
        rng,
        model,
        model.missing_rate
        + occlusion * (model.missing_rate_occluded - model.missing_rate),
    )
    confidences[missing] = 0
    labels = np.clip(labels, 0, image_size)
    # in files of labels, the corner means that a joint was not found
    confidences[~labels.any(-1)] = 0
    return PseudoLabels(labels, confidences)


def believed_joints(
    rng: np.random.Generator,
    model: LabelErrorModel,
    joints: np.ndarray,
    orientation: np.ndarray,
) -> np.ndarray:
    """What a detector takes for the joints: (T, 21, 3) world metres.

    Args:
        rng (np.random.Generator): Source of randomness.
        model (LabelErrorModel): Its ``definition_mm``.
        joints (np.ndarray): (T, 21, 3) true joints, world metres.
        orientation (np.ndarray): (T, 3, 3) of the hand.
    """
    offset = model.definition_mm / 1000 * rng.normal(size=(NUM_JOINTS, 3))
    return joints + np.einsum('tij,pj->tpi', orientation, offset)


def _drift(
    rng: np.random.Generator,
    num_frames: int,
    shape: tuple[int, ...],
    persistence: float,
) -> np.ndarray:
    """Unit-variance noise (T, *shape), correlated from frame to frame."""
    noise = rng.standard_normal((num_frames, *shape))
    fresh = np.sqrt(1 - persistence**2)
    for t in range(1, num_frames):
        noise[t] = persistence * noise[t - 1] + fresh * noise[t]
    return noise


def _bursts(
    rng: np.random.Generator, model: LabelErrorModel, rate: np.ndarray
) -> np.ndarray:
    """Bool events (T, ...) that happen with probability ``rate`` and last
    for ``burst_frames`` on average."""
    state = np.zeros(rate.shape, bool)
    state[0] = rng.random(rate.shape[1:]) < rate[0]
    for t in range(1, len(rate)):
        renew = rng.random(rate.shape[1:]) < 1 / max(model.burst_frames, 1)
        fresh = rng.random(rate.shape[1:]) < rate[t]
        state[t] = np.where(renew, fresh, state[t - 1])
    return state


def _mix_fingers(
    rng: np.random.Generator,
    model: LabelErrorModel,
    points: np.ndarray,
    finger_occlusion: np.ndarray,
) -> np.ndarray:
    """Exchange whole fingers, or take one finger for two."""
    points = points.copy()
    chains = points.reshape(*points.shape[:2], -1, 2)[:, :, 1:].reshape(
        *points.shape[:2], 5, 4, 2
    )
    num_views = points.shape[1]
    reverse = _bursts(rng, model, np.full(points.shape[:2], model.reversal_rate))
    chains[reverse, 1:] = chains[reverse, 1:][:, ::-1]
    for (a, b), risk in zip(_PAIRS, _PAIR_RISK):
        hidden = finger_occlusion[..., [a, b]].max(-1)
        rate = model.swap_rate + hidden * (model.swap_rate_occluded - model.swap_rate)
        mixed = _bursts(rng, model, np.minimum(risk * rate, 1))
        # How a pair is mixed up stays the same over the sequence.
        doubled = rng.random(num_views) < 0.5
        first, second = chains[:, :, a].copy(), chains[:, :, b].copy()
        chains[:, :, a] = np.where(mixed[..., None, None], second, first)
        exchanged = (mixed & ~doubled)[..., None, None]
        chains[:, :, b] = np.where(exchanged, first, second)
    points[:, :, 1:] = chains.reshape(*points.shape[:2], 20, 2)
    return points


def _throw_outliers(
    rng: np.random.Generator,
    model: LabelErrorModel,
    labels: np.ndarray,
    exact: np.ndarray,
    occlusion: np.ndarray,
    unit: float,
) -> np.ndarray:
    rate = model.outlier_rate + occlusion * (
        model.outlier_rate_occluded - model.outlier_rate
    )
    thrown = _bursts(rng, model, rate)
    places = exact.mean(2, keepdims=True) + unit * model.outlier_spread * (
        _drift(rng, len(labels), labels.shape[1:], model.persistence)
    )
    return np.where(thrown[..., None], places, labels)


def _confidences(
    model: LabelErrorModel,
    labels: np.ndarray,
    exact: np.ndarray,
    occlusion: np.ndarray,
    unit: float,
    drift: Callable[..., np.ndarray],
) -> np.ndarray:
    error = np.linalg.norm(labels - exact, axis=-1) / unit
    logit = 1.1 - model.confidence_slope * np.log1p(error / 8)
    logit = (
        logit
        - 0.3 * occlusion
        + model.confidence_noise
        * (0.6 * drift(error.shape[1], 1) + 0.8 * drift(*error.shape[1:]))
    )
    return np.clip(1 / (1 + np.exp(-logit)), 0.02, 1)
