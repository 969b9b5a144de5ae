"""Deadlines, supervision, grids and scores of forecasts: what they answer, each with its arithmetic."""

from datetime import date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qingyuan_science import calc
from qingyuan_science.calc.topic import TOPICS
from qingyuan_science.calc.words import is_worded
from qingyuan_science.plugins import Source, Text
from qingyuan_science.standards.air.points import half_levels, level_points, value_points
from qingyuan_science.standards.procedure.grid import Frequency, patrolled
from qingyuan_science.standards.procedure.supervision import lights
from qingyuan_science.standards.reading import Status

calc.load()

BEGUN = datetime(2026, 11, 2, tzinfo=timezone(timedelta(hours=8)))
WEEKLY = Frequency("town", Text("", ""), 2, 7, "d", Source("", ""))
EXPECTED: dict[str, list[dict[str, Any]]] = {
    "supervision_colour": [
        {"colour": "yellow", "hours_used": 168.0, "hours_left": 24.0, "yellow_from": "2026-11-08T00:00+08:00"},
        {"colour": "green", "hours_left": 72.0, "due_at": "2026-11-12T00:00+08:00", "hours_stopped": 48.0},
        {"colour": "red", "overdue": True, "hours_left": -1.0},
    ],
    "grid_patrol": [
        {"windows": 3, "windows_kept": 2, "share_kept": 66.7, "patrols_lacking": 2, "staffed": False},
        {"windows": 3, "windows_kept": 2, "patrol_until": "2026-11-04", "patrols_lacking": 1},
    ],
    "grid_assessment": [{"score": 87.0}],  # 20 + 30 of 90 % + 50 of 80 %
    "electronic_supervision": [{"needs_answer": False, "sent_to": None}],
    "air_forecast_score": [
        {},
        {"short_range": {"level_points": 40.0, "value_points": 80.0}},  # 25 + 15 + 0; 50 + 24 + 6
    ],
}


def ask(code: str, **question: Any) -> dict[str, Any]:
    return calc.answer(code, question).result


def refused(code: str, **question: Any) -> str:
    with pytest.raises(calc.BadQuestion) as error:
        calc.answer(code, question)
    return str(error.value)


def deadline(start: str, process: str, step: str, **more: Any) -> dict[str, Any]:
    return ask("working_days", start=start, process=process, step=step, **more)


def lit(days: float, **more: Any) -> str:
    """The colour of a term of eight days, so many days after it began."""
    at, due = (BEGUN + timedelta(days=one) for one in (days, 8))
    question = {"begun": BEGUN.isoformat(), "due": due.isoformat(), "at": at.isoformat(), **more}
    return str(ask("supervision_colour", **question)["colour"])


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
def test_every_name_and_choice_has_words_in_both_languages(code: str) -> None:
    topic = TOPICS.get(code)
    asked = {choice for field in topic.fields for choice in field.choices}
    asked |= {choice for field in topic.fields for column in field.columns for choice in column.choices}
    told = set().union(*(names_in(calc.answer(code, question).result) for question in topic.questions))
    assert sorted(name for name in asked | told if not is_worded(name)) == []


@pytest.mark.parametrize("topic", sorted(one.code for one in TOPICS))
def test_every_clause_says_how_far_it_was_checked(topic: str) -> None:
    for question in TOPICS.get(topic).questions:
        told = calc.answer(topic, question).as_json()["clauses"]
        unsaid = [
            one["document"] for one in told if one["status"] not in set(Status) and "提问所给" not in one["clause"]
        ]
        assert unsaid == []


def test_a_renewal_is_due_before_the_permit_ends_and_moves_to_an_earlier_working_day() -> None:
    # 31 December is day 365 of 2026, 60 days before it day 305: 1 November, a Sunday
    found = deadline("2026-12-31", "permit", "renewal_request", holidays=[{"day": "2026-10-30"}])
    assert (found["last_day"], found["is_worked"], found["last_worked_day"]) == ("2026-11-01", False, "2026-10-29")
    assert "next_worked_day" not in found
    assert deadline("2028-04-30", "permit", "renewal_request")["last_day"] == "2028-03-01"  # 29 February between


