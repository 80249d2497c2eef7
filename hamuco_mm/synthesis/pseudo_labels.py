"""2D pseudo labels with the errors of a real hand detector."""
from dataclasses import dataclass, fields
from typing import NamedTuple, Tuple

import numpy as np

from hamuco_mm.hand_model import NUM_JOINTS

from .rasterizer import rasterize

# Side in pixels of the depth image that decides about occlusion.
_OCCLUSION_SIZE = 64
_FINGER = np.array([-1] + [f for f in range(5) for _ in range(4)])
# An error of a finger's direction moves its tip more than its base.
_LEVER = np.array([.5] + [.45, .7, .9, 1.1] * 5)
# Neighbours that detectors mix up: finger pairs and how easily.
_PAIRS = ((1, 2), (2, 3), (3, 4), (0, 1))
_PAIR_RISK = np.array((1., 1.2, 1., .4))


@dataclass(frozen=True)
class LabelErrorModel:
    """How wrong the labels are; lengths in pixels of a 256 px wide image.

    The targets come from the paper: OpenPose's mean error on HanCo is 22 to
    26 px at 256x256 (fig. 4), with a heavy tail; triangulating its output
    gives 13.2 mm PA-MPJPE by DLT and 9.8 mm by RANSAC (table 3). The
    parameters have been tuned until the generated labels do the same;
    ``--report`` of the generator prints where they are. What kinds of errors
    there are is known of detectors of this kind: they grow with occlusion,
    stay for several frames, concern whole fingers, and confidences tell
    little about them.

    Attributes:
        definition_mm (float): Deviation per axis of what the detector takes
            for the joint, in mm, fixed on the hand: the same in all views.
        hand_shift (float): Deviation of an error common to the hand.
        finger_drift (float): Deviation of an error common to a finger.
        joint_noise (float): Deviation of each joint's own error.
        occlusion_gain (float): Occluded joints' errors are larger by this
            factor plus one.
        persistence (float): Correlation of errors from frame to frame.
        tail (float): Log-deviation of how wrong a view is over a sequence.
        swap_rate (float): Share of frames in which a neighbouring pair of
            fully visible fingers is mixed up.
        swap_rate_occluded (float): The same for occluded ones.
        reversal_rate (float): Share of frames and views in which index to
            pinky are taken in the reverse order.
        lost_rate (float): Share of frames and views in which the whole hand
            is placed wrongly.
        lost_spread (float): Deviation of such a misplacement.
        outlier_rate (float): Share of joints that land somewhere else.
        outlier_rate_occluded (float): The same for occluded ones.
        outlier_spread (float): Deviation of where outliers land, about the
            hand's centre.
        missing_rate (float): Share of joints left out (confidence 0).
        missing_rate_occluded (float): The same for occluded ones.
        burst_frames (float): Mean length of mix-ups, in frames.
        confidence_slope (float): How much confidence falls with the error.
        confidence_noise (float): How loosely it does.
    """
    definition_mm: float = 3.
    hand_shift: float = 4.
    finger_drift: float = 6.7
    joint_noise: float = 3.5
    occlusion_gain: float = 1.2
    persistence: float = .8
    tail: float = .3
    swap_rate: float = .03
    swap_rate_occluded: float = .28
    reversal_rate: float = .05
    lost_rate: float = .075
    lost_spread: float = 42.
    outlier_rate: float = .02
    outlier_rate_occluded: float = .10
    outlier_spread: float = 48.
    missing_rate: float = .01
    missing_rate_occluded: float = .08
    burst_frames: float = 5.
    confidence_slope: float = .55
    confidence_noise: float = .9

    def __post_init__(self) -> None:
        for field in fields(self):
            if getattr(self, field.name) < 0:
                raise ValueError(f'{field.name} must not be negative')


class PseudoLabels(NamedTuple):
    """Labels of T frames and V views.

    Attributes:
        keypoints (np.ndarray): (T, V, 21, 2) pixels; finite everywhere, but
            meaningless where the confidence is 0.
        confidences (np.ndarray): (T, V, 21) in [0, 1], 0 for left-out joints.
    """
    keypoints: np.ndarray
    confidences: np.ndarray


