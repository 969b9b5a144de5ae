from datetime import date, timedelta

import numpy as np
import pytest

from qingyuan_science.standards import (
    Status,
    UnknownFactor,
    UnknownLevel,
    UnknownLimit,
    UnknownStandard,
    all_limits,
    editions,
    factor,
    limit,
    limits_for,
)
from qingyuan_science.units import IncompatibleUnits, scale

TODAY = date(2026, 11, 22)


def only(*question, **more):
    (found,) = limits_for(*question, **{"on": TODAY, **more})
    return found


@pytest.mark.parametrize(
    ("code", "level", "high"),
    [
        ("w01018", "1A", 50),
        ("w01018", "1B", 60),
        ("w01018", "2", 100),
        ("w01018", "3", 120),
        ("w01017", "1A", 10),
        ("w01012", "1A", 10),
        ("w21001", "1A", 15),
        ("w21003", "1A", 5),
        ("w21011", "1A", 0.5),
        ("w22001", "3", 15),
        ("w20111", "1A", 0.001),
    ],
)
def test_sewage_works(code, level, high):
    """GB 18918-2002, tables 1 and 2."""
    found = only(code, "GB 18918", level, "day")
    assert (found.high, found.low, found.direction, found.status) == (high, None, "max", Status.VERIFIED)


def test_sewage_works_in_the_cold_and_built_before_2006():
    """GB 18918-2002, table 1: figures in brackets, and the row of older works."""
    assert only("w21003", "GB 18918-2002", "1A", "day", case="cold_water").high == 8
    assert only("w21011", "GB 18918-2002", "1A", "day", case="built_by_2005").high == 1


def test_sewage_works_have_no_nitrogen_limit_in_class_3():
    """GB 18918-2002, table 1: the cell is empty."""
    assert limits_for("w21001", "GB 18918", "3", "day", on=TODAY) == ()


@pytest.mark.parametrize(
    ("code", "level", "case", "high"),
    [
        ("w01018", "1", "", 100),
        ("w01018", "3", "", 500),
        ("w01018", "2", "petrochemical", 120),
        ("w21003", "2", "", 25),
        ("w01012", "2", "municipal_plant", 30),
        ("w22001", "1", "", 5),
        ("w20117", "1", "", 0.5),
    ],
)
def test_integrated_wastewater(code, level, case, high):
    """GB 8978-1996, tables 1 and 4."""
    assert only(code, "GB 8978", level, "day", case=case).high == high


@pytest.mark.parametrize(
    ("code", "level", "high"),
    [
        ("a34013", "in_use_coal", 80),
        ("a21026", "in_use_coal", 400),
        ("a21002", "new_coal", 300),
        ("a34013", "new_gas", 20),
        ("a21026", "special_coal", 200),
        ("a21002", "special_gas", 150),
    ],
)
def test_boilers(code, level, high):
    """GB 13271-2014, tables 1 to 3."""
    found = only(code, "GB 13271", level, "hour")
    assert (found.high, found.unit) == (high, "mg/m3")
    assert found.reference_oxygen == (9.0 if level.endswith("coal") else 3.5)


@pytest.mark.parametrize(("code", "level", "high"), [("a34013", "new_coal", 30), ("a21026", "existing_coal", 200)])
def test_power_plants_are_marked_as_read_at_second_hand(code, level, high):
    """GB 13223-2011, table 1."""
    found = only(code, "GB 13223", level, "hour")
    assert (found.high, found.status) == (high, Status.VERIFIED_SECONDARY)
    assert found.status.caveat is not None


@pytest.mark.parametrize(
    ("code", "averaging", "day", "high"),
    [
        ("a34004", "day", date(2026, 2, 28), 75),
        ("a34004", "day", date(2026, 3, 1), 60),
        ("a34004", "day", date(2030, 12, 31), 60),
        ("a34004", "day", date(2031, 1, 1), 50),
        ("a34002", "day", date(2026, 2, 28), 150),
        ("a34002", "day", date(2026, 3, 1), 120),
        ("a34002", "day", date(2031, 1, 1), 100),
        ("a21026", "hour", date(2026, 3, 1), 500),
        ("a21026", "hour", date(2031, 1, 1), 150),
        ("a21004", "day", date(2030, 12, 31), 80),
        ("a21004", "day", date(2031, 1, 1), 50),
        ("a21005", "hour", date(2026, 3, 1), 10),
        ("a05024", "hour", date(2026, 3, 1), 200),
        ("a05024", "day_max_8h", date(2026, 3, 1), 160),
    ],
)
def test_ambient_air_is_judged_by_the_edition_in_force_on_the_day_of_the_data(code, averaging, day, high):
    """GB 3095-2012 and GB 3095-2026, table 1, grade 2; two phases by clause 4.4 of 2026."""
    assert only(code, "GB 3095", "2", averaging, on=day).high == high


def test_an_edition_asked_for_by_its_year_holds_only_in_its_time():
    assert limits_for("a34004", "GB 3095-2012", "2", "day", on=date(2026, 3, 1)) == ()
    assert len(limits_for("a34004", "GB 3095-2026", "2", "day")) == 2


def test_no_day_lies_between_two_editions_or_in_both():
    day, last = date(2025, 12, 1), date(2031, 2, 1)
    while day < last:
        assert len(limits_for("a34004", "GB 3095", "2", "day", on=day)) == 1
        day += timedelta(days=1)