def test_a_renewal_before_all_calendars_is_refused() -> None:
    assert refused("working_days", start="0001-02-01", process="permit", step="renewal_request").startswith("process")


@pytest.mark.parametrize(
    ("start", "last"),
    [("2021-07-14", "2021-10-14"), ("2021-07-15", "2021-10-13"), ("2026-11-22", "2027-02-20")],
)
def test_a_decision_took_three_months_until_the_law_of_2021_set_ninety_days(start: str, last: str) -> None:
    assert deadline(start, "penalty", "decision")["last_day"] == last


@pytest.mark.parametrize(
    ("process", "step", "start", "last"),
    [
        ("permit", "key_decision_on_site", "2026-11-01", "2026-12-16"),
        ("production_limit", "extension", "2026-11-30", "2027-02-28"),
        ("seal", "extension", "2026-11-01", "2026-12-01"),
        ("penalty", "filing_review_extension", "2026-11-01", "2026-11-16"),
        ("complaint", "closing_shaanxi_special", "2026-11-01", "2026-12-31"),
    ],
)
def test_extensions_are_steps_of_their_own(process: str, step: str, start: str, last: str) -> None:
    assert deadline(start, process, step)["last_day"] == last


def test_a_quarter_is_audited_in_the_first_five_working_days_of_the_next() -> None:
    holidays = [{"day": f"2026-10-0{day}"} for day in range(1, 8)]
    found = deadline("2026-09-30", "monitor_check", "quarter_audit", holidays=holidays)
    assert found["last_day"] == "2026-10-14"  # 8, 9, 12, 13, 14: the 10th and 11th are a weekend


@pytest.mark.parametrize(
    ("days", "colour"),
    [(0, "green"), (5.999, "green"), (6, "yellow"), (8, "yellow"), (11.999, "yellow"), (12, "red"), (40, "red")],
)
def test_a_matter_turns_yellow_with_a_quarter_left_and_red_with_half_gone_beyond(days: float, colour: str) -> None:
    assert lit(days) == colour


def test_any_delay_is_red_where_the_local_rule_says_so() -> None:
    assert [lit(days, red_over=0) for days in (8, 8.001)] == ["yellow", "red"]
    assert [lit(days, rule="by_days") for days in (4.99, 5, 8, 8.001)] == ["green", "yellow", "yellow", "red"]
    assert lit(5, yellow_left=50) == "yellow"


def test_overlapping_stops_count_once_and_one_without_end_lasts() -> None:
    at = [(BEGUN + timedelta(days=day)).isoformat() for day in range(12)]
    stops = [
        {"reason": "hearing", "first": at[3], "last": at[5]},
        {"reason": "notice", "first": at[2], "last": at[4]},
        {"reason": "appraisal", "first": at[6]},
    ]
    found = ask("supervision_colour", begun=at[0], due=at[8], at=at[9], stops=stops)
    assert (found["hours_stopped"], found["hours_used"], found["colour"]) == (144.0, 72.0, "green")  # days 2-5 and 6-9


