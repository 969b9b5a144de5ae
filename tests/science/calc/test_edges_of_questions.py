"""What stands at the edge of a question: names in other widths, nothing, days in other forms, one thing twice."""

from typing import Any

import pytest

from qingyuan_science import calc

calc.load()


def result(topic: str, **given: Any) -> dict[str, Any]:
    return calc.answer(topic, given).result


def refused(topic: str, **given: Any) -> str:
    with pytest.raises(calc.BadQuestion) as error:
        calc.answer(topic, given)
    return str(error.value)


PLANT = {"day": "2026-11-20", "standard": "GB 18918", "level": "1A"}
FACTORY = {"day": "2026-11-20", "standard": "GB 8978", "level": "1"}


@pytest.mark.parametrize("day", ["20261120", "2026-W47-5", "2026-11-20T00:00", " 2026-11-20", "2026-11-31", 20261120])
def test_a_day_is_year_month_and_day_and_nothing_else(day: Any) -> None:
    assert "expected date" in refused("standards_in_force", day=day)


def test_nothing_said_is_as_good_as_left_out_where_a_field_may_be_missing() -> None:
    periods = [{"day": "2026-11-01", "concentration": None, "flow": 10}]
    assert result("emission_load", medium="water", periods=periods)["missing_periods"] == 1
    assert result("noise_limit", day="2026-11-20", kind="factory", zone="2", period="day", level=None)["limit"] == 60


def test_nothing_said_is_refused_where_a_figure_is_needed() -> None:
    assert refused("rounding", value=None).startswith("value: found None")
    assert refused("rounding", value=1, interval=None).startswith("interval: found None")


@pytest.mark.parametrize("name", ["苯并（a）芘", "苯并(a)芘"])
def test_brackets_of_either_width_name_the_same_item(name: str) -> None:
    found = result("drinking_source", day="2026-11-20", values={"pH": 7, name: 0.000003})
    assert found["kept"] is False  # beyond 0.0000028


def test_an_item_in_both_widths_stands_twice() -> None:
    values = {"pH": 7, "苯并（a）芘": 1e-6, "苯并(a)芘": 1e-6}
    assert "each item once" in refused("drinking_source", day="2026-11-20", values=values)


@pytest.mark.parametrize(
    ("case", "value", "over"),
    [
        ("石油化工工业(包括石油炼制)", 61, ["COD"]),  # 60
        ("石油化工工业", 60, []),
        ("petrochemical", 61, ["COD"]),
        ("", 100, []),  # other units: 100
    ],
)
def test_a_trade_is_named_as_the_standard_prints_it(case: str, value: float, over: list[str]) -> None:
    assert result("discharge_limit", **FACTORY, case=case, values={"COD": value})["over"] == over


def test_a_process_is_named_as_the_standard_prints_it() -> None:
    carbon_black = {"item": "颗粒物", "case": "碳黑尘、染料尘", "stacks": [{"height": 15}]}
    assert result("stack_rate", **carbon_black)["permitted_rate"] == 0.51
    others = {**carbon_black, "case": "其它"}
    assert result("stack_rate", **others)["permitted_rate"] == 3.5


def test_a_limit_that_hangs_on_what_was_not_told_says_so() -> None:
    told = calc.answer("discharge_limit", {**PLANT, "values": {"氨氮": 6}, "water_temperature": 15})
    untold = calc.answer("discharge_limit", {**PLANT, "values": {"氨氮": 6}})
    assert told.result["over"] == untold.result["over"] == ["氨氮"]  # beyond 5, the limit above 12 °C
    assert [note.en for note in untold.notes if "no case was told" in note.en] == [
        "氨氮: no case was told; judged by water above 12 °C; others: water at or below 12 °C (cold_water)"
    ]
    assert not [note for note in told.notes if "no case was told" in note.en]


def test_a_limit_that_hangs_on_nothing_says_nothing() -> None:
    notes = calc.answer("discharge_limit", {**PLANT, "values": {"COD": 40}}).notes
    assert not [note for note in notes if "no case was told" in note.en]


