"""What the calculations on air and water answer, each with its arithmetic."""

from typing import Any

import pytest

from qingyuan_science import calc
from qingyuan_science.calc.topic import TOPICS
from qingyuan_science.calc.words import is_worded

calc.load()


# what each worked question must come to; the arithmetic of most stands in tests/science/standards
EXPECTED: dict[str, list[dict[str, Any]]] = {
    "air_index_day": [
        {"edition": "HJ 633-2012", "aqi": 94, "level": 2, "primary": ["PM2.5"], "exceeding": []},
        {"edition": "HJ 633-2026", "aqi": 110, "level": 3, "hex": "#FF7E00"},
        {"aqi": 300, "level": 5, "primary": ["O3_8h"]},
    ],
    "air_index_hour": [
        {"edition": "HJ 633-2026", "aqi": 101, "primary": ["PM2.5"]},  # 50/55*1+100 = 100.9
        {"edition": "HJ 633-2012", "aqi": 125, "primary": ["O3"], "exceeding": ["O3", "O3_8h"]},  # 50/100*50+100
    ],
    "air_city_day": [{"aqi": 101, "points_needed": 3}],  # PM2.5 (50+60+73)/3 = 61
    "air_means": [{"daily_mean": 93.333, "maximum_8h": 200}, {"daily_mean": None, "valid_hours": 19}],
    "air_period": [{"last_day": "2026-11-05", "days_needed": 27}],
    "air_sampled_means": [
        {"valid": True, "mean": 0.8, "limit": 1.0, "over": False, "days_needed": 15, "longest_pause": 6},
        {"valid": False, "over": None, "days_had": 14, "thin_months": [{"month": "2026-09", "days_had": 4}]},
    ],
    "daily_fine": [
        {"first_day": "2026-03-03", "days_fined": 18, "fine_in_all": 1800000.0, "recheck_until": "2026-04-01"},
        {"days_fined": 1, "fine_in_all": None},
    ],
    "emergency_cuts": [
        {"kept": False, "least_share": 20.0},  # SO2 100/500 = 20 %, NOx 200/1200 = 16.7 %
        {"kept": False, "least_share": 40.0},
    ],
    "air_days_good": [{"good_days": 2, "valid_days": 3, "share": 66.7}],
    "ambient_limit": [{"over": ["PM2.5"]}, {"over": ["PM2.5"]}],
    "heavy_pollution_level": [{"level": "orange"}, {"level": "yellow"}],
    "water_class": [
        {"class": "worse", "deciding": ["NH3-N"], "over": ["NH3-N", "TP"], "attained": False},
        {"class": "IV", "deciding": ["TP"]},
        {"class": "I", "saturation": 91.7, "attained": True},
    ],
    "water_change": [{"change": 50.0, "improved": ["丙", "丁"], "deteriorated": []}],  # 75-50 - (0-25)
    "rank_trend": [  # Olds 1938: r = 0.9 of five has 5 of 120 orders beyond it
        {"correlation": -0.9, "periods": 5, "probability_by_chance": 0.0417},
        {"correlation": 0.5, "periods": 5},
    ],
    "performance_grade": [
        {"measure": {"zh": "以停代限", "en": "stop a share of lines or equipment"}},
        {"measure": {"zh": "自主减排", "en": "cuts by itself; benchmark of an industry without A to D"}},
    ],
    "water_target": [{"attained_ratio": 66.7, "missed": ["丙"], "share_best": 33.3, "share_good": 66.7}],
    "trophic_index": [{"index": 48.0}],
    "data_marking": [
        {"hours_not_judged": 2, "hours_judged": 4, "cap_hours": 60, "mark_by": "2026-11-21T12:00+08:00"},  # 60 - 58
        {"letter": "C", "hours_not_judged": 2, "hours_judged": 0, "cap_hours": None},
        {"letter": None, "hours_not_judged": 0, "hours_judged": 3},
    ],
    "drinking_source": [{"kept": False, "class": "III"}],
}


AIR_AND_WATER = [
    *EXPECTED, "air_composite_index", "air_forecast_score", "water_month", "water_city_index",
]  # fmt: skip


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


@pytest.mark.parametrize("code", AIR_AND_WATER)
def test_every_name_in_an_answer_has_words_in_both_languages(code: str) -> None:
    for question in TOPICS.get(code).questions:
        assert [name for name in names_in(calc.answer(code, question).result) if not is_worded(name)] == []


DAY = {"SO2": 8, "NO2": 36, "PM10": 98, "CO": 0.9, "O3_8h": 88}