@pytest.mark.parametrize(
    ("begun", "status"), [("2023-06-30T12:00:00+08:00", "verified"), ("2023-07-01T00:00:00+08:00", "unverified")]
)
def test_what_stops_the_clock_goes_by_the_rule_of_the_day(begun: str, status: str) -> None:
    stop = {"reason": "hearing", "first": begun, "last": begun}
    question = {"begun": begun, "due": "2023-12-01T00:00:00+08:00", "at": "2023-09-01T00:00:00+08:00", "stops": [stop]}
    assert calc.answer("supervision_colour", question).clauses[-1].status == status


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"due": "2026-11-02T00:00:00+08:00"}, "due"),
        ({"at": "2026-11-01T00:00:00+08:00"}, "at"),
        ({"yellow_left": 101}, "yellow_left"),
        ({"red_over": -1}, "red_over"),
        ({"stops": [{"reason": "notice", "first": "2026-11-01T00:00:00+08:00"}]}, "stops[0].first"),
        ({"stops": [{"reason": "notice", "first": "2026-11-04T00:00:00+08:00", "last": "2026-11-03T00:00:00+08:00"}]},
         "stops[0].last"),
        ({"begun": "2009-01-01T00:00:00+08:00",
          "stops": [{"reason": "notice", "first": "2026-11-04T00:00:00+08:00"}]}, "begun"),
    ],
)  # fmt: skip
def test_a_term_that_cannot_be_is_refused_by_its_field(changes: dict[str, Any], field: str) -> None:
    question = {
        "begun": "2026-11-02T00:00:00+08:00",
        "due": "2026-11-10T00:00:00+08:00",
        "at": "2026-11-09T00:00:00+08:00",
    }
    assert refused("supervision_colour", **{**question, **changes}).startswith(f"{field}: ")


HOURS = st.floats(0, 400, allow_nan=False)


@given(
    hours=st.lists(HOURS, min_size=2, max_size=2),
    stops=st.lists(st.tuples(HOURS, HOURS), max_size=4),
    turn=st.booleans(),
)
def test_a_colour_never_turns_back_and_the_order_of_stops_is_nothing(
    hours: list[float], stops: list[tuple[float, float]], turn: bool
) -> None:
    spans = [tuple(BEGUN + timedelta(hours=one) for one in sorted(stop)) for stop in stops]
    term = (BEGUN, BEGUN + timedelta(hours=100))
    turns = (25.0, 50.0) if turn else (0.0, 0.0)
    order = ["green", "yellow", "red"]
    early, late = (
        lights(term, BEGUN + timedelta(hours=at), spans, rule="by_share", turns=turns)  # type: ignore[arg-type]
        for at in sorted(hours)
    )
    assert order.index(early.colour) <= order.index(late.colour)
    assert late == lights(term, BEGUN + timedelta(hours=max(hours)), spans[::-1], rule="by_share", turns=turns)  # type: ignore[arg-type]
    assert late.used + late.stopped == timedelta(hours=max(hours))


DAYS = st.integers(0, 60).map(lambda day: date(2026, 11, 1) + timedelta(days=day))


@given(days=st.lists(DAYS), more=DAYS)
def test_another_patrol_never_makes_it_worse_and_a_day_counts_once(days: list[date], more: date) -> None:
    span = (date(2026, 11, 1), date(2026, 12, 31))
    before, after = patrolled(days, span, WEEKLY), patrolled([more, *days], span, WEEKLY)
    assert before.kept <= after.kept
    assert before == patrolled([*days[::-1], *days], span, WEEKLY)


def test_a_window_of_months_goes_by_the_calendar_and_is_told_as_read_either_way() -> None:
    found = calc.answer(
        "grid_patrol",
        {"rule": "sanhe", "level": "county", "first_day": "2026-01-01", "last_day": "2026-06-30",
         "patrols": [{"day": "2026-02-28"}, {"day": "2026-05-01"}]},
    )  # fmt: skip
    assert (found.result["windows"], found.result["windows_kept"], found.result["patrol_until"]) == (3, 2, "2026-08-31")
    assert found.clauses[0].status == "unverified"
    assert any("twice a month" in note.en for note in found.notes)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"level": "county"}, "level"),  # Chengde says nothing of other sites at the first level
        ({"level": "night"}, "level"),
        ({"last_day": "2017-12-31", "first_day": "2017-12-01"}, "level"),
        ({"last_day": "2026-10-31"}, "last_day"),
        ({"last_day": "2046-11-01"}, "last_day"),
        ({"patrols": [{"day": "2026-10-31"}]}, "patrols"),
        ({"workers": -1}, "workers"),
    ],
)
def test_patrols_that_no_rule_counts_are_refused_by_their_field(changes: dict[str, Any], field: str) -> None:
    question = {"level": "town", "first_day": "2026-11-01", "last_day": "2026-11-21"}
    assert refused("grid_patrol", **{**question, **changes}).startswith(f"{field}: ")