@pytest.mark.parametrize("degrees", [-300, -6, 101])
def test_water_is_neither_ice_nor_steam(degrees: float) -> None:
    """Below 12 °C the limit is laxer: a slip of the pen would let a plant off."""
    said = refused("discharge_limit", **PLANT, values={"氨氮": 6}, water_temperature=degrees)
    assert said.startswith("water_temperature: found")


def test_a_permit_of_nothing_is_refused_by_its_field() -> None:
    said = refused("discharge_limit", **PLANT, values={"COD": 45}, permit={"COD": 0})
    assert said == "permit.COD: found 0.0, expected a limit above 0"


def test_a_section_without_any_item_neither_attains_nor_misses_its_target() -> None:
    (month,) = result("water_month", samples=[{"section": "甲", "day": "2026-10-05"}])["months"]
    assert month["sections"][0]["class"] is None
    assert month["sections"][0]["attained"] is None


def test_a_city_without_any_item_does_not_win_the_ranking() -> None:
    sections = [{"city": "甲", "section": "一"}, {"city": "乙", "section": "二", "NH3-N": 0.2}]
    assert "its index would be the best" in refused("water_city_index", sections=sections)


def test_no_pollutant_is_primary_where_no_index_is_published() -> None:
    found = result("air_index_day", day="2026-11-20", concentrations={"PM2.5": 60})
    assert found["aqi"] is None  # 100 from PM2.5 alone, which HJ 633-2026 5.3 does not publish
    assert found["primary"] == []


def test_a_capture_rate_just_below_the_least_does_not_read_like_it() -> None:
    found = result("data_validity", medium="gas", period="quarter", valid=1619, due=2160)
    assert (found["valid"], found["capture_rate"]) == (False, 74.95)  # 1619/2160 = 74.954 %


def test_a_source_that_stood_still_is_neither_valid_nor_invalid() -> None:
    found = result("data_validity", medium="gas", period="quarter", valid=0, due=2160, stopped=2160)
    assert (found["valid"], found["capture_rate"]) == (None, None)


@pytest.mark.parametrize(
    ("topic", "given", "said"),
    [
        ("air_city_day", {"day": "2026-11-20", "points": [{"point": "A"}, {"point": "A"}]}, "each point once"),
        ("pollutant_equivalents", {"medium": "air", "amounts": {"SO2": 1, "二氧化硫": 1}}, "each pollutant once"),
        ("discharge_limit", {**PLANT, "values": {"COD": 60, "化学需氧量": 40}}, "each item once; COD is the same"),
        (
            "noise_limit",
            {"day": "2026-11-20", "kind": "factory", "zone": "2", "period": "day", "level": 201},
            "0 to 200",
        ),
        ("heavy_pollution_level", {"issued_on": "2026-01-01", "aqi": [200, -1]}, "an AQI of at least 0"),
        ("discharge_limit", {**PLANT, "values": {"pH": 15}}, "0 to 14"),
        ("rounding", {"value": 1e300}, "at most 1e15 intervals"),
        ("hj212_packet", {"text": "\ud800"}, "UTF-8"),
    ],
)
def test_what_cannot_be_is_refused(topic: str, given: dict[str, Any], said: str) -> None:
    assert said in refused(topic, **given)


def test_one_city_twice_is_refused_in_a_ranking() -> None:
    city = {"city": "甲", "SO2": 6, "NO2": 20, "PM10": 60, "PM2.5": 30, "CO": 0.8, "O3_8h": 160}
    period = {"first_day": "2026-04-01", "last_day": "2026-04-30"}
    assert "each city once" in refused("air_composite_index", **period, cities=[city, city])


def test_a_packet_whose_content_cannot_be_read_says_why() -> None:
    found = result("hj212_packet", text="##0000FFFF")
    assert found["crc_fits"]
    assert found["fits"] is False
    assert "cannot be read" in found["reason"]["en"]