@pytest.mark.parametrize(
    ("code", "level", "low", "high"),
    [
        ("w01001", "III", 6, 9),
        ("w01009", "I", 7.5, None),
        ("w01009", "III", 5, None),
        ("w01019", "III", None, 6),
        ("w01018", "II", None, 15),
        ("w21003", "III", None, 1.0),
        ("w21003", "I", None, 0.15),
        ("w21011", "III", None, 0.2),
        ("w21019", "III", None, 0.2),
    ],
)
def test_surface_water(code, level, low, high):
    """GB 3838-2002, table 1."""
    found = only(code, "GB 3838", level, "month")
    assert (found.low, found.high) == (low, high)


def test_lakes_have_phosphorus_and_nitrogen_limits_of_their_own():
    """GB 3838-2002, table 1: total phosphorus of lakes and reservoirs; total nitrogen for them only."""
    assert only("w21011", "GB 3838", "III", "month", case="lake").high == 0.05
    assert only("w21001", "GB 3838", "III", "month", case="lake").high == 1.0
    assert limits_for("w21001", "GB 3838", "III", "month", on=TODAY) == ()


def test_every_limit_says_document_clause_days_and_degree_of_verification():
    for one in all_limits():
        assert one.standard
        assert one.clause.zh
        assert one.clause.en
        assert one.valid_from.year >= 1996
        assert one.valid_to is None or one.valid_from < one.valid_to
        assert isinstance(one.status, Status)
        assert one.title.zh
        assert one.title.en
        assert one.item.zh
        assert one.item.en


def test_every_limit_has_figures_that_fit_its_direction_and_are_not_nought():
    for one in all_limits():
        assert (one.high is None) == (one.direction == "min")
        assert (one.low is None) == (one.direction == "max")
        assert one.low is None or one.low > 0
        assert one.high is None or one.high > (one.low or 0)


def test_every_limit_is_for_a_factor_whose_unit_converts_to_its_own():
    for one in all_limits():
        if one.factor and one.unit != "multiple":
            measured = factor(one.factor, medium="ambient_air" if one.standard.startswith("GB 3095") else None)
            assert scale(measured.unit, one.unit) > 0


def test_colour_by_dilution_does_not_judge_colour_in_degrees():
    found = only("w01002", "GB 18918", "1A", "day")
    with pytest.raises(IncompatibleUnits):
        found.in_unit(factor("w01002").unit)


def test_every_code_is_used_once_and_finds_its_limit():
    codes = [one.code for one in all_limits()]
    assert len(codes) == len(set(codes))
    assert all(limit(code).code == code for code in codes[::25])


def test_every_level_of_an_edition_has_limits():
    used = {(one.code.split(":")[0], one.level) for one in all_limits()}
    assert {(edition.key, level) for edition in editions() for level in edition.levels} == used


def test_the_main_case_of_a_factor_is_one_limit_a_day():
    for one in all_limits():
        if one.factor and not one.case and one.valid_to is None:
            same = limits_for(one.factor, one.standard, one.level, one.averaging, on=date(2031, 6, 1))
            assert same == (one,)


def test_unknown_names_are_answered_with_those_that_exist():
    with pytest.raises(UnknownStandard, match="GB 18918-2002"):
        limits_for("w01018", "GB 1", "1A", "day")
    with pytest.raises(UnknownLevel, match="1A, 1B"):
        limits_for("w01018", "GB 18918", "4", "day")
    with pytest.raises(UnknownLimit, match="nothing"):
        limit("nothing")
    assert not issubclass(UnknownLevel, UnknownFactor)


def test_a_value_equal_to_the_limit_keeps_it():
    found = only("w01018", "GB 18918", "1A", "day")
    assert found.exceeded(np.array([50.0, 51.0, np.nan])).tolist() == [False, True, False]


def test_values_are_rounded_to_the_decimals_of_the_limit_unless_full_comparison_is_asked_for():
    """GB/T 8170-2008, clause 4.3: the two ways of comparing."""
    found = only("w01018", "GB 18918", "1A", "day")
    values = np.array([50.4, 50.5, 50.6])
    assert found.exceeded(values).tolist() == [False, False, True]
    assert found.exceeded(values, rounded=False).tolist() == [True, True, True]


def test_the_finest_figure_printed_in_a_row_sets_its_decimals():
    assert only("w21011", "GB 18918", "2", "day").decimals == 1  # 0.5, 1, 3, 5
    assert only("w21003", "GB 3838", "III", "month").decimals == 2  # 0.15, 0.5, 1.0, 1.5, 2.0


def test_too_little_oxygen_is_below_the_limit():
    found = only("w01009", "GB 3838", "III", "month")
    values = np.array([5.0, 4.9, 2.5, 0.0])
    assert found.exceeded(values).tolist() == [False, True, True, True]
    np.testing.assert_allclose(found.times_over(values), [0.0, 0.02, 0.5, 1.0])


def test_ph_is_outside_on_either_side_and_on_its_ends_within():
    found = only("w01001", "GB 3838", "III", "month")
    values = np.array([5.99, 6.0, 7.5, 9.0, 9.01])
    assert found.exceeded(values).tolist() == [True, False, False, False, True]
    assert (found.times_over(values) > 0).tolist() == [True, False, False, False, True]


def test_the_exceedance_multiple_is_the_ratio_less_one():
    found = only("w21003", "GB 3838", "III", "month")
    np.testing.assert_allclose(found.times_over(np.array([2.3, 1.0])), [1.3, 0.0], atol=1e-12)


def test_a_limit_in_another_unit_draws_the_same_line():
    milligrams = only("w20117", "GB 18918", "1A", "day")
    micrograms = milligrams.in_unit("ug/L")
    assert (micrograms.high, micrograms.unit, micrograms.decimals) == (50.0, "µg/L", -1)
    values = np.array([0.04, 0.054, 0.056, 0.2])
    assert (
        micrograms.exceeded(values * 1000).tolist()
        == milligrams.exceeded(values).tolist()
        == [False, False, True, True]
    )
