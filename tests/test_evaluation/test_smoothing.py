import numpy as np
import pytest
from scipy.signal import lfilter, savgol_filter
from scipy.spatial.transform import Rotation, Slerp

from hamuco_mm.evaluation.functional import acceleration_error
from hamuco_mm.evaluation.smoothing import (
    FILTERS,
    one_euro_weights,
    smooth_recording,
    smooth_sequence,
)

FPS = 30.0


def moving_hand(frames=40, points=30, seed=0):
    """A hand that turns half round, travels and bends, root at point 9."""
    rng = np.random.default_rng(seed)
    hand = rng.normal(scale=0.05, size=(points, 3))
    hand -= hand[9]
    time = np.linspace(0, 1, frames)
    bend = 0.01 * np.sin(2 * np.pi * time)[:, None, None] * hand[::-1]
    bend = bend - bend[:, 9:10]
    turn = Slerp([0, 1], Rotation.from_rotvec([[0, 0, 0], [1, 2, 0.5]]))(time)
    place = 0.1 * np.stack([time, time**2, 0 * time], -1)[:, None]
    return (hand + bend) @ turn.as_matrix().swapaxes(1, 2) + place


def jittery(points, scale=0.003, seed=1):
    rng = np.random.default_rng(seed)
    turns = Rotation.from_rotvec(0.03 * rng.normal(size=(len(points), 3)))
    noise = rng.normal(scale=scale, size=points.shape)
    return points @ turns.as_matrix() + noise


@pytest.mark.parametrize('type', FILTERS)
@pytest.mark.parametrize('absolute', [True, False])
def test_jitter_falls_and_errors_do_not_grow(type, absolute):
    true = moving_hand(60)
    if not absolute:
        true = true - true[:, 9:10]
    noisy = jittery(true)
    smooth = smooth_sequence(noisy, FPS, type, root=9)
    jitter = [acceleration_error(x, true).mean() for x in (noisy, smooth)]
    error = [np.linalg.norm(x - true, axis=-1).mean() for x in (noisy, smooth)]
    assert jitter[1] < 0.5 * jitter[0]
    assert error[1] < 1.05 * error[0]


@pytest.mark.parametrize('type', FILTERS)
def test_a_resting_hand_stays_as_it_is(type):
    still = np.repeat(moving_hand(1), 20, axis=0)
    np.testing.assert_allclose(smooth_sequence(still, FPS, type), still, atol=1e-9)


@pytest.mark.parametrize('type', FILTERS)
def test_a_turning_hand_keeps_its_shape(type):
    """A mean of the points would shrink it."""
    hand = moving_hand(1)[0]
    turn = Rotation.from_rotvec(
        np.linspace(0, 6, 20)[:, None] * [0, 0, 1.0]
    ).as_matrix()
    points = hand @ turn.swapaxes(1, 2)
    smooth = smooth_sequence(points, FPS, type, root=9)
    for row in smooth:
        np.testing.assert_allclose(
            np.linalg.norm(row - row[9], axis=-1),
            np.linalg.norm(hand - hand[9], axis=-1),
            atol=1e-9,
        )


@pytest.mark.parametrize('type', FILTERS)
def test_root_relative_stays_root_relative(type):
    points = moving_hand() - moving_hand()[:, 9:10]
    smooth = smooth_sequence(jittery(points), FPS, type)
    assert np.abs(smooth[:, 9]).max() > 1e-6
    noisy = jittery(points)
    noisy -= noisy[:, 9:10]
    smooth = smooth_sequence(noisy, FPS, type, root=9)
    np.testing.assert_allclose(smooth[:, 9], 0, atol=1e-12)


@pytest.mark.parametrize('type', FILTERS)
def test_joints_stay_joints_of_their_vertices(type):
    """Points that are means of others before are so after."""
    vertices = jittery(moving_hand(points=30))
    regressor = np.random.default_rng(0).dirichlet(np.ones(30), 5)
    both = np.concatenate([vertices, regressor @ vertices], 1)
    smooth = smooth_sequence(both, FPS, type, root=30)
    np.testing.assert_allclose(smooth[:, 30:], regressor @ smooth[:, :30], atol=1e-9)


@pytest.mark.parametrize('type', FILTERS)
def test_the_world_frame_does_not_matter(type):
    points = jittery(moving_hand())
    R = Rotation.random(random_state=0).as_matrix()
    moved = smooth_sequence(points @ R.T + 1, FPS, type)
    np.testing.assert_allclose(
        moved, smooth_sequence(points, FPS, type) @ R.T + 1, atol=1e-9
    )