def joint_occlusion(pixels: np.ndarray, depth: np.ndarray, faces: np.ndarray,
                    joint_pixels: np.ndarray, joint_depth: np.ndarray,
                    image_size: int) -> np.ndarray:
    """How much each joint is hidden behind the hand itself.

    Args:
        pixels (np.ndarray): (N, 2) projected vertices.
        depth (np.ndarray): (N,) metres.
        faces (np.ndarray): (F, 3).
        joint_pixels (np.ndarray): (J, 2).
        joint_depth (np.ndarray): (J,) metres.
        image_size (int): Side of the image in pixels.

    Returns:
        np.ndarray: (J,) 0 for visible, 1 for hidden joints: by how far the
        surface seen at the joint's pixel is in front of its own flesh.
    """
    scale = _OCCLUSION_SIZE / image_size
    seen = rasterize(pixels * scale, depth, faces, _OCCLUSION_SIZE,
                     _OCCLUSION_SIZE)
    buffer = np.full(_OCCLUSION_SIZE**2, np.inf)
    buffer[seen.pixels] = seen.depth
    place = np.floor(joint_pixels * scale).astype(int)
    place = np.clip(place, 0, _OCCLUSION_SIZE - 1)
    gap = joint_depth - buffer[place[:, 1] * _OCCLUSION_SIZE + place[:, 0]]
    return np.clip((gap - .014) / .012, 0, 1)


def exact_labels(keypoints: np.ndarray) -> PseudoLabels:
    """Labels without any error, (T, V, 21, 2)."""
    return PseudoLabels(keypoints.copy(), np.ones(keypoints.shape[:-1]))


def sample_labels(rng: np.random.Generator, model: LabelErrorModel,
                  exact: np.ndarray, believed: np.ndarray,
                  occlusion: np.ndarray, image_size: int) -> PseudoLabels:
    """Draw a detector's output over a sequence.

    Args:
        rng (np.random.Generator): Source of randomness.
        model (LabelErrorModel): Kinds and sizes of errors.
        exact (np.ndarray): (T, V, 21, 2) true pixels.
        believed (np.ndarray): (T, V, 21, 2) pixels of what the detector
            takes for the joints, see ``definition_mm``.
        occlusion (np.ndarray): (T, V, 21), see :func:`joint_occlusion`.
        image_size (int): Side of the images in pixels.

    Returns:
        PseudoLabels: Labels and confidences.
    """
    unit = image_size / 256
    num_frames, num_views = occlusion.shape[:2]

    def drift(*shape):
        return _drift(rng, num_frames, shape, model.persistence)

    finger_occlusion = np.stack(
        [occlusion[..., _FINGER == f].mean(-1) for f in range(5)], -1)
    quality = np.exp(model.tail * rng.normal(size=(num_views, 1, 1)))
    gain = 1 + model.occlusion_gain * occlusion
    finger_error = np.concatenate(
        [np.zeros((num_frames, num_views, 1, 2)),
         drift(num_views, 5, 2)], 2)[:, :, _FINGER + 1]
    lost = _bursts(rng, model,
                   np.full((num_frames, num_views, 1, 1), model.lost_rate))
    error = np.where(lost, model.lost_spread, model.hand_shift) * drift(
        num_views, 1, 2)
    error = error + (model.finger_drift * (_LEVER * gain)[..., None] *
                     finger_error)
    error = error + model.joint_noise * gain[..., None] * drift(
        num_views, NUM_JOINTS, 2)

    labels = _mix_fingers(rng, model, believed, finger_occlusion)
    labels = labels + unit * quality * error
    labels = _throw_outliers(rng, model, labels, exact, occlusion, unit)
    confidences = _confidences(rng, model, labels, exact, occlusion, unit,
                               drift)
    missing = _bursts(
        rng, model, model.missing_rate + occlusion *
        (model.missing_rate_occluded - model.missing_rate))
    confidences[missing] = 0
    return PseudoLabels(np.clip(labels, 0, image_size), confidences)


