"""Smoothing of predicted hands over time.

MMPose 1.x has no filters over time (those of 0.x were not carried over), so
the symmetric ones are SciPy's; the One Euro filter, for live use, is here.
"""

from collections.abc import Callable

import numpy as np
import torch
from scipy.ndimage import gaussian_filter1d
from scipy.signal import savgol_filter

from ..geometry import procrustes_rotation
from ..geometry.rotation_averaging import nearest_rotation
from .consecutive_frames import consecutive_runs


def smooth_sequence(
    points: np.ndarray,
    fps: float = 30.0,
    type: str = 'OneEuro',
    root: int | None = None,
    **options: float,
) -> np.ndarray:
    """Smooth one sequence of consecutive frames.

    Position, rotation and shape are smoothed apart: a mean of the points of a
    hand that turns would be a smaller hand. All points of a frame get the
    same weights, so that joints stay the joints of their vertices when both
    are given as one array.

    Args:
        points (np.ndarray): (T, P, 3) metres, joints or vertices or both,
            absolute or root-relative. A frame with a coordinate that is not
            finite is a gap: it stays as it is, and the frames on its two
            sides do not touch each other.
        fps (float): Frames per second.
        type (str): A name of :data:`FILTERS`:

            - 'OneEuro': causal, see :func:`one_euro_weights`; options
              ``min_cutoff``, ``beta``, ``d_cutoff``;
            - 'Savgol': Savitzky-Golay, a parabola through ``window`` (7)
              frames, or of another ``polyorder`` (2);
            - 'Gaussian': with a standard deviation of ``sigma`` (1) frames.

            The last two look ahead.
        root (int, optional): Point that moves as position; it stays exactly
            at the origin in a root-relative sequence. Defaults to None: the
            mean of the points.
        **options: Of the filter.

    Returns:
        np.ndarray: (T, P, 3), float64.

    Raises:
        ValueError: For wrong shapes, an unknown filter, or options that it
            does not have.
    """
    points = np.asarray(points)
    return smooth_recording(
        points,
        np.zeros(len(points), int),
        np.arange(len(points)),
        fps,
        type,
        root,
        **options,
    )


def smooth_recording(
    points: np.ndarray,
    sequence: np.ndarray,
    frame: np.ndarray,
    fps: float = 30.0,
    type: str = 'OneEuro',
    root: int | None = None,
    **options: float,
) -> np.ndarray:
    """Smooth rows that belong to several sequences, in any order.

    Args:
        points (np.ndarray): (N, P, 3) metres, see :func:`smooth_sequence`.
        sequence (np.ndarray): Which sequence (and camera) each row belongs
            to: names or numbers, (N,).
        frame (np.ndarray): Number of its frame, int (N,).
        fps, type, root, **options: See :func:`smooth_sequence`.

    Returns:
        np.ndarray: (N, P, 3), float64.

    Raises:
        ValueError: See :func:`smooth_sequence`; also if two rows are the same
            frame.
    """
    points = np.array(points, dtype=np.float64)
    if points.ndim != 3 or points.shape[2] != 3:
        raise ValueError(
            f'points should have shape (frames, points, 3), got {points.shape}'
        )
    if type not in FILTERS:
        raise ValueError(f'type should be one of {sorted(FILTERS)}, got {type!r}')
    if not fps > 0:
        raise ValueError(f'fps should be above 0, got {fps}')
    _check_frames(sequence, frame)
    valid = np.isfinite(points).all((1, 2))
    smooth = FILTERS[type]
    for rows in consecutive_runs(sequence, frame, valid):
        if len(rows) > 1:
            try:
                points[rows] = _smooth_run(points[rows], fps, smooth, root, options)
            except TypeError:
                raise ValueError(
                    f'{type} does not take the options {sorted(options)}'
                ) from None
    return points


def _check_frames(sequence: np.ndarray, frame: np.ndarray) -> None:
    """Each frame of a sequence should be there once."""
    seen = set()
    for name, number in zip(sequence, frame):
        if (name, number) in seen:
            raise ValueError(
                f'frame {number} of sequence {name} is there '
                'twice: give each camera its own sequence name'
            )
        seen.add((name, number))