@pytest.mark.parametrize('type', FILTERS)
def test_gaps_and_borders_stop_the_filter(type):
    first, second = jittery(moving_hand(15)), jittery(moving_hand(12), seed=2)
    gap = np.full_like(first[:1], np.nan)
    both = np.concatenate([first, gap, second])
    smooth = smooth_sequence(both, FPS, type)
    assert np.isnan(smooth[15]).all()
    np.testing.assert_allclose(smooth[:15], smooth_sequence(first, FPS, type))
    np.testing.assert_allclose(smooth[16:], smooth_sequence(second, FPS, type))


@pytest.mark.parametrize('type', FILTERS)
def test_sequences_do_not_touch_each_other_in_any_order(type):
    parts = [jittery(moving_hand(n), seed=n) for n in (10, 14, 1)]
    points = np.concatenate(parts)
    sequence = np.repeat(['a/cam0', 'a/cam1', 'b/cam0'], [10, 14, 1])
    frame = np.concatenate([np.arange(n) for n in (10, 14, 1)])
    order = np.random.default_rng(0).permutation(25)
    smooth = np.empty_like(points)
    smooth[order] = smooth_recording(
        points[order], sequence[order], frame[order], FPS, type
    )
    expected = [smooth_sequence(part, FPS, type) for part in parts]
    np.testing.assert_allclose(smooth, np.concatenate(expected))


def test_one_euro_without_speed_is_an_exponential_mean():
    """scipy's recursive filter, and the paper's weight for a cutoff."""
    points = jittery(moving_hand(25), scale=0.01)
    weights = one_euro_weights(points, FPS, min_cutoff=2.0, beta=0.0)
    weight = 1 / (1 + FPS / (2 * np.pi * 2.0))
    np.testing.assert_allclose(weights[1:], weight)
    # a hand that only travels has the same shape and rotation throughout
    still = np.repeat(moving_hand(1), 25, axis=0)
    path = np.cumsum(
        np.random.default_rng(0).normal(scale=0.01, size=(25, 1, 3)), axis=0
    )
    smooth = smooth_sequence(still + path, FPS, min_cutoff=2.0, beta=0.0)
    expected, _ = lfilter(
        [weight], [1, weight - 1], path, axis=0, zi=(1 - weight) * path[:1]
    )
    np.testing.assert_allclose(smooth, still + expected, atol=1e-9)


def test_one_euro_follows_fast_hands_more():
    slow = np.arange(20)[:, None, None] * np.full((1, 5, 3), 1e-4)
    assert (
        one_euro_weights(100 * slow, FPS)[5:] > one_euro_weights(slow, FPS)[5:]
    ).all()


def test_one_euro_does_not_look_ahead():
    points = jittery(moving_hand(20))
    np.testing.assert_allclose(
        smooth_sequence(points[:12], FPS), smooth_sequence(points, FPS)[:12]
    )


def test_savgol_is_scipys_on_what_only_travels():
    still = np.repeat(moving_hand(1), 25, axis=0)
    path = np.cumsum(
        np.random.default_rng(0).normal(scale=0.01, size=(25, 1, 3)), axis=0
    )
    smooth = smooth_sequence(still + path, FPS, 'Savgol', window=9)
    np.testing.assert_allclose(
        smooth, still + savgol_filter(path, 9, 2, axis=0), atol=1e-9
    )


@pytest.mark.parametrize('type', FILTERS)
@pytest.mark.parametrize('frames', [0, 1, 2, 3])
def test_short_sequences(type, frames):
    points = jittery(moving_hand(10))[:frames]
    smooth = smooth_sequence(points, FPS, type)
    assert smooth.shape == points.shape and np.isfinite(smooth).all()


def test_wrong_use_is_explained():
    points = moving_hand(5)
    with pytest.raises(ValueError, match='OneEuro'):
        smooth_sequence(points, FPS, 'Kalman')
    # an even window has no middle
    with pytest.raises(ValueError, match='window 4 should be an odd number'):
        smooth_sequence(points, FPS, 'Savgol', window=4)
    with pytest.raises(ValueError, match='sigma -1 should be above 0'):
        smooth_sequence(points, FPS, 'Gaussian', sigma=-1)
    with pytest.raises(ValueError, match=r"Savgol does not.*'beta'"):
        smooth_sequence(points, FPS, 'Savgol', beta=1)
    with pytest.raises(ValueError, match='fps'):
        smooth_sequence(points, 0)
    with pytest.raises(ValueError, match=r'\(frames, points, 3\)'):
        smooth_sequence(points[..., :2], FPS)
    with pytest.raises(ValueError, match='frame 1 of sequence s is there'):
        smooth_recording(points[:3], np.array(['s'] * 3), np.array([0, 1, 1]))