def test_the_aqi_of_a_feed_never_enters_and_the_difference_is_explained() -> None:
    values = {**DAY, "PM2.5": 70}
    plain = ask("air_index_day", day="2026-03-01", concentrations=values)
    for feed, why in ((94, "HJ 633-2012"), (110, "the same"), (109, "rounded"), (85, "particles|left out|no known")):
        found = ask("air_index_day", day="2026-03-01", concentrations=values, feed_aqi=feed)
        assert found["aqi"] == plain["aqi"] == 110
        assert found["compared"]["difference"] == 110 - feed
        assert any(part in found["compared"]["explanation"]["en"] for part in why.split("|"))


def test_a_feed_that_leaves_ozone_out_is_found_out() -> None:
    values = {"SO2": 8, "NO2": 36, "PM10": 50, "PM2.5": 30, "CO": 0.5, "O3_8h": 170}
    # ozone: 50/55*10+100 = 109.09; without it PM10 gives 50
    found = ask("air_index_day", day="2026-07-01", concentrations=values, feed_aqi=50)
    assert found["aqi"] == 110
    assert found["compared"]["explanation"]["en"] == "ozone was left out"
    assert found["compared"]["same_level"] is False


def test_with_a_pollutant_missing_the_aqi_of_2026_is_published_only_above_100() -> None:
    """HJ 633-2026, clause 5.3."""
    low = ask("air_index_day", day="2026-03-01", concentrations={**DAY, "PM2.5": None})
    assert (low["aqi"], low["level"], low["missing"]) == (None, None, ["PM2.5"])
    high = ask("air_index_day", day="2026-03-01", concentrations={"PM2.5": 61})
    assert high["aqi"] == 101
    excused = [{"item": "PM2.5", "never_primary": True}]
    assert ask("air_index_day", day="2026-03-01", concentrations=DAY, not_monitored=excused)["aqi"] == 85
    blocked = [{"item": "PM2.5"}]
    assert ask("air_index_day", day="2026-03-01", concentrations=DAY, not_monitored=blocked)["aqi"] is None
    assert ask("air_index_day", day="2025-03-01", concentrations=DAY)["aqi"] == 74  # 2012: the rest counts


def test_the_hour_belongs_to_its_day_in_china() -> None:
    values = {"PM2.5": 61, "PM10": 20, "SO2": 1, "NO2": 1, "CO": 0.1, "O3": 1}
    assert ask("air_index_hour", at="2026-02-28T16:00:00+00:00", concentrations=values)["edition"] == "HJ 633-2026"
    assert ask("air_index_hour", at="2026-02-28T15:00:00+00:00", concentrations=values)["edition"] == "HJ 633-2012"


def test_what_cannot_be_a_concentration_or_a_day_is_refused_by_its_name() -> None:
    assert "concentrations.PM2.5" in refused("air_index_day", day="2026-03-01", concentrations={"PM2.5": -3})
    assert "concentrations.NO" in refused("air_index_day", day="2026-03-01", concentrations={"NO": 3})
    assert "day: found '2015-06-01'" in refused("air_index_day", day="2015-06-01", concentrations={"PM2.5": 3})
    assert "values.pH" in refused("water_class", day="2026-03-01", values={"pH": 15})
    assert "twice" in refused("water_class", day="2026-03-01", values={"TP": 0.1, "总磷": 0.2})
    assert "day" in refused("water_class", day="2001-03-01", values={"TP": 0.1})
    assert "hours" in refused("air_means", hours=[1, 2])
    assert "bridged_days" in refused("heavy_pollution_level", issued_on="2026-01-01", aqi=[1], bridged_days=-1)
    assert "sections.class" in refused("water_target", sections=[{"section": "A", "class": "VI", "target": "II"}])
    assert "SD" in refused("trophic_index", chla=1, TP=1, TN=1, SD=0, CODMn=1)
    assert "first_day" in refused("air_composite_index", first_day="2010-01-01", last_day="2011-01-01", cities=[])


def test_cities_are_ranked_by_the_limits_of_their_period() -> None:
    question = TOPICS.get("air_composite_index").questions[0]
    (only,) = calc.answer("air_composite_index", question).result["by_standard"]
    # 0.1 + 0.5 + 45/60 + 21/30 + 0.2 + 120/160 = 3.00
    assert [(city["place"], city["city"], city["index"]) for city in only["cities"]] == [
        (1, "乙市", 3.0),
        (2, "甲市", 3.8),
    ]
    both = calc.answer("air_composite_index", {**question, "first_day": "2026-02-01"}).result["by_standard"]
    # by 2012: 0.1 + 0.5 + 60/70 + 30/35 + 0.2 + 1 = 3.514
    assert [(one["standard"], one["cities"][-1]["index"]) for one in both] == [
        ("GB 3095-2012", 3.51),
        ("GB 3095-2026", 3.8),
    ]


