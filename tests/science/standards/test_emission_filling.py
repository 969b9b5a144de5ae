"""Hours and days without valid data, filled by the rules of HJ 75 and HJ 356; every figure by hand."""

import numpy as np
import pytest

from qingyuan_science.standards.emission.filling import fill_days, fill_hours, has_substitutes

QUARTER = 2208
nan = np.nan


def quarter(history: list[float], missing: slice, usual: float = 2.0) -> tuple[np.ndarray, np.ndarray, int]:
    mass = np.concatenate([np.array(history), np.full(QUARTER, usual)])
    mass[len(history) :][missing] = nan
    return mass, np.zeros(len(mass), dtype=bool), len(history)


def test_a_short_gap_takes_the_largest_of_the_180_valid_hours_before_it() -> None:
    mass, stopped, first = quarter([9.0] + [5.0] + [1.0] * 79, slice(100, 110))
    found = fill_hours(mass, stopped, first)
    # 180 valid hours before hour 100 of the quarter: its own 100 and the last 80 before, of which the first has 5.0
    assert found.amounts[100:110].tolist() == [5.0] * 10
    assert np.isnan(found.amounts[[99, 110]]).all()
    assert found.left == 0
    assert [str(one.document) for one in found.sources] == ["HJ 75-2017"]


def test_a_gap_names_the_hours_that_were_looked_at_and_the_one_that_was_taken() -> None:
    mass, stopped, first = quarter([9.0] + [5.0] + [1.0] * 79, slice(100, 110))
    (gap,) = fill_hours(mass, stopped, first).gaps
    assert (gap.begin, gap.end, gap.largest) == (100, 110, -80)  # 80 hours before the quarter: the second of 81
    assert (gap.looked_at[0], gap.looked_at[-1], len(gap.looked_at)) == (-80, 99, 180)
    assert gap.capture == pytest.approx(100 * 2198 / 2208)


def test_a_gap_of_which_the_rule_says_nothing_is_named_too() -> None:
    mass, stopped, first = quarter([5.0] * 300, slice(0, 600))
    (gap,) = fill_hours(mass, stopped, first).gaps
    assert (gap.begin, gap.end, gap.substitute, len(gap.looked_at)) == (0, 600, None, 0)
    assert gap.capture == pytest.approx(100 * 1608 / 2208)


def test_of_days_as_large_the_newest_is_the_one_taken() -> None:
    mass = np.array([7.0, 7.0, 3.0, nan])
    (gap,) = fill_days(mass, np.array([True, True, True, False]), np.zeros(4, dtype=bool), 3).gaps
    assert (gap.largest, gap.looked_at.tolist(), gap.capture) == (-2, [-3, -2, -1], None)


def test_a_gap_of_more_than_a_day_looks_back_720_hours_and_a_poor_quarter_2160() -> None:
    history = [9.0] * 10 + [7.0] * 500 + [1.0] * 600
    mass, stopped, first = quarter(history, slice(0, 25))
    assert fill_hours(mass, stopped, first).amounts[0] == 7.0  # 720 hours back, at a capture of 98.9 %
    mass, stopped, first = quarter(history, slice(0, 500))
    assert fill_hours(mass, stopped, first).amounts[0] == 9.0  # capture of 77.4 %: 2160 hours back


def test_below_three_quarters_nothing_stands_in() -> None:
    mass, stopped, first = quarter([5.0] * 300, slice(0, 600))
    found = fill_hours(mass, stopped, first)
    assert np.isnan(found.amounts).all()
    assert found.left == 600  # at a capture of 72.8 %


def test_hours_in_which_the_source_stood_still_are_neither_missing_nor_valid() -> None:
    mass, stopped, first = quarter([3.0] * 200, slice(0, 1104))
    stopped[first : first + 1100] = True
    found = fill_hours(mass, stopped, first)  # 4 of 1108 running hours are missing: 99.6 %
    assert np.isnan(found.amounts[:1100]).all()
    assert found.amounts[1100:1104].tolist() == [3.0] * 4
    assert found.left == 0


def test_a_day_without_a_valid_mean_takes_the_largest_of_the_30_valid_days_before() -> None:
    mass = np.array([500.0, *[100.0] * 29, 120.0, 4.0, nan, 90.0])
    valid = np.array([True] * 31 + [False] * 2 + [True])
    found = fill_days(mass, valid, np.zeros(34, dtype=bool), 31)
    assert found.amounts[:2].tolist() == [120.0, 120.0]
    assert np.isnan(found.amounts[2])
    assert [str(one.document) for one in found.sources] == ["HJ 356-2019"]


def test_without_a_day_before_the_days_are_left_out() -> None:
    found = fill_days(np.array([nan, 5.0]), np.array([False, True]), np.zeros(2, dtype=bool), 0)
    assert found.left == 1


@pytest.mark.parametrize(
    ("factor", "medium", "named"),
    [("a34013", "gas", True), ("a21024", "gas", False), ("w21001", "water", True), ("w22001", "water", False)],
)
def test_only_the_factors_that_the_rules_name_have_substitutes(factor: str, medium: str, named: bool) -> None:
    assert has_substitutes(factor, medium) is named  # type: ignore[arg-type]
