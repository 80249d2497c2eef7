import numpy as np
import pytest

from hamuco_mm.evaluation.case_choice import spread_over_errors


def test_one_case_is_the_median():
    errors = np.random.default_rng(0).permutation(np.arange(11.0))
    (chosen,) = spread_over_errors(errors, 1)
    assert errors[chosen] == np.median(errors)


def test_cases_are_the_middles_of_equal_shares():
    errors = np.random.default_rng(1).permutation(np.arange(60.0))
    chosen = errors[spread_over_errors(errors, 6)]
    assert chosen.tolist() == [5, 15, 25, 35, 45, 55]


def test_cases_without_an_error_are_not_chosen():
    errors = np.array([np.nan, 2.0, np.nan, 1.0])
    assert spread_over_errors(errors, 5) == [3, 1]
    with pytest.raises(ValueError, match='no truth'):
        spread_over_errors(np.array([np.nan]), 1)