def test_good_days_are_told_by_both_editions_and_after_deduction() -> None:
    question = TOPICS.get("air_days_good").questions[0]
    deducted = [{"day": "2026-03-01", "document": "监测函〔2026〕1号"}]
    found = calc.answer("air_days_good", {**question, "deducted": deducted}).result
    assert [one["share"] for one in found["by_edition"]] == [100.0, 33.3]
    assert (found["share"], found["after_deduction"]["share"]) == (66.7, 100.0)
    thin = [*question["days"], {"day": "2026-03-03", "PM2.5": 20}, {"day": "2026-03-04", "PM2.5": 80}]
    # of the thin days only the second has an AQI (above 100), and is not good
    assert [ask("air_days_good", days=thin)[name] for name in ("good_days", "valid_days")] == [2, 4]
    assert "deducted" in refused("air_days_good", **question, deducted=[{"day": "2026-05-01", "document": "x"}])


def test_hours_of_the_day_before_fill_the_running_means() -> None:
    found = ask("air_means", hours=[20] * 4 + [44] * 24)
    assert found["daily_mean"] == 44
    # five values are too few; 168/6, 212/7, 256/8, (3*20+5*44)/8
    assert found["running_8h"][:5] == [None, 28, 30.286, 32, 35]
    assert found["running_24h"][-1] == 44


def test_a_forecast_is_scored_by_lead_and_persistence_stands_beside_with_the_rule() -> None:
    found = calc.answer("air_forecast_score", TOPICS.get("air_forecast_score").questions[0]).result
    (lead,) = found["leads"]
    # levels 3 2 3 against 2 2 3; persistence 80 105 80: levels 2 3 2
    assert (lead["strict_level"], lead["spanning_level"], lead["within"]) == (66.7, 100.0, 100.0)
    assert (lead["hit_rate"], lead["false_alarm_ratio"], lead["primary_hit"]) == (50.0, 0.0, 66.7)
    assert lead["persistence"]["strict_level"] == 0.0
    assert "± 15" in found["rule"]["en"]


def test_a_month_of_statistics_by_hand() -> None:
    (row, _) = calc.answer("air_period", TOPICS.get("air_period").questions[0]).result["items"]
    # mean 231/5 = 46.2; 95th: k = 1+4*0.95 = 4.8, 61+0.8*19 = 76.2; 61 and 80 are above 60; 80/60-1 = 0.33
    assert (row["mean"], row["percentile_value"], row["days_over"], row["rate_over"]) == (46, 76, 2, 40.0)
    assert (row["largest_multiple"], row["valid"], row["mean_over"]) == (0.33, False, True)


def test_a_period_must_be_one_month_with_each_day_once() -> None:
    days = [{"day": "2026-10-31", "PM2.5": 1}, {"day": "2026-11-01", "PM2.5": 1}]
    assert "one month" in refused("air_period", period="month", days=days)
    assert "each day once" in refused("air_period", period="month", days=[days[0], days[0]])


def sampled(item: str, period: str, days: list[str], value: float = 100.0, **more: Any) -> dict[str, Any]:
    rows = [{"day": day, "value": value, **more} for day in days]
    return ask("air_sampled_means", item=item, period=period, days=rows)


def each_month(days: tuple[int, ...], months: range = range(1, 13), year: int = 2026) -> list[str]:
    return [f"{year}-{month:02}-{day:02}" for month in months for day in days]


@pytest.mark.parametrize("item", ["TSP", "BaP", "Pb"])
def test_a_year_of_samples_needs_sixty_days_and_five_in_each_month(item: str) -> None:
    """GB 3095-2026, table 4: at least 60 daily means of the year, evenly spread, at least 5 a month."""
    days = each_month((2, 8, 14, 20, 26))
    assert sampled(item, "year", days)["valid"] is True
    short = sampled(item, "year", days[:-1])
    assert (short["days_had"], short["valid"], short["over"]) == (59, False, None)
    crowded = sampled(item, "year", [*days[:-1], "2026-11-27"])  # 60 days, four of them in December
    assert (crowded["days_had"], crowded["valid"]) == (60, False)
    assert crowded["thin_months"] == [{"month": "2026-12", "days_had": 4}]