def one_euro_weights(
    points: np.ndarray,
    fps: float,
    min_cutoff: float = 3.0,
    beta: float = 30.0,
    d_cutoff: float = 1.0,
) -> np.ndarray:
    """How much each frame counts against what was before it.

    The One Euro filter (Casiez, Roussel & Vogel, CHI 2012) is an exponential
    mean whose cutoff frequency grows with the speed: steady when a hand rests,
    quick when it moves. Here all points share the speed of the whole hand,
    the root of the mean square over its points.

    Args:
        points (np.ndarray): (T, P, 3) metres.
        fps (float): Frames per second.
        min_cutoff (float): Hz at rest.
        beta (float): Hz for each m/s.
        d_cutoff (float): Hz, of the filter on the velocity.

    Returns:
        np.ndarray: (T,) in (0, 1]; the first is 1.
    """
    velocity = np.zeros_like(points[0])
    weights = np.ones(len(points))
    for t in range(1, len(points)):
        change = (points[t] - points[t - 1]) * fps
        velocity = velocity + _exponential_weight(d_cutoff, fps) * (change - velocity)
        speed = np.sqrt(np.square(velocity).sum(-1).mean())
        weights[t] = _exponential_weight(min_cutoff + beta * speed, fps)
    return weights


def _exponential_weight(cutoff: float, fps: float) -> float:
    return 1 / (1 + fps / (2 * np.pi * cutoff))


def _one_euro(
    signals: np.ndarray, points: np.ndarray, fps: float, **options: float
) -> np.ndarray:
    smoothed = signals.copy()
    for t, weight in enumerate(one_euro_weights(points, fps, **options)):
        if t:
            smoothed[t] = smoothed[t - 1] + weight * (signals[t] - smoothed[t - 1])
    return smoothed


def _savgol(
    signals: np.ndarray,
    points: np.ndarray,
    fps: float,
    window: int = 7,
    polyorder: int = 2,
) -> np.ndarray:
    if window % 2 == 0:
        raise ValueError(
            f'window {window} should be an odd number: an even one would shift hands by '
            'half a frame'
        )
    # a run that is shorter than the window gets the largest odd one it has
    window = min(window, len(signals) - 1 + len(signals) % 2)
    if window <= polyorder:
        return signals
    return savgol_filter(signals, window, polyorder, axis=0)


def _gaussian(
    signals: np.ndarray, points: np.ndarray, fps: float, sigma: float = 1.0
) -> np.ndarray:
    if not sigma > 0:
        raise ValueError(f'sigma {sigma} should be above 0, in frames')
    return gaussian_filter1d(signals, sigma, axis=0, mode='nearest')


#: The filters by name. Each takes signals (T, S, 3), points (T, P, 3), on which a
#: speed may be measured, fps and its options, and returns smoothed signals.
FILTERS: dict[str, Callable[..., np.ndarray]] = dict(
    OneEuro=_one_euro, Savgol=_savgol, Gaussian=_gaussian
)


def _smooth_run(
    points: np.ndarray,
    fps: float,
    smooth: Callable[..., np.ndarray],
    root: int | None,
    options: dict[str, float],
) -> np.ndarray:
    """Smooth frames without a gap: (T, P, 3)."""
    place = (
        points.mean(1, keepdims=True) if root is None else points[:, root : root + 1]
    )
    local = torch.from_numpy(points - place)
    # from the directions of the first frame to those of each
    turn = procrustes_rotation(local[:1].transpose(-1, -2) @ local)
    shape = local @ turn
    signals = np.concatenate([turn, shape, place], 1)
    mean_turn, smooth_shape, smooth_place = np.split(
        smooth(signals, points, fps, **options), [3, -1], axis=1
    )
    # a weighted mean of rotation matrices points to the chordal mean
    smooth_turn = nearest_rotation(torch.from_numpy(mean_turn)).numpy()
    return smooth_shape @ smooth_turn.swapaxes(1, 2) + smooth_place
