"""What the calculations on discharge, noise, tax, codes and time limits answer, each with its arithmetic."""

from typing import Any

import pytest

from qingyuan_science import calc
from qingyuan_science.calc.topic import TOPICS
from qingyuan_science.calc.words import is_worded

calc.load()

# what each worked question must come to
EXPECTED: dict[str, list[dict[str, Any]]] = {
    "failed_check": [
        {"hours_invalid": 174.0, "daily_means_lost": 8},
        {"hours_invalid": 26.25, "hourly_means_lost": 26, "amount": 3.0, "whole_gap": 78.0},
    ],
    "check_due": [
        {"due_at": "2026-11-16T10:00+08:00", "overdue": True, "hours_overdue": 24.0},
        {"due_at": "2027-02-28T10:00+08:00", "overdue": None},
    ],
    "discharge_limit": [{"over": ["COD"]}, {"over": ["COD"]}, {"over": []}],
    "emission_limit": [{"over": []}, {"over": ["NOx"]}, {"over": ["二氧化硫"]}],
    "stack_rate": [
        {"permitted_rate": 9.65, "over": True, "multiple": 0.04},
        {"permitted_rate": 122.4, "by_height": 244.8, "over": None},
        {"height": 35.36, "rate": 5.0, "over": False},
    ],
    "oxygen_conversion": [{"converted": 66.667, "reference": 9.0}, {"converted": 35.0, "factor": 1.0}],
    "emission_load": [{"mass": 220.0, "weighted_mean": 55.0}, {"mass": 35.0, "missing_periods": 1}],
    "quota_progress": [{"exceeding_quota": []}],
    "missing_data_substitution": [{"amount": 3.0, "whole_gap": 30.0}, {"amount": 120.0, "whole_gap": 240.0}],
    "data_validity": [
        {"valid": False, "needed": 45},
        {"valid": True, "needed": 45},
        {"valid": True, "needed": 23},
        {"valid": True, "capture_rate": 95.0},
        {"valid": False, "transmission": 83.3, "validity": 75.0, "effective": 62.5},
    ],
    "noise_level": [{"leq": 67.4}, {"day_level": 60.0, "night_level": 50.0, "day_night_level": 60.0}],
    "noise_limit": [
        {"limit": 50, "correction": -1, "rounded": 57, "over": True, "decibels_over": 7},
        {"edition": "GB 12523-2025", "rounded": 70, "over": False},
    ],
    "pollutant_equivalents": [{"taxed_equivalents": 310.0}, {"taxed_equivalents": 122.0}],  # 2 + 100 + 10 + 10
    "environmental_tax": [{"tax": 330.0}, {"tax": 640.0}],
    "credit_code": [
        {"fits": True, "division": "110000", "organisation": "802100433"},
        {"fits": False},
        {"fits": True, "check": "3", "code": "802100433"},
    ],
    "outlet_code": [{"fits": True, "number": 1}, {"fits": True, "site": 2, "flag": "P"}, {"fits": False}],
    "outfall_code": [{"fits": True, "division": "420106", "number": 1}, {"fits": False}],
    "division_code": [{"fits": True, "above": ["510000", "510100"]}, {"fits": True}, {"fits": False}],
    "device_number": [{"fits": True, "protocol": "2017"}, {"fits": False}],
    "working_days": [
        {"last_day": "2026-11-27"},
        {"last_day": "2026-10-10"},
        {"last_day": "2027-02-20", "is_worked": False, "next_worked_day": "2027-02-22"},
        {"last_day": "2026-11-01", "is_worked": False, "last_worked_day": "2026-10-30"},
    ],
}


def ask(code: str, **question: Any) -> dict[str, Any]:
    return calc.answer(code, question).result


def refused(code: str, **question: Any) -> str:
    with pytest.raises(calc.BadQuestion) as error:
        calc.answer(code, question)
    return str(error.value)


@pytest.mark.parametrize("code", EXPECTED)
def test_worked_questions_come_out_as_their_examples_say(code: str) -> None:
    for question, expected in zip(TOPICS.get(code).questions, EXPECTED[code], strict=True):
        result = calc.answer(code, question).result
        assert {name: result[name] for name in expected} == expected


def names_in(value: Any) -> set[str]:
    if isinstance(value, dict):
        return set() if set(value) == {"zh", "en"} else set(value).union(*map(names_in, value.values()))
    return set().union(*map(names_in, value)) if isinstance(value, list) else set()