def test_a_day_sampled_for_less_than_a_day_does_not_count() -> None:
    """GB 3095-2026, table 4: TSP, BaP and Pb are sampled for 24 hours."""
    days = each_month((2, 8, 14, 20, 26), range(7, 10))
    assert sampled("Pb", "quarter", days, hours=24)["valid"] is True
    short = sampled("Pb", "quarter", days, hours=23)
    assert (short["valid"], short["mean"], len(short["days_left_out"])) == (False, None, 15)


def test_nitrogen_oxides_of_a_february_need_25_days_of_20_hours() -> None:
    """GB 3095-2026, table 4: 27 daily means a month, 25 in February; a day takes 20 hourly means."""
    days = [f"2027-02-{day:02}" for day in range(1, 26)]
    assert sampled("NOx", "month", days, 120.0, hours=20)["days_over"] == 25
    assert sampled("NOx", "month", days, hours=20)["valid"] is True
    assert sampled("NOx", "month", days[:-1])["valid"] is False
    assert sampled("NOx", "month", days, hours=19)["valid"] is False
    assert sampled("NOx", "month", [f"2027-03-{day:02}" for day in range(1, 27)])["valid"] is False


def test_a_time_for_which_table_4_has_no_count_is_refused() -> None:
    days = [{"day": "2026-07-01", "value": 1.0}]
    assert "TSP over a quarter" in refused("air_sampled_means", item="TSP", period="quarter", days=days)
    assert "Pb over a month" in refused("air_sampled_means", item="Pb", period="month", days=days)
    two = [*days, {"day": "2026-06-30", "value": 1.0}]
    assert "days of one quarter" in refused("air_sampled_means", item="Pb", period="quarter", days=two)


def test_counts_of_2012_are_told_as_partly_checked() -> None:
    days = [{"day": day, "value": 250.0} for day in each_month((2, 8, 14, 20, 26), year=2025)]
    found = calc.answer("air_sampled_means", {"item": "TSP", "period": "year", "days": days})
    assert (found.clauses[0].document, found.clauses[0].status) == ("GB 3095-2012", "partly")
    assert (found.result["limit"], found.result["over"], found.result["multiple"]) == (200, True, 0.25)
    assert (found.result["daily_limit"], found.result["days_over"]) == (300, 0)


def test_ozone_and_carbon_monoxide_are_said_to_have_no_days_in_table_4() -> None:
    found = calc.answer("air_period", TOPICS.get("air_period").questions[0])
    assert any(note.en.startswith("O3_8h: table 4 of GB 3095 counts their hours only") for note in found.notes)


@pytest.mark.parametrize(("level", "least"), [("yellow", 10.0), ("orange", 20.0), ("red", 30.0)])
def test_a_warning_asks_for_a_share_of_what_the_whole_area_emits(level: str, least: float) -> None:
    sources = [{"source": "a", "SO2": 1000, "cut": least}]
    found = calc.answer("emergency_cuts", {"day": "2026-11-22", "level": level, "sources": sources})
    assert (found.result["least_share"], found.result["kept"]) == (least, True)
    assert [one.status for one in found.clauses] == ["unverified"]
    with_rest = [*sources, {"source": "b", "SO2": 1000}]  # half of the emission is not cut at all
    (row,) = ask("emergency_cuts", day="2026-11-22", level=level, sources=with_rest)["pollutants"]
    assert (row["share_cut"], row["reached"], row["amount_lacking"]) == (least / 2, False, 10 * least)


def test_a_re_check_must_come_after_the_service_and_within_thirty_days() -> None:
    """Rules on daily consecutive fines, article 10."""
    assert ask("daily_fine", served="2026-03-02", rechecked="2026-04-01")["days_fined"] == 30
    for day in ("2026-03-02", "2026-04-02"):
        assert "rechecked" in refused("daily_fine", served="2026-03-02", rechecked=day)
    late = calc.answer("daily_fine", {"served": "2026-08-10", "rechecked": "2026-08-20"})
    assert any("2026-08-15" in note.en for note in late.notes)
    assert [one.status for one in late.clauses] == ["verified_secondary", "verified"]


