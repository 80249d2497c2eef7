"""Frame numbers of videos, from times."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hamuco_mm.datasets.frames.clock import (
    FrameTimes,
    UnevenTimesError,
    frame_times,
    frames_per_step,
)


def constant(rate, count):
    return FrameTimes(list(range(count)), [n / rate for n in range(count)])


@given(
    st.sets(st.integers(1, 99), min_size=60),
    st.sampled_from([15.0, 25.0, 30.0, 59.94, 120.0, 240.0]),
)
def test_a_lost_frame_leaves_a_hole(numbers, rate):
    """Times are those of Matroska: whole milliseconds."""
    numbers = sorted({0, 1, 2, *numbers})
    times = [round(n / rate, 3) for n in numbers]
    found = frame_times(times, 'cam.mkv')
    assert found.numbers == numbers
    assert found.interval == pytest.approx(1 / rate, abs=0.001)
    lost = next(n for n in range(200) if n not in numbers)
    if lost < numbers[-1]:
        assert found.at(lost) == pytest.approx(lost / rate, abs=0.002)


def test_one_image():
    assert frame_times([0.0], 'cam.mp4') == ([0], [0.0])
    assert frames_per_step(dict(a=constant(30, 1), b=constant(30, 1))) == dict(a=1, b=1)


def test_times_without_an_order_are_refused():
    times = np.cumsum([0, 1, 1.4, 0.6, 1, 1.5, 0.5, 1]) / 30
    with pytest.raises(
        UnevenTimesError, match=r'cam.mp4 has a variable .*--match order'
    ):
        frame_times(times.tolist(), 'cam.mp4')


@pytest.mark.parametrize(
    'rates, every',
    [
        ((30, 30), (1, 1)),
        ((30, 60), (1, 2)),
        ((240, 60), (4, 1)),
        ((29.97, 59.94), (1, 2)),
    ],
)
def test_rates_that_are_multiples(rates, every):
    videos = {i: constant(rate, int(4 * rate)) for i, rate in enumerate(rates)}
    assert tuple(frames_per_step(videos).values()) == every


@pytest.mark.parametrize('rates', [(25, 30), (29.97, 30), (24, 60)])
def test_other_rates_are_refused(rates):
    """Also those that drift apart slowly."""
    videos = {f'cam{i}': constant(rate, 2000) for i, rate in enumerate(rates)}
    with pytest.raises(
        UnevenTimesError, match='cam0 and cam1 have .* frames per second'
    ):
        frames_per_step(videos)