@pytest.mark.parametrize("code", EXPECTED)
def test_every_name_in_an_answer_has_words_in_both_languages(code: str) -> None:
    for question in TOPICS.get(code).questions:
        assert [name for name in names_in(calc.answer(code, question).result) if not is_worded(name)] == []


WORKS = {"day": "2026-11-20", "standard": "GB 18918", "level": "1A"}
BOILER = {"day": "2026-11-20", "standard": "GB 13271", "level": "new_gas"}


def test_the_multiple_against_the_permit_and_the_rule_that_puts_it_first() -> None:
    answer = calc.answer("discharge_limit", {**WORKS, "values": {"COD": 40}, "permit": {"COD": 30}})
    (row,) = answer.result["items"]
    assert (row["limit"], row["basis"]["en"], row["multiple"]) == ("≤ 30", "permit", 0.33)
    assert answer.clauses[0].document == "排污许可管理条例"


def test_an_amendment_that_is_not_held_is_told_from_its_day_on() -> None:
    """GB 18918-2002, amendment in force since 2026-03-01."""
    before, after = (
        calc.answer("discharge_limit", {**WORKS, "day": day, "values": {"COD": 40}}).notes
        for day in ("2026-02-28", "2026-03-01")
    )
    assert before == ()
    assert "amendment" in after[0].en


def test_a_laxer_local_limit_is_told() -> None:
    answer = calc.answer("discharge_limit", {**WORKS, "values": {"COD": 55}, "local": {"COD": 60}})
    assert answer.result["over"] == []
    assert "laxer" in answer.notes[0].en


def test_an_hourly_mean_of_waste_water_is_shown_and_not_judged() -> None:
    answer = calc.answer("discharge_limit", {**WORKS, "values": {"COD": 65}, "averaging": "hour"})
    assert answer.result["items"][0]["over"] is None
    assert answer.result["over"] == []
    assert "daily mean" in answer.notes[0].en


def test_what_must_not_be_detected_is_beyond_as_soon_as_it_is() -> None:
    for value, over in ((0, False), (0.00001, True)):
        (row,) = ask("discharge_limit", **WORKS, values={"烷基汞": value})["items"]
        assert row["over"] is over


def test_a_class_3_plant_with_strong_influent_is_judged_by_removal() -> None:
    """140 of 400 mg/L: 65 % removed, more than 60 %; 161 of 400: 59.75 %."""
    question = {**WORKS, "level": "3", "influent": {"COD": 400}}
    kept, beyond = (ask("discharge_limit", **question, values={"COD": one})["items"][0] for one in (140, 161))
    assert (kept["removal"], kept["over"], kept["limit"]) == (65.0, False, "> 60 %")
    assert beyond["over"] is True
    assert ask("discharge_limit", **{**question, "influent": {"COD": 350}}, values={"COD": 140})["over"] == ["COD"]


def test_optional_items_are_found_by_their_case() -> None:
    (row,) = ask("discharge_limit", **WORKS, values={"总锌": 1.5}, case="selected")["items"]
    assert (row["over"], row["multiple"]) == (True, 0.5)
    assert "case" in refused("discharge_limit", **WORKS, values={"总锌": 1.5})
    assert "case: found 'nothing'" in refused("discharge_limit", **WORKS, values={"COD": 1}, case="nothing")


def test_what_cannot_be_judged_is_refused_by_its_name() -> None:
    assert "values.SO2" in refused("discharge_limit", **WORKS, values={"SO2": 1})
    assert "values.COD" in refused("discharge_limit", **WORKS, values={"COD": -1})
    assert "level" in refused("discharge_limit", **{**WORKS, "level": "9"}, values={"COD": 1})
    assert "permit.BOD5" in refused("discharge_limit", **WORKS, values={"COD": 1}, permit={"BOD5": 1})
    assert "permit.pH" in refused("discharge_limit", **WORKS, values={"pH": 7}, permit={"pH": 8})
    assert "oxygen" in refused("emission_limit", **BOILER, values={"SO2": 1})
    assert "oxygen" in refused("emission_limit", **BOILER, values={"SO2": 1}, oxygen=21)
    assert "values" in refused("emission_limit", **BOILER, values={})