def test_a_weighted_index_stands_beside_the_composite_one_and_does_not_rank() -> None:
    april = {"first_day": "2026-04-01", "last_day": "2026-04-30", "weighted": True}
    fine = {"city": "a", "SO2": 6, "NO2": 20, "PM10": 60, "PM2.5": 9, "CO": 0.8, "O3_8h": 160}
    hazy = {"city": "b", "SO2": 6, "NO2": 20, "PM10": 30, "PM2.5": 21, "CO": 0.8, "O3_8h": 160}
    found = calc.answer("air_composite_index", {**april, "cities": [fine, hazy]})
    ((first, second),) = [one["cities"] for one in found.result["by_standard"]]
    # a: 0.1+0.5+1+0.3+0.2+1 = 3.1 and 0.1+1+1+0.9+0.2+2 = 5.2; b: 0.1+0.5+0.5+0.7+0.2+1 = 3.0 and 0.1+1+0.5+2.1+0.2+2
    assert [(one["city"], one["index"], one["weighted_index"]) for one in (first, second)] == [
        ("b", 3.0, 5.9), ("a", 3.1, 5.2),
    ]  # fmt: skip
    assert [one.status for one in found.clauses].count("unverified") == 1
    before = {**april, "first_day": "2025-04-01", "last_day": "2025-04-30"}
    assert "weighted" in refused("air_composite_index", **before, cities=[fine])


@pytest.mark.parametrize(
    ("averaging", "values", "day", "multiple"),
    [
        ("hour", {"O3": 250}, "2026-06-01", 0.25),
        ("day", {"CO": 4.06}, "2026-06-01", 0.02),  # rounds to 4.1: 0.025, half to even
        ("day", {"CO": 4.04}, "2026-06-01", None),
        ("year", {"PM2.5": 33}, "2025-12-31", None),
        ("year", {"PM2.5": 33}, "2026-12-31", 0.1),
        ("day", {"TSP": 330}, "2026-06-01", 0.1),
        ("quarter", {"Pb": 1.2}, "2026-06-01", 0.2),
        ("year", {"BaP": 0.002}, "2026-06-01", 1.0),
        ("year", {"NOx": 45}, "2030-12-31", None),
        ("year", {"NOx": 45}, "2031-01-01", 0.12),  # 45/40-1 = 0.125
    ],
)
def test_ambient_limits_of_the_day(averaging: str, values: dict[str, float], day: str, multiple: float | None) -> None:
    (row,) = ask("ambient_limit", day=day, averaging=averaging, values=values)["items"]
    assert row["multiple"] == multiple
    assert row["over"] is (multiple is not None)


def test_a_pollutant_without_a_limit_over_that_time_is_refused() -> None:
    assert "values.PM2.5" in refused("ambient_limit", day="2026-06-01", averaging="hour", values={"PM2.5": 9})


def test_a_month_of_sections_by_hand() -> None:
    (month,) = calc.answer("water_month", TOPICS.get("water_month").questions[0]).result["months"]
    first, second = month["sections"]
    assert (first["class"], first["main_pollutants"][0]["zh"], second["class"]) == ("IV", "氨氮（0.2）", "II")
    assert month["shares"]["share_good"] == 50.0
    assert month["rates_over"] == [{"item": "NH3-N", "rate": 33.3}]
    assert month["whole_class"] == "III"  # two sections: NH3-N (1.2+0.4)/2 = 0.8


def test_five_sections_are_judged_by_shares() -> None:
    samples = [
        {"section": str(one), "day": "2026-10-01", "NH3-N": value} for one, value in enumerate((0.1, 0.4, 0.9, 0.9, 3))
    ]
    (month,) = ask("water_month", samples=samples)["months"]
    assert month["whole_status"]["en"] == "good"  # 80 % I to III
    assert month["whole_pollutants"] == [{"name": {"zh": "氨氮", "en": "ammonia nitrogen"}, "share": 20.0}]


def test_two_targets_for_one_section_are_refused() -> None:
    samples = [{"section": "A", "day": "2026-10-01", "target": one, "TP": 0.1} for one in ("II", "III")]
    assert "one target a section" in refused("water_month", samples=samples)


def test_what_was_not_detected_counts_half_and_is_told() -> None:
    answer = calc.answer("water_class", {"day": "2026-10-01", "values": {"pH": 7}, "not_detected": {"Hg": 0.00012}})
    assert answer.result["class"] == "III"  # 0.00006 is above 0.00005
    assert any("82号" in clause.document for clause in answer.clauses)
    assert "beside it" in refused("water_class", day="2026-10-01", values={"TP": 0.1}, not_detected={"TP": 0.01})


def test_a_source_of_drinking_water_is_judged_by_all_three_tables() -> None:
    question = TOPICS.get("drinking_source").questions[0]
    found = calc.answer("drinking_source", question)
    assert [(row["item"], row["multiple"]) for row in found.result["over"]] == [("Fe", 0.5)]  # 0.45/0.3-1
    assert found.result["counts"] == {"basic": 4, "supplementary": 2, "specific": 1}
    assert {str(clause.clause) for clause in found.clauses} >= {"表1 Table 1", "表2 Table 2", "表3 Table 3"}
    better = calc.answer("drinking_source", {**question, "values": {**question["values"], "铁": 0.3}})
    assert better.result["kept"] is True


