"""Reweighting turns means into medians."""

import torch
from hypothesis import given
from hypothesis import strategies as st

from hamuco_mm.geometry import reweighted

NUMBERS = st.lists(
    st.floats(-10, 10, width=32), min_size=3, max_size=9, unique=True
).filter(lambda numbers: len(numbers) % 2)


def solution(numbers: list[float], num_reweightings: int) -> float:
    """Of the one equation x = number for each of the numbers."""
    values = torch.tensor(numbers, dtype=torch.double)
    return float(
        reweighted(
            lambda weights: (weights * values).sum() / weights.sum(),
            lambda x: (values - x).abs(),
            torch.ones_like(values),
            1e-6,
            num_reweightings,
        )
    )


@given(NUMBERS)
def test_without_reweighting_it_is_least_squares(numbers):
    mean = torch.tensor(numbers, dtype=torch.double).mean()
    torch.testing.assert_close(solution(numbers, 0), float(mean))


@given(NUMBERS)
def test_the_sum_of_distances_falls(numbers):
    def cost(x):
        return sum(abs(number - x) for number in numbers)

    costs = [cost(solution(numbers, number)) for number in (0, 5, 50)]
    assert costs[1] <= costs[0] + 1e-5 and costs[2] <= costs[1] + 1e-5


def test_a_wrong_measurement_has_no_say():
    assert abs(solution([1.0, 1.01, 1.02, 1.03, 500.0], 50) - 1.02) < 0.01