def test_no_time_is_judged_before_its_first_window_ended() -> None:
    found = ask("grid_patrol", level="town", key_site=True, first_day="2026-11-01", last_day="2026-11-06")
    assert (found["patrolled"], found["share_kept"], found["patrols_lacking"]) == (None, None, 2)


def test_a_share_of_a_grid_beyond_all_is_refused_by_its_part() -> None:
    assert refused("grid_assessment", arrangements=100, system=101, running=0).startswith("system: ")
    assert ask("grid_assessment", arrangements=0, system=0, running=0)["score"] == 0


def test_electronic_supervision_begins_with_its_rules() -> None:
    assert refused("electronic_supervision", day="2019-12-31", matter="network").startswith("day: ")
    found = ask("electronic_supervision", day="2020-01-01", matter="in_process")
    assert found["sent_to"]["en"].startswith("the plant")
    assert found["needs_answer"] is None


def test_half_levels_cut_each_level_in_two() -> None:
    edges = (25, 50, 75, 100, 125, 150, 175, 200, 250, 300, 400)
    assert half_levels(edges).tolist() == list(range(1, 12))
    assert half_levels([edge + 1 for edge in edges]).tolist() == list(range(2, 13))


@pytest.mark.parametrize(
    ("observed", "forecast", "right"),
    [(25, 26, 100), (25, 51, 0), (100, 101, 100), (100, 126, 0), (500, 301, 100), (500, 300, 0), (0, 50, 100)],
)
def test_one_half_level_off_is_right_and_two_are_not(observed: float, forecast: float, right: float) -> None:
    row = {"day": "2026-11-02", "lead": 1, "observed": observed, "forecast": forecast}
    found = ask("air_forecast_score", forecasts=[row])["all"]
    assert found["half_level"] == right
    assert found["half_level_high"] + found["half_level_low"] == 100 - right


@given(st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500)), min_size=1, max_size=12), st.randoms())
def test_scores_do_not_hang_on_the_order_and_a_perfect_forecast_has_all(pairs: list[tuple[int, int]], mix: Any) -> None:
    rows = [{"day": "2026-11-02", "lead": 1, "observed": one, "forecast": other} for one, other in pairs]
    told = ask("air_forecast_score", forecasts=rows)["all"]
    mix.shuffle(rows)
    assert ask("air_forecast_score", forecasts=rows)["all"] == told
    perfect = ask("air_forecast_score", forecasts=[{**row, "forecast": row["observed"]} for row in rows])["all"]
    assert (perfect["half_level"], perfect["level_points"], perfect["value_points"]) == (100, 100, 100)


@given(st.floats(0, 500), st.floats(0, 500))
def test_a_larger_error_never_scores_more(one: float, other: float) -> None:
    near, far = sorted((one, other))
    assert value_points(near) >= value_points(far) == value_points(-far)
    assert level_points(round(near / 100)) >= level_points(round(far / 100))


def test_the_range_of_a_forecast_may_go_by_its_index() -> None:
    rows = [{"day": "2026-11-02", "lead": 1, "observed": 125, "forecast": 150}]  # 150 - 15 is above 125
    assert ask("air_forecast_score", forecasts=rows)["all"]["in_range"] == 0
    found = calc.answer("air_forecast_score", {"forecasts": rows, "span_by_level": True})
    assert found.result["all"]["in_range"] == 100
    assert found.clauses[-1].status == "unverified"


def test_points_of_three_days_need_all_three() -> None:
    rows = [{"day": "2026-11-02", "lead": lead, "observed": 60, "forecast": 60} for lead in (1, 3)]
    assert "short_range" not in ask("air_forecast_score", forecasts=rows)