def test_converted_values_are_not_converted_again_and_blackness_never() -> None:
    assert ask("emission_limit", **BOILER, values={"SO2": 50}, converted=True)["items"][0]["converted"] is None
    (row,) = ask("emission_limit", **BOILER, values={"烟气黑度": 1.0})["items"]
    assert row["over"] is False
    # 40×(21-3.5)/(21-7) = 50
    assert ask("emission_limit", **BOILER, values={"SO2": 40}, oxygen=7)["items"][0]["converted"] == 50


INCINERATOR = {"day": "2026-11-20", "standard": "GB 18485", "level": "incinerator"}


def test_a_test_by_hand_and_the_furnace_have_their_figures() -> None:
    found = ask("emission_limit", **INCINERATOR, values={"二噁英类": 0.2, "炉膛内焚烧温度": 849}, converted=True)
    assert found["over"] == ["二噁英类", "炉膛内焚烧温度"]
    assert [row["limit"] for row in found["items"]] == ["≤ 0.1", "≥ 850"]
    kept = ask("emission_limit", **INCINERATOR, values={"二噁英类": 0.1, "炉膛内焚烧温度": 850}, converted=True)
    assert kept["over"] == []


def test_a_test_by_hand_is_converted_by_oxygen_and_rounded_as_means_are() -> None:
    (row,) = ask("emission_limit", **INCINERATOR, values={"汞及其化合物": 0.045}, oxygen=15)["items"]
    # 0.045×(21-11)/(21-15) = 0.075, rounded to 0.08 against 0.05
    assert (row["converted"], row["rounded"], row["over"], row["multiple"]) == (0.075, 0.08, True, 0.6)
    assert "oxygen" in refused("emission_limit", **INCINERATOR, values={"汞及其化合物": 0.045})
    (row,) = ask("emission_limit", **INCINERATOR, values={"汞及其化合物": 0.054}, oxygen=11)["items"]
    assert row["over"] is False  # 0.054 rounds to 0.05


def test_a_permit_wins_over_what_the_standard_demands_of_a_test() -> None:
    asked = {**INCINERATOR, "values": {"汞及其化合物": 0.045}, "converted": True}
    (row,) = ask("emission_limit", **asked, permit={"汞及其化合物": 0.03})["items"]
    assert (row["limit"], row["over"]) == ("≤ 0.03", True)
    asked = {"day": "2026-11-20", "standard": "GB 8978", "level": "1", "values": {"烷基汞": 0}}
    assert "permit.烷基汞" in refused("discharge_limit", **asked, permit={"烷基汞": 1})


def test_a_trade_is_found_for_each_item_in_the_group_that_its_row_names() -> None:
    asked = {"day": "2026-11-20", "standard": "GB 8978", "level": "2", "values": {"COD": 121, "氨氮": 30}}
    for case in ("石油化工工业", "石油化工", "petrochemical"):
        rows = ask("discharge_limit", **asked, case=case)["items"]
        assert [(row["limit"], row["over"]) for row in rows] == [("≤ 120", True), ("≤ 50", False)]
    dye = ask("discharge_limit", **{**asked, "values": {"BOD5": 61, "COD": 201, "氨氮": 51}}, case="染料")["items"]
    assert [row["limit"] for row in dye] == ["≤ 60", "≤ 200", "≤ 50"]
    # of the trades of this group the question does not say which it is: ammonia is judged as that of other units
    answer = calc.answer("discharge_limit", {**asked, "case": "beet_sugar_fatty_acid_fibreboard_dye_wool_pesticide"})
    assert answer.result["items"][1]["limit"] == "≤ 25"
    assert "drug_dye_petrochemical" in answer.notes[0].zh


def test_a_limit_of_an_old_plant_that_is_not_held_is_said() -> None:
    asked = {"day": "2026-11-20", "standard": "GB 8978", "level": "3", "built": "1996-01-01"}
    assert "表2" in calc.answer("discharge_limit", {**asked, "values": {"硫化物": 1.5}}).notes[0].zh
    held = {**asked, "level": "2", "values": {"悬浮物": 180, "总汞": 0.01}}
    assert calc.answer("discharge_limit", held).notes == ()


def test_a_class_may_be_written_as_the_standard_prints_it() -> None:
    asked = {"day": "2026-11-20", "standard": "GB 18918", "values": {"COD": 51}}
    for level in ("1A", "一级A", "一级 A 标准", "class 1A limit"):
        assert ask("discharge_limit", **asked, level=level)["items"][0]["limit"] == "≤ 50"
    assert "1A (一级A 限值 class 1A limit)" in refused("discharge_limit", **asked, level="头等")


