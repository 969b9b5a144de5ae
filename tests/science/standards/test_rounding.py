from decimal import ROUND_HALF_EVEN, Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qingyuan_science.standards import round_half_even


@pytest.mark.parametrize(
    ("written", "decimals", "expected"),
    [
        ("12.1498", 0, 12.0),
        ("12.1498", 1, 12.1),
        ("1268", -2, 1300.0),
        ("10.5002", 0, 11.0),
        ("1.050", 1, 1.0),
        ("0.35", 1, 0.4),
        ("2500", -3, 2000.0),
        ("3500", -3, 4000.0),
        ("-0.0365", 3, -0.036),
    ],
)
def test_the_worked_examples_of_the_standard(written, decimals, expected):
    """GB/T 8170-2008, clause 3.2."""
    assert round_half_even(float(written), decimals) == expected


@pytest.mark.parametrize(("value", "expected"), [(2.675, 2.68), (2.665, 2.66), (1.005, 1.0), (8.345, 8.34)])
def test_a_tie_is_decided_on_the_written_figure_not_on_the_binary_one(value, expected):
    assert round_half_even(value, 2) == expected


def test_one_step_only():
    assert round_half_even(15.4546, 0) == 15.0  # in several steps 15.4546 would climb to 16


def test_what_is_not_a_number_stays_so():
    rounded = round_half_even(np.array([np.nan, np.inf, -np.inf, 0.5]), 0)
    np.testing.assert_array_equal(rounded, [np.nan, np.inf, -np.inf, 0.0])


def test_the_values_handed_in_are_left_alone():
    values = np.array([0.35, 2.675])
    round_half_even(values, 1)
    assert values.tolist() == [0.35, 2.675]


@given(st.integers(-(10**9), 10**9), st.integers(0, 6), st.integers(-3, 6))
def test_every_written_decimal_rounds_as_on_paper(figures, point, decimals):
    written = Decimal(figures).scaleb(-point)
    on_paper = written.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_EVEN)
    assert round_half_even(float(written), decimals) == float(on_paper)


@given(st.floats(allow_nan=False, allow_infinity=False), st.integers(-3, 6))
def test_any_double_rounds_as_its_shortest_decimal_and_one_or_many_alike(value, decimals):
    rounded = round_half_even(value, decimals)
    assert rounded == round_half_even(np.array([value, 1.0]), decimals)[0]
    assert abs(rounded - value) <= 0.5 * 10.0**-decimals * (1 + 1e-9) + abs(value) * 1e-12