def test_cities_are_ranked_by_their_water() -> None:
    answer = calc.answer("water_city_index", TOPICS.get("water_city_index").questions[0])
    first, second = answer.result["cities"]
    # (1.0*2 + 0.4*1)/3 = 0.8; (0.8-1.0)/1.0 = -20 %
    assert (first["city"], first["index"], first["change"], first["change_place"]) == ("甲市", 0.8, -20.0, 1)
    assert (second["index"], second["change"]) == (0.9, None)
    assert "21" in answer.notes[0].en


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("air_index_day", {"concentrations": {"PM2.5": 1e308, "SO2": 1e308}}),
        ("air_period", {"days": [{"day": f"2026-11-{on:02}", "PM2.5": 1e308, "O3_8h": 100} for on in range(1, 31)]}),
    ],
)
def test_values_that_no_topic_can_calculate_with_are_a_bad_question(code: str, changes: dict[str, Any]) -> None:
    question = {**TOPICS.get(code).questions[0], **changes}
    with pytest.raises(calc.BadQuestion, match=code):
        calc.answer(code, question)


@pytest.mark.parametrize("error", [ZeroDivisionError, OverflowError])
def test_what_breaks_inside_a_topic_is_told_as_a_bad_question(
    error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_given: Any) -> None:
        raise error("beyond")

    topic = TOPICS.get("air_index_day")
    monkeypatch.setattr(topic, "answer", breaks)
    with pytest.raises(calc.BadQuestion, match=f"{error.__name__}: beyond"):
        calc.answer(topic.code, topic.questions[0])


def test_ozone_beyond_the_table_of_2012_without_its_hour_has_no_aqi_and_is_no_good_day() -> None:
    """HJ 633-2012, table 1, note 3."""
    beyond = {"SO2": 8, "NO2": 32, "PM10": 20, "PM2.5": 14, "CO": 0.9, "O3_8h": 801}
    found = calc.answer("air_index_day", {"day": "2025-07-01", "concentrations": beyond})
    assert (found.result["aqi"], found.result["level"], found.result["primary"]) == (None, None, [])
    assert ["O3_8h: beyond the table of HJ 633-2012" in note.en for note in found.notes] == [True]
    with_hour = {**beyond, "O3_1h": 900}  # (400-300)/(1000-800)*(900-800)+300
    assert ask("air_index_day", day="2025-07-01", concentrations=with_hour)["aqi"] == 350
    fine = {**beyond, "O3_8h": 60}
    days = calc.answer("air_days_good", {"days": [{"day": "2025-07-01", **beyond}, {"day": "2025-07-02", **fine}]})
    assert (days.result["good_days"], days.result["valid_days"]) == (1, 1)
    assert ["beyond the table" in note.en for note in days.notes] == [True]


def test_a_saturation_below_nought_is_refused_and_one_of_90_makes_class_i() -> None:
    assert ask("water_class", day="2026-08-01", values={"DO": 4.5}, saturation=92)["class"] == "I"
    assert "saturation: found -1" in refused("water_class", day="2026-08-01", values={"DO": 4.5}, saturation=-1)


@pytest.mark.parametrize("huge", [10**400, -(10**400), 10**5000], ids=["401 digits", "below", "5001 digits"])
def test_a_number_that_no_double_holds_is_refused_by_its_field(huge: int) -> None:
    assert "concentrations" in refused("air_index_day", day="2026-03-01", concentrations={"PM2.5": huge})
    assert "feed_aqi" in refused("air_index_day", day="2026-03-01", concentrations=DAY, feed_aqi=huge)
    assert "hours" in refused("air_means", hours=[huge] * 24)
    said = refused("air_city_day", day="2026-11-20", points=[{"point": "A", **DAY}], points_total=huge)
    assert said.startswith("points_total")
    assert len(said) < 400


@pytest.mark.parametrize(
    ("january", "november", "over", "multiple"),
    [
        (70, 20, 0, 0),  # 75 until February, 60 from March on: neither day is beyond its own
        (90, 66, 2, 0.2),  # 90/75 - 1 = 0.2, 66/60 - 1 = 0.1
        (75, 90, 1, 0.5),
    ],
)
def test_each_day_of_a_year_is_held_against_the_limit_of_its_own_day(
    january: float, november: float, over: int, multiple: float
) -> None:
    days = [{"day": "2026-01-10", "PM2.5": january}, {"day": "2026-11-01", "PM2.5": november}]
    (found,) = ask("air_period", period="year", days=days)["items"]
    assert (found["days_over"], found["largest_multiple"]) == (over, multiple)