def test_what_is_refused_names_the_day_or_the_case_that_is_lacking() -> None:
    asked = {"standard": "GB 18918", "level": "1A"}
    assert "2003-07-01" in refused("discharge_limit", **asked, day="2003-06-30", values={"COD": 1})
    lacking = refused("discharge_limit", **asked, day="2026-11-20", values={"总镍": 0.1})
    assert lacking.startswith("case: found ''")
    assert "selected (选择控制项目" in lacking


def test_fugitive_dust_of_carbon_black_must_not_be_seen() -> None:
    asked = {"day": "2026-11-20", "standard": "GB 16297", "level": "boundary", "values": {"颗粒物": 0.5}}
    (row,) = ask("emission_limit", **asked, case="carbon_black_dye")["items"]
    assert (row["limit"], row["over"], row["demand"]["zh"]) == (None, None, "肉眼不可见")


def test_the_clause_of_a_conversion_is_that_of_the_standard_asked_for() -> None:
    asked = {"day": "2026-11-20", "standard": "GB 13223", "level": "new_coal", "values": {"SO2": 50}, "oxygen": 6}
    documents = [one.document for one in calc.answer("emission_limit", asked).clauses]
    assert "GB 13271-2014" not in documents


def test_stacks_need_distances_and_rates_to_become_one() -> None:
    assert "stacks[1].distance" in refused("stack_rate", item="SO2", stacks=[{"height": 30}, {"height": 40}])
    rows = [{"height": 30, "rate": 1}, {"height": 40, "rate": 1, "distance": 70}]
    assert "70 m" in refused("stack_rate", item="SO2", stacks=rows)
    answer = calc.answer("stack_rate", {"item": "SO2", "stacks": [{"height": 12}], "above_buildings": False})
    assert len(answer.result["halved"]) == 2
    assert answer.notes


def test_either_a_plant_or_a_reference_is_asked_for() -> None:
    assert "reference" in refused("oxygen_conversion", concentration=1, oxygen=6)
    assert "reference" in refused("oxygen_conversion", concentration=1, oxygen=6, plant="coal_boiler", reference=6)
    assert "oxygen" in refused("oxygen_conversion", concentration=1, oxygen=21, plant="coal_boiler")
    assert "oxygen: found -9" in refused("oxygen_conversion", concentration=1, oxygen=-9, plant="coal_boiler")
    assert "reference" in refused("oxygen_conversion", concentration=1, oxygen=6, reference=21)


def test_loads_are_grouped_by_day_month_and_year() -> None:
    rows = [{"day": day, "concentration": 10, "flow": 100} for day in ("2025-12-31", "2026-01-01", "2026-01-01")]
    found = ask("emission_load", medium="water", periods=rows)
    assert [(one["period"], one["mass"]) for one in found["years"]] == [("2025", 1.0), ("2026", 2.0)]
    assert [one["mass"] for one in found["days"]] == [1.0, 2.0]
    assert found["months"][1]["period"] == "2026-01"


def test_a_quota_that_will_not_last_is_named() -> None:
    found = ask("quota_progress", day="2026-06-29", quotas={"COD": 36.5}, emitted={"COD": 18}, recent={"COD": 3.1})
    assert found["exceeding_quota"] == ["COD"]
    assert "emitted.COD" in refused("quota_progress", day="2026-06-29", quotas={"COD": 1}, emitted={})
    assert "emitted.TP" in refused("quota_progress", day="2026-06-29", quotas={"COD": 1}, emitted={"TP": 1})


def test_gaps_below_the_tables_and_counts_beyond_them_are_refused() -> None:
    assert "75" in refused("missing_data_substitution", medium="gas", before=[1], gap=1, capture=60)
    assert "capture" in refused("missing_data_substitution", medium="gas", before=[1], gap=1)
    assert "before" in refused("missing_data_substitution", medium="water", before=[], gap=1)
    assert "period" in refused("data_validity", medium="water", period="quarter", valid=1, due=2)
    assert "month" in refused("data_validity", medium="gas", period="month", valid=20)
    assert "received" in refused("data_validity", medium="gas", period="hour", valid=50, received=49)