def believed_joints(rng: np.random.Generator, model: LabelErrorModel,
                    joints: np.ndarray,
                    orientation: np.ndarray) -> np.ndarray:
    """What a detector takes for the joints: (T, 21, 3) world metres.

    Args:
        rng (np.random.Generator): Source of randomness.
        model (LabelErrorModel): Its ``definition_mm``.
        joints (np.ndarray): (T, 21, 3) true joints, world metres.
        orientation (np.ndarray): (T, 3, 3) of the hand.
    """
    offset = model.definition_mm / 1000 * rng.normal(size=(NUM_JOINTS, 3))
    return joints + np.einsum('tij,pj->tpi', orientation, offset)


def _drift(rng, num_frames: int, shape: Tuple[int, ...],
           persistence: float) -> np.ndarray:
    """Unit-variance noise (T, *shape), correlated from frame to frame."""
    noise = rng.standard_normal((num_frames, *shape))
    fresh = np.sqrt(1 - persistence**2)
    for t in range(1, num_frames):
        noise[t] = persistence * noise[t - 1] + fresh * noise[t]
    return noise


def _bursts(rng, model: LabelErrorModel, rate: np.ndarray) -> np.ndarray:
    """Bool events (T, ...) that happen with probability ``rate`` and last
    for ``burst_frames`` on average."""
    state = np.zeros(rate.shape, bool)
    state[0] = rng.random(rate.shape[1:]) < rate[0]
    for t in range(1, len(rate)):
        renew = rng.random(rate.shape[1:]) < 1 / max(model.burst_frames, 1)
        fresh = rng.random(rate.shape[1:]) < rate[t]
        state[t] = np.where(renew, fresh, state[t - 1])
    return state


def _mix_fingers(rng, model: LabelErrorModel, points: np.ndarray,
                 finger_occlusion: np.ndarray) -> np.ndarray:
    """Exchange whole fingers, or take one finger for two."""
    points = points.copy()
    chains = points.reshape(*points.shape[:2], -1, 2)[:, :, 1:].reshape(
        *points.shape[:2], 5, 4, 2)
    num_views = points.shape[1]
    reverse = _bursts(rng, model,
                      np.full(points.shape[:2], model.reversal_rate))
    chains[reverse, 1:] = chains[reverse, 1:][:, ::-1]
    for (a, b), risk in zip(_PAIRS, _PAIR_RISK):
        hidden = finger_occlusion[..., [a, b]].max(-1)
        rate = model.swap_rate + hidden * (
            model.swap_rate_occluded - model.swap_rate)
        mixed = _bursts(rng, model, np.minimum(risk * rate, 1))
        # How a pair is mixed up stays the same over the sequence.
        doubled = rng.random(num_views) < .5
        first, second = chains[:, :, a].copy(), chains[:, :, b].copy()
        chains[:, :, a] = np.where(mixed[..., None, None], second, first)
        exchanged = (mixed & ~doubled)[..., None, None]
        chains[:, :, b] = np.where(exchanged, first, second)
    points[:, :, 1:] = chains.reshape(*points.shape[:2], 20, 2)
    return points


def _throw_outliers(rng, model: LabelErrorModel, labels: np.ndarray,
                    exact: np.ndarray, occlusion: np.ndarray,
                    unit: float) -> np.ndarray:
    rate = model.outlier_rate + occlusion * (
        model.outlier_rate_occluded - model.outlier_rate)
    thrown = _bursts(rng, model, rate)
    places = exact.mean(2, keepdims=True) + unit * model.outlier_spread * (
        _drift(rng, len(labels), labels.shape[1:], model.persistence))
    return np.where(thrown[..., None], places, labels)


def _confidences(rng, model: LabelErrorModel, labels: np.ndarray,
                 exact: np.ndarray, occlusion: np.ndarray, unit: float,
                 drift) -> np.ndarray:
    error = np.linalg.norm(labels - exact, axis=-1) / unit
    logit = 1.1 - model.confidence_slope * np.log1p(error / 8)
    logit = logit - .3 * occlusion + model.confidence_noise * (
        .6 * drift(error.shape[1], 1) + .8 * drift(*error.shape[1:]))
    return np.clip(1 / (1 + np.exp(-logit)), .02, 1)