def test_a_concentration_below_nought_of_one_point_or_city_is_refused_by_its_place() -> None:
    points = [{"point": "A", **DAY, "PM2.5": 50}, {"point": "B", **DAY, "PM2.5": -30}]
    assert "points[1].PM2.5: found -30" in refused("air_city_day", day="2026-11-20", points=points)
    question = TOPICS.get("air_composite_index").questions[0]
    cities = [question["cities"][0], {**question["cities"][1], "CO": -4}]
    assert "cities[1].CO: found -4" in refused("air_composite_index", **{**question, "cities": cities})
    # noise of a monitor just below nought counts as nought: (0 + 60) / 2
    noise = [{"point": "A", **DAY, "PM2.5": -0.4}, {"point": "B", **DAY, "PM2.5": 60}]
    means = {row["item"]: row["mean"] for row in ask("air_city_day", day="2026-11-20", points=noise)["means"]}
    assert means["PM2.5"] == 30


def test_only_a_pollutant_of_the_index_can_be_left_out_by_plan() -> None:
    excused = [{"item": "O3_8h", "never_primary": True}]
    said = refused("air_index_day", day="2026-03-01", concentrations=DAY, not_monitored=excused)
    assert "not_monitored[0].item: found 'O3_8h'" in said
    no_ozone = {"SO2": 8, "NO2": 36, "PM10": 50, "PM2.5": 30, "CO": 0.5}  # NO2: 50/40*36 = 45; PM10: 50
    excused = [{"item": "O3", "never_primary": True}]
    assert ask("air_index_day", day="2026-03-01", concentrations=no_ozone, not_monitored=excused)["aqi"] == 50


def test_the_standards_of_air_change_overnight_on_the_day_of_the_data() -> None:
    def held(day: str) -> set[str]:
        return {one["standard"] for one in calc.answer("standards_in_force", {"day": day}).result["standards"]}

    assert "GB 3095-2012" in held("2026-02-28") - held("2026-03-01")
    assert "GB 3095-2026" in held("2026-03-01") - held("2026-02-28")


def test_an_outfall_of_a_mine_needs_approval_and_a_town_storm_outlet_registration() -> None:
    asked = {name: calc.answer("outfall_class", {"name": name}) for name in ("矿山排污口", "城镇雨洪排口")}
    assert [one.result["procedure"]["zh"] for one in asked.values()] == ["设置审批", "登记"]


def test_a_multiple_below_a_twentieth_is_not_written_as_nought() -> None:
    judged = calc.answer("water_class", {"day": "2026-11-20", "values": {"NH3-N": 1.04}}).result  # 1.04 / 1 - 1
    assert judged["main_pollutants"] == [{"zh": "氨氮（0.04）", "en": "ammonia nitrogen (0.04)"}]


def test_a_conversion_close_to_the_oxygen_of_air_is_doubted() -> None:
    asked = {"concentration": 100, "plant": "coal_boiler"}
    assert "working condition" in calc.answer("oxygen_conversion", {**asked, "oxygen": 20.9}).notes[0].en
    assert calc.answer("oxygen_conversion", {**asked, "oxygen": 12}).notes == ()


def test_a_clause_says_its_phase_by_its_days_and_how_far_it_was_checked() -> None:
    days = {"first_day": "2030-12-01", "last_day": "2031-01-31"}
    city = {"city": "甲", "SO2": 6, "NO2": 20, "PM10": 60, "PM2.5": 30, "CO": 0.8, "O3_8h": 160}
    clauses = calc.answer("air_composite_index", {**days, "cities": [city]}).as_json()["clauses"]
    limits = [one for one in clauses if one["document"] == "GB 3095-2026"]
    assert [(one["valid_from"], one["valid_to"]) for one in limits] == [
        ("2026-03-01", "2030-12-31"),
        ("2031-01-01", None),
    ]
    assert {one["status"] for one in limits} == {"verified"}
    # a clause that no table holds takes the days of its document from the register
    judged = calc.answer("water_class", {"day": "2026-11-20", "values": {"COD": 1}}).as_json()["clauses"]
    worst = next(one for one in judged if one["clause"] == "5.1")
    assert (worst["valid_from"], worst["valid_to"], worst["status"]) == ("2002-06-01", None, "verified")