def test_background_that_is_too_near_leaves_no_verdict() -> None:
    question = {"day": "2026-11-20", "kind": "factory", "zone": "2", "period": "night"}
    answer = calc.answer("noise_limit", {**question, "level": 52, "background": 50})
    assert answer.result["over"] is None
    assert "background" in answer.notes[0].en
    assert ask("noise_limit", **question, peak=61, peak_kind="frequent")["peak_over"] is True
    assert ask("noise_limit", **question, peak=61)["peak_over"] is False
    assert "zone" in refused("noise_limit", **{**question, "zone": "4a"})
    assert "indoors" in refused("noise_limit", **{**question, "kind": "ambient"}, indoors=True)


def test_tax_follows_the_outlet_the_limits_kept_and_the_band() -> None:
    rows = [
        {"outlet": "DA001", "medium": "air", "pollutant": "SO2", "amount": 95, "below": 60},
        {"outlet": "DA001", "medium": "air", "pollutant": "NOx", "amount": 95, "kept": False},
    ]
    assert ask("environmental_tax", outlets=rows, air_rate=2)["tax"] == 400  # no reduction: NOx did not keep its limit
    rows[1]["outlet"] = "DA002"
    assert ask("environmental_tax", outlets=rows, air_rate=2)["tax"] == 300  # 200×50 % + 200
    assert "1.2 to 12" in refused("environmental_tax", outlets=rows, air_rate=20)
    assert "air_rate" in refused("environmental_tax", outlets=rows)
    assert "once" in refused("environmental_tax", outlets=[rows[0], rows[0]], air_rate=2)
    ph = [{"outlet": "DW001", "medium": "water", "pollutant": "pH", "amount": 100, "ph": 5.5}]
    assert ask("environmental_tax", outlets=ph, water_rate=1.4)["tax"] == 28  # 100/5 × 1.4


def test_water_beside_mass_is_counted_for_water_only() -> None:
    assert "medium" in refused("pollutant_equivalents", medium="air", amounts={}, colour=10)
    assert "water" in refused("pollutant_equivalents", medium="water", amounts={}, ph=5)
    found = ask("pollutant_equivalents", medium="water", amounts={}, coliforms=33, small={"pigs": 600})
    assert found["taxed_equivalents"] == 610
    assert "small.pigs" in refused("pollutant_equivalents", medium="water", amounts={}, small={"pigs": 500})


def test_a_check_letter_is_computed_for_seventeen() -> None:
    def answered(code: str) -> dict[str, Any]:
        return calc.answer("credit_code", {"code": code}).result

    assert answered("91110000802100433") == {"fits": True, "check": "B", "code": "91110000802100433B"}
    assert "应为 B" in answered("91110000802100433C")["reason"]["zh"]
    with pytest.raises(calc.BadQuestion, match="code"):
        answered("  ")


def test_working_days_are_counted_between_two_days() -> None:
    assert ask("working_days", start="2026-11-20", until="2026-11-27")["working_days"] == 5
    assert "number" in refused("working_days", start="2026-11-20")
    assert "step" in refused("working_days", start="2026-11-20", process="penalty", step="x")
    both = [{"day": "2026-10-01"}]
    assert "workdays" in refused("working_days", start="2026-09-20", number=1, holidays=both, workdays=both)


def test_figures_that_nothing_can_have_are_refused_by_their_field() -> None:
    huge = 1e300
    assert "stacks[0].height" in refused("stack_rate", item="SO2", stacks=[{"height": huge}])
    assert "concentration" in refused("oxygen_conversion", concentration=huge, oxygen=6, reference=6)
    periods = [{"day": "2026-11-20", "concentration": 1, "flow": huge}]
    assert "periods[0].flow" in refused("emission_load", medium="gas", periods=periods)
    assert "quotas.COD" in refused("quota_progress", day="2026-11-20", quotas={"COD": huge}, emitted={"COD": 1})
    assert "before" in refused("missing_data_substitution", medium="water", before=[huge], gap=1)
    assert "amounts.COD" in refused("pollutant_equivalents", medium="water", amounts={"COD": huge})
    assert "solid[0].mass" in refused("environmental_tax", outlets=[], solid=[{"kind": "tailings", "mass": huge}])
    assert "number" in refused("working_days", start="9999-12-01", number=60)


