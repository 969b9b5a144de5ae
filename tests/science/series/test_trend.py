"""Trends of monthly values, against worked examples that others published."""

import math

import numpy as np
import pytest

from qingyuan_science.series import long_enough, seasonal_trend

# Unadjusted concentrations of example 14-8 of USEPA (2009), Unified Guidance, January to December of 1983 to 1985
UNIFIED_GUIDANCE = [
    [1.99, 2.10, 2.12, 2.12, 2.11, 2.15, 2.19, 2.18, 2.16, 2.08, 2.05, 2.08],
    [2.01, 2.10, 2.17, 2.13, 2.13, 2.18, 2.25, 2.24, 2.22, 2.13, 2.08, 2.16],
    [2.15, 2.17, 2.27, 2.23, 2.24, 2.26, 2.31, 2.32, 2.28, 2.22, 2.19, 2.22],
]


def test_the_seasonal_example_of_the_unified_guidance() -> None:
    """Example 14-10; z, p, slope and interval as the manual of EnvStats prints them for it."""
    found = seasonal_trend(np.array(UNIFIED_GUIDANCE))
    assert found is not None
    assert found.score == 35
    assert found.z == pytest.approx(5.1849514, abs=1e-7)
    assert found.p == pytest.approx(2.160712e-07, rel=1e-6)
    assert found.slope == pytest.approx(0.06, abs=1e-12)
    assert (found.low, found.high) == pytest.approx((0.05786914, 0.07213086), abs=1e-8)
    assert found.is_clear()


def test_the_example_with_ties_of_epa_qa_g9s() -> None:
    """Guidance QA/G-9S (2006), page 109: two groups of ties, S = 22, variance 155.33, Z = 1.685."""
    found = seasonal_trend(np.array([[10.0, 10, 10, 5, 10, 20, 18, 17, 15, 24, 15]]).T)
    assert found is not None
    assert found.score == 22
    assert found.variance == pytest.approx(155.33, abs=0.01)
    assert found.z == pytest.approx(1.685, abs=0.0005)
    assert not found.is_clear()


def test_a_year_that_is_missing_stays_a_year() -> None:
    found = seasonal_trend(np.array([[1.0], [2.0], [math.nan], [4.0]]))
    assert found is not None
    assert (found.slope, found.values) == (1.0, 3)


@pytest.mark.parametrize("values", [[[1.0] * 12], [[math.nan] * 12] * 3, [[2.0] * 12] * 3])
def test_without_two_different_years_there_is_nothing_to_test(values: list[list[float]]) -> None:
    assert seasonal_trend(np.array(values)) is None


def test_three_years_of_three_quarters_of_the_months_are_enough() -> None:
    values = np.ones((3, 12))
    values[0, :3] = math.nan
    assert long_enough(values)
    values[0, 3] = math.nan
    assert not long_enough(values)
    assert not long_enough(np.ones((2, 12)))