def test_nitrogen_oxides_of_power_plants_have_their_short_name() -> None:
    plant = {"day": "2026-11-20", "standard": "GB 13223", "level": "new_coal"}
    assert result("emission_limit", **plant, oxygen=6, values={"NOx": 101})["over"] == ["NOx"]  # 100


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"observed": -5}, "forecasts[0].observed"),
        ({"forecast": 501}, "forecasts[0].forecast"),
        ({"low": 120, "high": 80}, "forecasts[0].low"),
        ({"lead": -1}, "forecasts[0].lead"),
    ],
)
def test_a_forecast_that_cannot_be_is_not_scored(row: dict[str, Any], said: str) -> None:
    forecast = {"day": "2026-11-20", "lead": 1, "observed": 100, "forecast": 90, **row}
    assert refused("air_forecast_score", forecasts=[forecast]).startswith(said)


@pytest.mark.parametrize("name", ["span", "tolerance"])
def test_no_forecast_is_right_by_less_than_nothing(name: str) -> None:
    forecast = {"day": "2026-11-20", "lead": 1, "observed": 100, "forecast": 100}
    assert refused("air_forecast_score", forecasts=[forecast], **{name: -1}).startswith(name)


def test_water_that_holds_more_than_water_is_refused() -> None:
    assert "0 to 1e+12" in refused("water_class", day="2026-11-20", values={"NH3-N": 1e300})
    assert "saturation of 0 to 500 %" in refused("water_class", day="2026-11-20", values={"DO": 8}, saturation=900)


def test_coliforms_are_counted_in_great_numbers() -> None:
    found = result("water_class", day="2026-11-20", values={"pH": 7, "coliforms": 2.4e8})
    assert found["class"] == "I"


@pytest.mark.parametrize(
    ("topic", "first", "second"), [("water_target", "class", "target"), ("water_change", "before", "after")]
)
def test_a_section_counts_once(topic: str, first: str, second: str) -> None:
    rows = [{"section": name, first: "II", second: "III"} for name in ("甲", "乙", "甲")]
    assert refused(topic, sections=rows) == "sections: found '甲', expected each section once"


@pytest.mark.parametrize(
    ("mark", "day", "since"),
    [
        ("calibration", "2022-12-31", "2023-01-01"),
        ("incinerator-start", "2019-12-31", "2020-01-01"),
        ("stopped", "2019-12-31", "2020-01-01"),
    ],
)
def test_no_mark_is_judged_by_a_rule_that_did_not_hold_on_the_day_of_the_data(mark: str, day: str, since: str) -> None:
    said = refused("data_marking", mark=mark, day=day)
    assert said.startswith("day")
    assert f"expected a day from {since} on" in said
    assert calc.answer("data_marking", {"mark": mark, "day": since}).result["hours_not_judged"] == 1


def test_false_marking_is_held_against_the_regulation_only_from_its_day_on() -> None:
    """The regulation on monitoring is in force since 2026-01-01."""
    for day, cited in (("2025-12-31", False), ("2026-01-01", True)):
        clauses = calc.answer("data_marking", {"mark": "calibration", "day": day}).clauses
        assert any(one.document == "生态环境监测条例" for one in clauses) == cited


def test_climatology_is_scored_over_the_same_days_by_the_same_rule() -> None:
    """Observed 120 and 80; the season's usual 90 is right in level on the second day alone."""
    days = [
        {"day": f"2026-11-0{n}", "lead": 1, "observed": seen, "forecast": 100, "usual": 90, "usual_primary": "PM2.5",
         "primary": "PM10", "observed_primary": "PM2.5", "at_issue": 130, "at_issue_primary": "PM10"}
        for n, seen in ((1, 120), (2, 80))
    ]  # fmt: skip
    found = calc.answer("air_forecast_score", {"forecasts": days}).result["all"]
    assert (found["climatology"]["strict_level"], found["climatology"]["primary_hit"]) == (50, 100)
    assert (found["persistence"]["strict_level"], found["persistence"]["primary_hit"]) == (50, 0)
    assert found["climatology"]["within"] == 50  # 90 is 30 from 120, and 10 from 80