@pytest.mark.parametrize("name", ["pH", "colour", "coliforms", "residual_chlorine", "pigs", "catering"])
def test_only_water_has_a_ph_a_colour_or_a_small_source(name: str) -> None:
    """Environmental Protection Tax Law, table 2: all of them are pollutants of water."""
    row = {"outlet": "1", "medium": "air", "pollutant": name, "amount": 600, "ph": 5.5}
    with pytest.raises(calc.BadQuestion, match=f"{name} of air"):
        calc.answer("environmental_tax", {"outlets": [row], "air_rate": 1.2, "water_rate": 1.4})
    with pytest.raises(calc.BadQuestion, match=f"{name} of air"):
        calc.answer("pollutant_equivalents", {"medium": "air", "amounts": {name: 50}})
    water = {"outlets": [{**row, "medium": "water"}], "air_rate": 1.2, "water_rate": 1.4}
    assert calc.answer("environmental_tax", water).result["tax"] > 0


def test_one_fault_of_an_incinerator_is_excused_for_four_hours() -> None:
    found = ask("data_marking", day="2026-11-20", mark="incinerator-fault", hours=6, used=0)
    assert (found["hours_not_judged"], found["hours_judged"]) == (4.0, 2.0)
    assert "150" in found["condition"]["zh"]
    found = ask("data_marking", day="2026-11-20", mark="incinerator-fault", hours=6, used=58)
    assert found["hours_not_judged"] == 2.0  # of 60 h a year, 58 are used


def test_a_limit_in_hours_runs_from_the_time_of_the_event() -> None:
    fault = {"start": "2026-11-20", "process": "monitor_fault"}
    at = "2026-11-20T20:30:00+08:00"
    assert ask("working_days", **fault, step="report", at=at)["until"] == "2026-11-21T08:30+08:00"
    assert ask("working_days", **fault, step="修复或更换", at=at)["until"] == "2026-11-22T20:30+08:00"
    assert refused("working_days", **fault, step="report").startswith("at: found None")
    assert "at" in refused("working_days", **fault, step="report", at="2026-11-21T00:00:00+08:00")


def test_a_limit_to_an_hour_of_the_clock_falls_on_its_day() -> None:
    report = {"start": "2026-11-20", "process": "air_report"}
    assert ask("working_days", **report, step="daily_report")["until"] == "2026-11-21T12:00+08:00"
    assert ask("working_days", **report, step="forecast")["until"] == "2026-11-20T20:00+08:00"
    assert "process" in refused("working_days", **{**report, "start": "2026-02-28"}, step="forecast")


def test_years_months_and_names_in_chinese_are_understood() -> None:
    kept = ask("working_days", start="2026-02-28", process="监测记录", step="原始监测记录保存")
    assert kept["last_day"] == "2031-02-28"
    check = ask("working_days", start="2026-11-20", process="monitor_check", step="verification")
    assert check["last_day"] == "2027-02-20"
    lacking = refused("working_days", start="2026-11-20", process="penalty", step="x")
    assert "decision (作出决定 decision)" in lacking
    assert "permit" not in lacking


def test_a_day_of_an_incinerator_is_one_violation_however_many_pollutants_are_beyond() -> None:
    day = {"day": "2026-11-20"}
    kept = ask("incinerator_day", **day, means={"NOx": 250.5, "CO": 80})  # 250.5 rounds to the even 250
    assert (kept["violation"], kept["over"]) == (False, [])
    found = ask("incinerator_day", **day, means={"NOx": 251, "CO": 81})
    assert (found["violation"], found["over"]) == (True, ["NOx", "CO"])
    assert ask("incinerator_day", **day, means={"CO": 70}, permit={"CO": 60})["violation"] is True


def test_a_furnace_violates_by_its_sixth_mean_of_five_minutes() -> None:
    day = {"day": "2026-11-20"}
    assert ask("incinerator_day", **day, furnace=[849.9] * 5 + [850, None])["violation"] is False
    found = ask("incinerator_day", **day, furnace=[849.9] * 6)
    assert (found["violation"], found["furnace_below"], found["furnace_needed"]) == (True, 6, 850)
    assert "furnace" in refused("incinerator_day", **day, furnace=[850] * 289)
    assert "furnace[1]" in refused("incinerator_day", **day, furnace=[850, -3])
    assert "means" in refused("incinerator_day", **day)
    assert "2020-01-01" in refused("incinerator_day", day="2019-12-31", means={"CO": 1})