def lead_of_a_year(value: float) -> list[dict[str, Any]]:
    return [
        {"day": f"2026-{month:02}-{day:02}", "value": value} for month in range(1, 13) for day in (3, 9, 15, 21, 27)
    ]


@pytest.mark.parametrize(("value", "over"), [(0.5, False), (0.54, None), (0.55, True), (0.56, True), (0.49, False)])
def test_a_mean_of_lead_is_not_judged_where_its_rounding_would_decide(value: float, over: bool | None) -> None:
    # 0.54 is 0.5 to one decimal and beyond 0.5 as it stands; 0.55 is 0.6 to the even digit
    found = calc.answer("air_sampled_means", {"item": "Pb", "period": "year", "days": lead_of_a_year(value)})
    assert found.result["over"] is over
    assert found.result["mean_in_full"] == value
    assert ("not obtained" in " ".join(note.en for note in found.notes)) is (over is None)
    assert any("not obtained" in str(one.clause) and one.status == "unverified" for one in found.clauses)


def test_days_of_benzoapyrene_that_rounding_would_decide_have_no_rate() -> None:
    found = ask("air_sampled_means", item="BaP", period="year", days=lead_of_a_year(0.00252))
    assert (found["days_over"], found["days_undecided"], found["rate_over"]) == (0, 60, None)
    assert ask("ambient_limit", day="2026-06-01", averaging="day", values={"BaP": 0.00252})["items"][0]["over"] is None


@pytest.mark.parametrize(("day", "status"), [("2026-02-28", "partly"), ("2026-03-01", "verified")])
def test_the_counts_of_table_4_are_told_by_the_edition_of_the_day(day: str, status: str) -> None:
    found = calc.answer("air_period", {"period": "month", "days": [{"day": day, "PM2.5": 20}]})
    (counted,) = [one for one in found.clauses if str(one.document).startswith("GB 3095") and "4" in str(one.clause)]
    assert counted.status == status


@pytest.mark.parametrize(("aqi", "level"), [(499, None), (499.6, None), (500, "red")])
def test_an_index_that_only_comes_near_500_is_no_red_warning(aqi: float, level: str | None) -> None:
    assert ask("heavy_pollution_level", issued_on="2024-01-31", aqi=[aqi])["level"] == level


@pytest.mark.parametrize(
    ("asked", "valid", "counts"),
    [
        ({"period": "hour"}, 44, False), ({"period": "hour"}, 45, True), ({"period": "day"}, 19, False),
        ({"period": "day"}, 20, True), ({"period": "month", "month": "2026-02-01"}, 24, False),
        ({"period": "month", "month": "2026-02-01"}, 25, True), ({"period": "month", "month": "2026-03-01"}, 26, False),
        ({"period": "month", "month": "2026-03-01"}, 27, True),
    ],
)  # fmt: skip
def test_a_mean_of_ambient_air_counts_by_table_4(asked: dict[str, Any], valid: int, counts: bool) -> None:
    found = calc.answer("data_validity", {"medium": "air", **asked, "valid": valid})
    assert found.result["valid"] is counts
    assert [(one.document, one.status) for one in found.clauses] == [("GB 3095-2026", "verified")]


def test_a_quarter_of_ambient_air_has_no_capture_rate() -> None:
    assert refused("data_validity", medium="air", period="quarter", valid=2000, due=2208).startswith("period: ")


@pytest.mark.parametrize(("pm25", "cmyk"), [(35, [40, 0, 100, 0]), (60, [0, 0, 100, 0]), (250, [10, 100, 40, 30])])
def test_the_colour_of_a_level_is_told_for_print_too(pm25: float, cmyk: list[int]) -> None:
    values = {"SO2": 5, "NO2": 8, "PM10": 9, "CO": 0.2, "O3_8h": 10, "PM2.5": pm25}
    assert ask("air_index_day", day="2026-03-01", concentrations=values)["cmyk"] == cmyk