def test_gases_of_both_sides_of_2018_are_brought_to_one_state() -> None:
    def at(day: str, **more: object) -> dict[str, Any]:
        return calc.answer("reference_state", {"day": day, "concentration": 60, **more}).result

    old = at("2018-08-31", to_state="298.15 K")  # 60×273/298.15
    assert (old["concentration"], old["state_of_day"]) == (54.939, "273 K")
    assert at("2018-09-01", to_state="298.15 K")["concentration"] == 60.0
    dust = at("2018-09-01", kind="particulate", to_state="273 K", temperature=20, pressure=950)
    assert (dust["state_of_day"], dust["concentration"]) == ("actual", 68.718)  # 60×(1013.25/273)/(950/293.15)
    with pytest.raises(calc.BadQuestion, match="pressure"):
        at("2018-09-01", kind="particulate", to_state="273 K", temperature=20)


def test_reference_values_judge_nothing_and_say_so() -> None:
    answer = calc.answer("ambient_reference", {"day": "2026-03-01", "values": {"Cd": 0.006, "Hg": 0.05}})
    assert [row["above_reference"] for row in answer.result["items"]] == [True, False]
    assert "不是限值" in answer.notes[0].zh
    assert "over" not in answer.result
    with pytest.raises(calc.BadQuestion, match="month pasture, month farm_forest"):
        calc.answer("ambient_reference", {"day": "2026-03-01", "averaging": "month", "values": {"F": 1}})


def test_a_week_may_be_warmer_by_one_degree_and_colder_by_two() -> None:
    weeks = [{"natural": 20.0, "measured": 21.0}, {"natural": 20.1, "measured": 21.2}, {"natural": 15, "measured": 13}]
    found = calc.answer("water_temperature", {"day": "2026-11-20", "weeks": weeks}).result
    assert [week["over"] for week in found["weeks"]] == [False, True, False]
    assert (found["kept"], found["largest_rise"], found["largest_fall"]) == (False, 1.1, 2.0)


def test_a_quarter_is_the_mean_of_its_months_however_many_samples_each_has() -> None:
    samples = [
        {"section": "甲", "day": day, "NH3-N": value}
        for day, value in (("2026-01-05", 0.4), ("2026-01-20", 0.6), ("2026-02-06", 2.0))
    ]
    (quarter,) = calc.answer("water_period", {"period": "quarter", "samples": samples}).result["periods"]
    (section,) = quarter["sections"]
    assert (quarter["period"], section["items"][0]["value"], section["class"]) == ("2026-Q1", 1.25, "IV")  # (0.5+2)/2
    year = calc.answer("water_period", {"period": "year", "samples": samples})
    assert year.result["periods"][0]["sections"][0]["valid"] is False
    assert "8" in year.notes[0].zh


def test_the_rules_of_what_is_told_of_a_sample_are_named_with_their_degree() -> None:
    def clauses(values: dict[str, float]) -> dict[str, str | None]:
        asked = {"day": "2026-11-20", "values": values}
        return {one["clause"]: one["status"] for one in calc.answer("water_class", asked).as_json()["clauses"]}

    polluted = clauses({"NH3-N": 2.3, "pH": 9.5})
    assert polluted["主要污染指标（排序） main pollutants, their order"] == "unverified"
    assert polluted["pH 超出 6~9 按劣Ⅴ类计 pH outside 6 to 9 counts as worse than V"] == "unverified"
    clean = clauses({"NH3-N": 0.3, "pH": 7})
    assert clean["参评项目（21 项） the 21 items that decide"] == "verified_secondary"
    assert len(clean) == len(polluted) - 2


def test_copper_and_zinc_are_named_before_what_is_no_metal() -> None:
    found = calc.answer("water_class", {"day": "2026-11-20", "values": {"NH3-N": 9, "Zn": 2.5, "TP": 3, "COD": 90}})
    assert found.result["main_pollutants"][0]["en"].startswith("zinc")


def test_the_mean_over_few_sections_takes_the_mean_of_ph_that_was_asked_for() -> None:
    rows = [{"section": name, "day": "2026-10-05", "pH": ph, "COD": 1} for name, ph in (("甲", 4.0), ("乙", 8.5))]
    whole = {
        how: calc.answer("water_month", {"samples": rows, "ph_mean": how}).result["months"][0]["whole_class"]
        for how in ("arithmetic", "hydrogen")
    }
    assert whole == {"arithmetic": "I", "hydrogen": "worse"}  # 6.25 of the figures, 4.3 of the ions


def test_a_result_that_json_cannot_hold_is_refused() -> None:
    asked = {"day": "2026-06-29", "quotas": {"COD": 1e-320}, "emitted": {"COD": 18}, "recent": {"COD": 3}}
    with pytest.raises(calc.BadQuestion, match="too large"):
        calc.answer("quota_progress", asked)
