"""Discharge and emission limits: every table, the case that holds, and whose figure binds."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qingyuan_science.series import Averaging
from qingyuan_science.standards import Limit, Status, UnknownLimit, UnknownStandard, all_limits, limit, limits_for
from qingyuan_science.standards.emission.binding import (
    binding_limit,
    judge_value,
    judged_averaging,
    national_limit,
)
from qingyuan_science.standards.emission.cases import case_of, limits_named
from qingyuan_science.standards.emission.oxygen import converted, plants, reference_oxygen
from qingyuan_science.standards.emission.requirements import judged_by_removal, requirements
from qingyuan_science.standards.errors import BrokenTable, OutsideRule, UnknownEntry

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("item", "standard", "level", "case", "figure", "clause"),
    [
        ("苯并（a）芘", "GB 8978", "1", "", 0.00003, "Table 1"),
        ("甲醛", "GB 8978", "2", "", 2.0, "Table 4"),
        ("有机磷农药", "GB 8978", "2", "", 0.5, "Table 4"),
        ("COD", "GB 8978", "2", "built_by_1997", 150, "Table 2"),
        ("petroleum oils", "GB 8978", "3", "built_by_1997", 30, "Table 2"),
        ("总镍", "GB 18918", "1A", "selected", 0.05, "Table 3"),
        ("w20123", "GB 18918", "3", "selected", 1.0, "Table 3"),
        ("SO2", "GB 16297", "stack", "", 550, "Table 2"),
        ("SO2", "GB 16297", "stack", "sulphur_production", 960, "Table 2"),
        ("SO2", "GB 16297", "boundary", "", 0.4, "Table 2"),
        ("非甲烷总烃", "GB 16297", "stack", "", 120, "Table 2"),
        ("沥青烟", "GB 16297", "stack", "mixing", 75, "Table 2"),
        ("SO2", "环发〔2015〕164号", "coal", "", 35, "ultra-low emission"),
        ("氯化氢", "GB 18485", "incinerator", "", 60, "Table 4"),
    ],
)
def test_figures_of_the_standards(item: str, standard: str, level: str, case: str, figure: float, clause: str) -> None:
    candidates = limits_named(item, standard, level, TODAY)
    found = national_limit(candidates, min(one.averaging for one in candidates if one.case == case), case)
    if standard == "GB 18485":
        found = national_limit(candidates, Averaging.HOUR, case)
    assert (found.high, found.clause.en) == (figure, clause)


def test_an_incinerator_is_judged_by_the_hour_and_by_the_day() -> None:
    """GB 18485-2014, table 4."""
    pairs = {
        (one.item.zh, one.averaging): one.high
        for one in all_limits()
        if one.standard == "GB 18485-2014" and not one.case
    }
    assert (pairs["颗粒物", Averaging.HOUR], pairs["颗粒物", Averaging.DAY]) == (30, 20)
    assert pairs["一氧化碳", Averaging.DAY] == 80
    assert {one.reference_oxygen for one in all_limits() if one.standard == "GB 18485-2014"} == {11.0}


def test_a_limit_of_one_standard_is_not_found_under_an_empty_name() -> None:
    with pytest.raises(UnknownStandard):
        limits_for("a21026", "", "coal", "hour")


def test_the_case_follows_the_time_of_building_and_the_water() -> None:
    def case(item: str, standard: str, level: str, built: date | None, water: float | None = None) -> str:
        return case_of(limits_named(item, standard, level, TODAY), built, water)[0]

    assert case("总磷", "GB 18918", "1A", date(2005, 12, 31)) == "built_by_2005"
    assert case("总磷", "GB 18918", "1A", date(2006, 1, 1)) == ""
    assert case("氨氮", "GB 18918", "1A", None, 12.0) == "cold_water"
    assert case("氨氮", "GB 18918", "1A", None, 12.1) == ""
    assert case("COD", "GB 8978", "1", date(1997, 12, 31)) == "built_by_1997"
    assert case("氨氮", "GB 8978", "1", date(1990, 1, 1)) == ""  # table 2 was not at hand for it
    assert case("氮氧化物", "GB 13223", "existing_coal", date(2003, 12, 31)) == "w_flame_cfb_or_by_2003"
    assert case("氮氧化物", "GB 13223", "new_coal", date(2003, 12, 31)) == ""


def test_the_permit_wins_over_the_local_standard_and_that_over_the_national() -> None:
    national = limit("gb18918-2002:1A:w01018:day")
    assert (binding_limit(national).basis, binding_limit(national).limit.high) == ("national", 50)
    local = binding_limit(national, local=40.0)
    assert (local.basis, local.limit.high, local.laxer) == ("local", 40, False)
    permit = binding_limit(national, local=40.0, permit=45.0)
    assert (permit.basis, permit.limit.high) == ("permit", 45)
    assert binding_limit(national, local=60.0).laxer
    assert str(permit.sources[0].note).endswith("not checked against the text")


def test_a_range_is_not_replaced_by_one_figure() -> None:
    with pytest.raises(BrokenTable, match="range"):
        binding_limit(limit("gb18918-2002:1A:w01001:day"), permit=8.0)


def test_a_finer_figure_of_the_permit_is_compared_by_its_own_decimals() -> None:
    bound = binding_limit(limit("gb18918-2002:1A:w01018:day"), permit=30.25).limit
    assert judge_value(30.25, bound).over is False
    assert judge_value(30.26, bound).over is True


@pytest.mark.parametrize(
    ("value", "over", "multiple"), [(50.0, False, None), (50.5, False, None), (50.6, True, 0.02), (115.0, True, 1.3)]
)
def test_the_multiple_is_that_of_the_rounded_value(value: float, over: bool, multiple: float | None) -> None:
    found = judge_value(value, limit("gb18918-2002:1A:w01018:day"))
    assert (found.over, found.multiple) == (over, multiple)


def test_outside_a_range_there_is_no_multiple() -> None:
    found = judge_value(9.5, limit("gb18918-2002:1A:w01001:day"))
    assert (found.over, found.multiple) == (True, None)


def test_water_is_judged_by_the_day_and_gas_by_the_hour() -> None:
    assert judged_averaging("water", "GB 8978-1996")[0] is Averaging.DAY
    assert judged_averaging("gas", "GB 13271")[0] is Averaging.HOUR
    assert judged_averaging("gas", "GB 18485-2014")[0] is Averaging.DAY


def test_a_mean_without_a_limit_is_refused_with_those_there_are() -> None:
    with pytest.raises(UnknownLimit, match="day main case"):
        national_limit(limits_named("COD", "GB 18918", "1A", TODAY), Averaging.HOUR, "")


@given(st.sampled_from(all_limits()), st.floats(0, 5), st.floats(0, 5))
def test_more_of_a_pollutant_is_never_judged_milder(one: Limit, low: float, more: float) -> None:
    if one.direction == "max" and one.high is not None:
        first, second = (judge_value(one.high * share, one) for share in (low, low + more))
        assert second.over or not first.over
        assert (second.multiple or 0.0) >= (first.multiple or 0.0)


@given(
    st.floats(0, 1e4, allow_subnormal=False),
    st.floats(0, 20.9),
    st.floats(0, 20.9),
    st.sampled_from(["coal_boiler", "gas_turbine"]),
)
def test_conversion_is_proportional_and_grows_with_oxygen(
    value: float, oxygen: float, other: float, plant: str
) -> None:
    reference, _ = reference_oxygen(plant)
    assert converted(value, reference, reference) == pytest.approx(value)
    low, high = sorted((oxygen, other))
    assert converted(value, low, reference) <= converted(value, high, reference) * (1 + 1e-12)


def test_the_reference_oxygen_of_a_limit_is_that_of_the_table_of_plants() -> None:
    assert {name: reference_oxygen(name)[0] for name in plants()} == {
        "coal_boiler": 9,
        "oil_boiler": 3.5,
        "gas_boiler": 3.5,
        "coal_power": 6,
        "gas_power": 3,
        "gas_turbine": 15,
        "incinerator": 11,
    }
    with pytest.raises(UnknownEntry, match="coal_boiler"):
        reference_oxygen("kiln")


@pytest.mark.parametrize("oxygen", [21.0, 22.0, -0.1])
def test_air_is_not_converted(oxygen: float) -> None:
    with pytest.raises(OutsideRule, match="oxygen"):
        converted(10.0, oxygen, 6.0)


def test_what_must_not_be_detected_or_seen_stands_apart_from_the_figures() -> None:
    kinds = {
        standard: sorted(one.kind for one in requirements(standard, TODAY))
        for standard in ("GB 8978", "GB 18918", "GB 16297", "GB 18485")
    }
    assert kinds == {
        "GB 8978": ["not_detected"] * 2,
        "GB 18918": ["not_detected"],
        "GB 16297": ["not_visible"] * 5,
        "GB 18485": ["five_minute_mean", *["test_mean"] * 4],
    }
    assert requirements("GB 18918", date(2003, 6, 30)) == ()
    furnace = next(one for one in requirements("GB 18485", TODAY) if one.kind == "five_minute_mean")
    assert (furnace.low, furnace.unit) == (850, "°C")


def test_a_class_3_plant_with_strong_influent_is_judged_by_what_it_removes() -> None:
    """GB 18918-2002, notes to table 1: COD above 350, BOD5 above 160 mg/L."""
    assert judged_by_removal("COD", 350.1) is not None
    assert judged_by_removal("BOD5", 160.0) is None
    found = judged_by_removal("五日生化需氧量", 161.0)
    assert found is not None
    assert found[0] == 50


def test_recalled_figures_say_so() -> None:
    """GB 18485-2014, 7.1: dust while a furnace starts and stops."""
    (start,) = (one for one in all_limits() if one.case == "start_stop_fault")
    assert (start.high, start.status) == (150, Status.UNVERIFIED)
