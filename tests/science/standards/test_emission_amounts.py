"""Stacks, loads, quotas, valid means and substitutes for missing data."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qingyuan_science.series import Averaging
from qingyuan_science.standards import mean_rule
from qingyuan_science.standards.emission.loads import load_of, mass_of, quota_progress
from qingyuan_science.standards.emission.stacks import Stack, equivalent_stack, stack_rate_limit
from qingyuan_science.standards.emission.validity import (
    capture_rate,
    daily_substitute,
    effective_transmission,
    hourly_substitute,
    mean_validity,
)
from qingyuan_science.standards.errors import OutsideRule, UnknownEntry
from qingyuan_science.standards.sourced import tables_of

(_RATES,) = tables_of("emission/stack_rates", "rates")
CASES = [(row["item"][0], row.get("case", "")) for row in _RATES.rows]


@pytest.mark.parametrize(
    ("item", "height", "grade", "case", "rate"),
    [
        ("SO2", 15, "2", "", 2.6),
        ("SO2", 100, "3", "", 270),
        ("NOx", 40, "2", "", 7.5),
        ("颗粒物", 20, "2", "carbon_black_dye", 0.85),
        ("颗粒物", 15, "3", "", 5.0),
        ("非甲烷总烃", 40, "2", "", 100),
        ("酚类", 60, "3", "", 3.3),
    ],
)
def test_printed_rates(item: str, height: float, grade: str, case: str, rate: float) -> None:
    """GB 16297-1996, table 2."""
    found = stack_rate_limit(item, height, grade=grade, case=case)
    assert (found.rate, found.found, found.halved) == (rate, "printed", ())


def test_rates_between_above_and_below_the_table() -> None:
    """GB 16297-1996, annex B; 7.4 halves below 15 m."""
    assert stack_rate_limit("SO2", 25).rate == pytest.approx(4.3 + (15 - 4.3) * 0.5)
    assert stack_rate_limit("SO2", 110).rate == pytest.approx(170 * 1.21)
    low = stack_rate_limit("SO2", 12)
    assert low.before == pytest.approx(2.6 * (12 / 15) ** 2)
    assert (low.rate, low.halved) == (pytest.approx(low.before / 2), ("least_height",))


def test_a_stack_that_misses_both_rules_is_halved_by_each() -> None:
    found = stack_rate_limit("SO2", 12, above_buildings=False)
    assert found.halved == ("above_buildings", "least_height")
    assert found.rate == pytest.approx(found.before / 4)


@given(st.sampled_from(CASES), st.floats(1, 300), st.floats(1, 300), st.sampled_from(["2", "3"]))
def test_a_higher_stack_may_never_emit_less(one: tuple[str, str], first: float, second: float, grade: str) -> None:
    low, high = (stack_rate_limit(one[0], height, grade=grade, case=one[1]).rate for height in sorted((first, second)))
    assert low <= high + 1e-9


@given(st.sampled_from(CASES), st.floats(1, 300))
def test_grade_2_is_never_laxer_than_grade_3(one: tuple[str, str], height: float) -> None:
    second, third = (stack_rate_limit(one[0], height, grade=grade, case=one[1]).rate for grade in "23")
    assert second <= third


def test_an_item_or_case_without_rates_is_refused_with_those_there_are() -> None:
    with pytest.raises(UnknownEntry, match="SO2"):
        stack_rate_limit("甲醇", 20)
    with pytest.raises(UnknownEntry, match="carbon_black_dye"):
        stack_rate_limit("颗粒物", 20, case="wood")
    with pytest.raises(OutsideRule):
        stack_rate_limit("SO2", 0)


def test_three_stacks_become_one_step_by_step() -> None:
    """GB 16297-1996, annex A: heights by the root mean square of two at a time."""
    found, _ = equivalent_stack([Stack(30, 1), Stack(30, 2), Stack(40, 3)], [10, 20])
    assert (found.rate, found.height) == (6, pytest.approx(((30**2 + 40**2) / 2) ** 0.5))


def test_stacks_as_far_apart_as_their_heights_together_stay_two() -> None:
    """GB 16297-1996, 7.2."""
    with pytest.raises(OutsideRule, match="70 m"):
        equivalent_stack([Stack(30, 1), Stack(40, 2)], [70])
    assert equivalent_stack([Stack(30, 1), Stack(40, 2)], [69.9])[0].rate == 3


def test_masses_by_hand() -> None:
    """50 mg/L in 10 000 m³ is 500 kg; 35 mg/m³ in 10⁶ m³ is 35 kg."""
    assert mass_of(50, 10_000, "water") == pytest.approx(500)
    assert mass_of(35, 1e6, "gas") == pytest.approx(35)


def test_periods_that_lack_something_are_counted_and_standing_still_is_nothing() -> None:
    found = load_of([(40, 1000), (None, 500), (60, None), (None, 0)], "water")
    assert (found.mass, found.measured, found.missing) == (40, 2, 2)
    assert load_of([], "gas").mean("gas") is None


@given(st.lists(st.tuples(st.floats(0, 1e4), st.floats(0, 1e7)), max_size=20), st.integers(0, 20))
def test_loads_add_up(parts: list[tuple[float, float]], cut: int) -> None:
    whole, first, rest = (load_of(some, "gas").mass for some in (parts, parts[:cut], parts[cut:]))
    assert whole == pytest.approx(first + rest)


def test_a_quota_lasts_for_what_is_left_at_the_rate_of_late() -> None:
    """36.5 t less 18 t at 0.1 t a day: 185 days after 29 June, which is 31 December."""
    found = quota_progress(36.5, 18, date(2026, 6, 29), [0.1] * 30)
    assert (found.left, found.days_left, found.used_up_on) == (18.5, 185, date(2026, 12, 31))
    assert found.by_year_end == pytest.approx(36.5)
    fast = quota_progress(36.5, 18, date(2026, 6, 29), [0.2])
    assert (fast.days_left, fast.used_up_on) == (92, date(2026, 9, 29))


def test_a_quota_used_up_or_not_touched() -> None:
    over = quota_progress(10, 11, date(2026, 6, 1))
    assert (over.left, over.days_left, over.used_up_on) == (-1, 0, None)
    still = quota_progress(10, 0, date(2026, 6, 1))
    assert (still.days_left, still.used_up_on, still.by_year_end) == (None, None, 0)
    with pytest.raises(ValueError, match="quota"):
        quota_progress(0, 1, date(2026, 6, 1))


@pytest.mark.parametrize(
    ("medium", "period", "had", "more", "valid"),
    [
        ("gas", "hour", 45, {}, True),
        ("gas", "hour", 44, {}, False),
        ("gas", "day", 20, {}, True),
        ("gas", "day", 19, {}, False),
        ("gas", "month", 25, {"month": date(2026, 3, 1)}, True),
        ("gas", "month", 24, {"month": date(2026, 3, 1)}, False),
        ("gas", "month", 23, {"month": date(2026, 2, 1)}, True),
        ("gas", "month", 22, {"month": date(2028, 2, 1)}, False),
        ("water", "day", 18, {"due": 24}, True),
        ("water", "day", 17, {"due": 24}, False),
        ("water", "day", 9, {"due": 12}, True),
        ("water", "day", 7, {"due": 10}, False),  # 7.5 of 10
        ("water", "day", 8, {"due": 10}, True),
    ],
)
def test_a_mean_needs_so_many_parts(medium: Any, period: str, had: int, more: dict[str, Any], valid: bool) -> None:
    """HJ 75-2017 with annex B of HJ 76-2017: 45 min, 20 h, 25 d (23 in February); HJ 356-2019: 75 %."""
    assert mean_validity(medium, period, had, **more).valid is valid


@pytest.mark.parametrize(
    ("medium", "station", "averaging", "due"),
    [
        ("gas", "outlet-gas", Averaging.HOUR, None),
        ("gas", "outlet-gas", Averaging.DAY, None),
        ("water", "outlet-water", Averaging.DAY, 24),
    ],
)
def test_an_hour_or_a_day_counts_by_the_rule_that_its_mean_is_made_by(
    medium: Any, station: str, averaging: Averaging, due: int | None
) -> None:
    found = mean_rule(station, averaging, "")
    assert found is not None
    assert found.rule is not None
    answered = mean_validity(medium, averaging.value, 12, due=due)
    assert answered.needed / answered.due == found.rule.needed / found.rule.due
    assert answered.source.document == found.document


def test_a_mean_of_another_kind_or_with_too_many_parts_is_refused() -> None:
    with pytest.raises(UnknownEntry, match="gas month"):
        mean_validity("gas", "year", 300)
    with pytest.raises(
        UnknownEntry, match="gas hour, gas day, water day, air hour, air day, gas month, water month, air month"
    ):
        mean_validity("water", "hour", 3, due=4)  # one abnormal value spoils the hour, so a count says nothing
    with pytest.raises(OutsideRule, match="61 of 60"):
        mean_validity("gas", "hour", 61)
    with pytest.raises(OutsideRule, match="month"):
        mean_validity("gas", "month", 25)
    with pytest.raises(OutsideRule):
        mean_validity("water", "day", 3)


def test_capture_leaves_out_the_hours_in_which_the_source_stood_still() -> None:
    """HJ 75-2017, 12."""
    assert capture_rate(2160, invalid=216, stopped=0) == 90
    assert capture_rate(2160, invalid=100, stopped=1160) == 90
    assert capture_rate(2160, invalid=0, stopped=2160) is None
    with pytest.raises(OutsideRule):
        capture_rate(24, invalid=20, stopped=5)


def test_effective_transmission_is_the_product() -> None:
    assert effective_transmission(100, 80, 60)[:3] == (80, 75, 60)
    assert effective_transmission(100, 0, 0)[:3] == (0, 0, 0)
    with pytest.raises(OutsideRule):
        effective_transmission(10, 11, 5)


HISTORY = [9.0] * 1000 + [7.0] * 1000 + [5.0] * 500 + [3.0] * 179 + [1.0]


@pytest.mark.parametrize(
    ("capture", "gap", "amount", "asked"),
    [(90, 24, 3, 180), (90, 25, 7, 720), (89.9, 1, 9, 2160), (75, 1000, 9, 2160), (100, 1, 3, 180)],
)
def test_the_poorer_the_capture_the_farther_back_the_substitute_looks(
    capture: float, gap: int, amount: float, asked: int
) -> None:
    """HJ 75-2017, tables 5 and 6: 180, 720 and 2160 valid hours."""
    found = hourly_substitute(capture, gap, HISTORY, "other")
    assert (found.amount, found.asked) == (amount, asked)


def test_below_75_percent_the_tables_say_nothing() -> None:
    with pytest.raises(OutsideRule, match="75"):
        hourly_substitute(74.9, 1, HISTORY, "other")
    with pytest.raises(OutsideRule, match="no valid hour"):
        hourly_substitute(95, 1, [], "out_of_control")


def test_the_two_causes_name_their_tables() -> None:
    assert "5" in str(hourly_substitute(95, 1, HISTORY, "out_of_control").source.clause)
    assert "6" in str(hourly_substitute(95, 1, HISTORY, "other").source.clause)


def test_a_day_of_waste_water_takes_four_samples_or_the_largest_of_thirty_days() -> None:
    days = [500.0] + [100.0] * 29 + [120.0]
    assert daily_substitute(days).amount == 120  # the day of 500 is the 31st before
    assert daily_substitute(days, [10, 20, 30]).amount == 120
    assert daily_substitute(days, [10, 20, 30, 40]).amount == 25
    with pytest.raises(OutsideRule, match="4 samples"):
        daily_substitute([])
