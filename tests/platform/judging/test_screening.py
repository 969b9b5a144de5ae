"""Screening: saved questions over what is known of enterprises, their runs, and the clues made of them."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from casefile import LONG_AGO, NINE, OFFICE, inspect, screened
from django.utils import translation

from qingyuan.judging import api
from qingyuan.judging.conditions import Condition, Definition
from qingyuan.judging.fact import Comparison
from qingyuan.judging.queries import Finding, ScreeningRow, ScreeningRun, findings, screening_rows
from qingyuan.kit import clock, log
from qingyuan.kit.errors import BadInput, Forbidden, NotFound, Refused

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
NOW = NINE + 10 * HOUR + timedelta(minutes=25)
OVER = Condition("hours_over_limit", Comparison.AT_LEAST, 2.0)
NEVER = Condition("days_since_inspection", Comparison.UNKNOWN)
ASKED = Definition("超标且未核查", (OVER, NEVER), title_en="Over the limit, never inspected", days=3)


@pytest.fixture(autouse=True)
def in_the_evening() -> Iterator[None]:
    with clock.wound_to(NOW):
        yield


@pytest.fixture
def works(cast: SimpleNamespace, grid: SimpleNamespace, readings: Callable[..., Any]) -> Callable[..., Any]:
    """Makes an enterprise whose outlet sent the given hour means of COD from 09:00 on, against a limit of 50 mg/L."""
    from qingyuan.places.api import apply_standard, register_enterprise, register_station
    from qingyuan.sensing.queries import Channel

    def make(number: int, *values: float, lon: float = 100.05, industry: str = "4620", mark: str = "N") -> Any:
        owner = register_enterprise(
            f"91500000TEST{number:06d}", title_zh=f"厂{number}", title_en=f"Works {number}", industry_code=industry,
            industry_zh="污水处理", industry_en="Sewage", management="key", organisation=None, lon=lon, lat=30.1,
        )  # fmt: skip
        outlet = register_station(
            f"out-{number}", title_zh=f"厂{number}排口", title_en=f"Outlet {number}", kind="outlet-water", lon=lon,
            lat=30.1, enterprise=owner,
        )  # fmt: skip
        apply_standard(outlet, standard="GB 18918-2002", level="1A", valid_from=LONG_AGO)
        channel = Channel.objects.create(station=outlet, factor="w01018", basis="measured", unit="mg/L")
        readings(channel, "h", [(NINE + place * HOUR, value) for place, value in enumerate(values)], mark)
        return owner

    return make


def save(cast: SimpleNamespace, definition: Definition = ASKED, **changes: Any) -> Any:
    return api.save_screening(replace(definition, **changes), cast.analyst, OFFICE)


def work_off() -> None:
    """Do the jobs that wait, as the worker does."""
    for run in ScreeningRun.objects.filter(state="waiting"):
        api.run_screening(run.pk)


def listed(run: ScreeningRun) -> list[str]:
    return list(run.rows.order_by("rank").values_list("enterprise__code", flat=True))


def code(number: int) -> str:
    return f"91500000TEST{number:06d}"


@pytest.mark.mission("S2-17")
def test_a_run_lists_who_meets_the_conditions_with_numbers_sentences_and_what_shows_them(
    works: Callable[..., Any], cast: SimpleNamespace
) -> None:
    works(1, 60.0, 70.0, 40.0)
    works(2, 40.0, 40.0, 60.0)
    run = screened(save(cast).pk, cast.analyst, OFFICE)
    assert (run.state, run.looked_at, listed(run)) == ("done", 2, [code(1)])
    assert (run.span_end, run.span_start) == (NINE + 10 * HOUR, NINE + 10 * HOUR - timedelta(days=3))
    row = run.rows.get()
    over, never = row.answers
    assert (over["value"], over["met"], never["value"], never["met"]) == (2.0, True, None, True)
    assert over["en"] == "2 of 3 hours in the last 3 days were over the limit, most of them COD at Outlet 1 (2 h)"
    assert "3 个小时中 2 个小时超标" in over["zh"]
    (link,) = over["evidence"]
    assert (link["kind"], link["key"], link["factor"]) == ("station", "out-1", "w01018")
    _saved, started, ran = log.about(f"screening/{run.screening_id}")
    assert (started.act, started.detail["run"], started.actor) == ("ScreeningStarted", run.pk, "analyst")
    assert (ran.act, ran.detail["listed"], ran.detail["looked_at"]) == ("ScreeningRan", 1, 2)


def test_a_run_waits_as_a_job_and_says_how_far_it_is(
    works: Callable[..., Any], cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    from procrastinate.contrib.django.models import ProcrastinateJob

    from qingyuan.inspecting.facts.days_since_inspection import DaysSinceInspection
    from qingyuan.judging.logic.screening import running

    for number in range(3):
        works(number, 60.0, 70.0)
    screening = save(cast)
    run = api.start_screening(screening.pk, cast.analyst, OFFICE)
    job = ProcrastinateJob.objects.get(task_name="judging.screen", args={"run_id": run.pk})
    assert (run.state, run.total, job.queue_name, job.status) == ("waiting", 0, "asked", "todo")
    api.save_screening(replace(ASKED, conditions=(replace(OVER, threshold=9.0),)), cast.officer, OFFICE, screening.pk)
    told: list[tuple[Any, ...]] = []
    plain = DaysSinceInspection.measure

    def measured(fact: Any, asked: Any) -> Any:
        told.append(ScreeningRun.objects.values_list("state", "looked_at", "total").get(pk=run.pk))
        return plain(fact, asked)

    monkeypatch.setattr(DaysSinceInspection, "measure", measured)
    monkeypatch.setattr(running, "AT_ONCE", 2)
    api.run_screening(run.pk)
    assert told == [("running", 0, 3), ("running", 2, 3)]
    run.refresh_from_db()
    assert (run.state, run.looked_at, run.rows.count()) == ("done", 3, 3), "by what was asked when it was started"
    api.run_screening(run.pk)
    assert ScreeningRun.objects.get().rows.count() == 3


def test_the_same_time_run_again_gives_the_same_rows(works: Callable[..., Any], cast: SimpleNamespace) -> None:
    for number, value in ((1, 60.0), (2, 90.0), (3, 75.0)):
        works(number, value, value, value)
    screening = save(cast)
    first, second = (screened(screening.pk, cast.analyst, OFFICE, end=NINE + 5 * HOUR) for _ in range(2))
    kept = ("rank", "enterprise", "met", "beyond", "answers")
    assert list(first.rows.values_list(*kept)) == list(second.rows.values_list(*kept))
    assert first.rows.count() == 3


def test_a_mark_by_people_takes_an_hour_out_of_the_number(works: Callable[..., Any], cast: SimpleNamespace) -> None:
    from qingyuan.recording.api import mark_span

    owner = works(1, 60.0, 70.0)
    owner.organisation = cast.enterprise.organisation
    owner.save()
    mark_span("out-1", cast.enterprise, OFFICE, code="calibration", starts_at=NINE, ends_at=NINE + HOUR, reason="校准")
    run = screened(save(cast, conditions=(replace(OVER, threshold=0.0),)).pk, cast.analyst, OFFICE)
    assert run.rows.get().answers[0]["value"] == 1.0


def test_the_order_is_by_conditions_met_then_by_how_far_beyond_then_by_code(
    works: Callable[..., Any], cast: SimpleNamespace
) -> None:
    works(1, 60.0, 60.0)  # 2 hours of 2: on the threshold
    works(2, 60.0, 60.0, 60.0, 60.0)  # 4 hours: 0.5 beyond
    works(3, 60.0, 60.0)
    works(4, 160.0, 40.0)  # one hour only, but 2.2 times over
    high = Condition("largest_multiple", Comparison.AT_LEAST, 1.1)
    run = screened(save(cast, conditions=(OVER, high), needed=1).pk, cast.analyst, OFFICE)
    assert listed(run) == [code(2), code(4), code(1), code(3)]
    assert [row.met for row in run.rows.order_by("rank")] == [1, 1, 1, 1]
    assert [round(row.beyond, 2) for row in run.rows.order_by("rank")] == [0.5, 0.5, 0.0, 0.0]


@pytest.mark.parametrize(
    ("comparison", "threshold", "value", "met", "beyond"),
    [
        ("at_least", 2.0, 5.0, True, 0.6),
        ("at_least", 2.0, 1.0, False, 0.0),
        ("at_most", 80.0, 40.0, True, 0.5),
        ("at_least", 0.0, 0.0, True, 0.0),
        ("at_most", -20.0, 30.0, False, 0.0),
        ("at_least", -20.0, 30.0, True, 1.0),
        ("at_least", 2.0, None, False, 0.0),
        ("unknown", None, None, True, 0.0),
        ("unknown", None, 3.0, False, 0.0),
    ],
)
def test_how_far_beyond_is_a_share_of_the_larger_of_the_two(
    comparison: str, threshold: float | None, value: float | None, met: bool, beyond: float
) -> None:
    one = Condition("hours_over_limit", Comparison(comparison), threshold)
    assert (one.met(value), one.beyond(value)) == (met, pytest.approx(beyond))


def test_all_any_or_some_of_the_conditions(works: Callable[..., Any], cast: SimpleNamespace) -> None:
    works(1, 60.0, 60.0)
    works(2, 40.0, 40.0)
    counts = {needed: screened(save(cast, needed=needed).pk, cast.analyst, OFFICE).rows.count()
              for needed in (None, 1, 2)}  # fmt: skip
    assert counts == {None: 1, 1: 2, 2: 1}


def test_a_scope_narrows_by_industry_cell_and_management(
    works: Callable[..., Any], cast: SimpleNamespace, grid: SimpleNamespace
) -> None:
    works(1, 60.0, 60.0)
    works(2, 60.0, 60.0, industry="2210")
    works(3, 60.0, 60.0, lon=100.3)
    scopes: list[dict[str, Any]] = [
        {"industry": "46"}, {"cell": grid.town}, {"management": "simplified"}, {"industry": "22", "cell": grid.town},
    ]  # fmt: skip
    found = [listed(screened(save(cast, **scope).pk, cast.analyst, OFFICE)) for scope in scopes]
    assert found == [[code(1), code(3)], [code(1), code(2)], [], [code(2)]]


def test_a_person_gets_only_the_own_territory(
    works: Callable[..., Any], cast: SimpleNamespace, grid: SimpleNamespace
) -> None:
    from qingyuan.places.api import post_person

    works(1, 60.0, 60.0)
    works(3, 60.0, 60.0, lon=100.3)
    whole = screened(save(cast).pk, cast.analyst, OFFICE)
    post_person(cast.officer, grid.other_town, valid_from=LONG_AGO)
    own = screened(whole.screening_id, cast.officer, OFFICE)
    assert (own.looked_at, listed(own)) == (1, [code(3)])
    assert [one.enterprise.code for one in screening_rows(cast.officer).filter(run=whole)] == [code(3)]
    assert not screening_rows(cast.enterprise).exists()
    hidden = whole.rows.get(enterprise__code=code(1))
    with pytest.raises(NotFound):
        api.enter_screened_clue(hidden.pk, cast.officer, OFFICE)
    with pytest.raises(Forbidden):
        screened(whole.screening_id, cast.grid_worker, OFFICE)


@pytest.mark.parametrize(
    ("changes", "field", "says"),
    [
        ({"title_zh": " "}, "title_zh", "title"),
        ({"conditions": ()}, "add", "1 to 10"),
        ({"needed": 3}, "needed", "1 to 2"),
        ({"days": 0}, "days", "1 to 366"),
        ({"schedule": "hourly"}, "schedule", "daily"),
        ({"industry": "造纸"}, "industry", "46"),
        ({"conditions": (Condition("nothing", Comparison.AT_LEAST, 1.0),)}, "condition-0-fact", "hours_over_limit"),
        ({"conditions": (OVER, Condition("load", Comparison.AT_LEAST, 1.0))}, "condition-1-factor", "w01018"),
        ({"conditions": (replace(OVER, threshold=None),)}, "condition-0-threshold", "number"),
        ({"conditions": (replace(OVER, parameters={"days": 999}),)}, "condition-0-parameters", "0 to 366"),
        ({"conditions": (replace(NEVER, factor="w01018"),)}, "condition-0-factor", "empty"),
    ],
)
def test_a_wrong_definition_says_what_was_found_and_expected(
    cast: SimpleNamespace, changes: dict[str, Any], field: str, says: str
) -> None:
    with translation.override("en"), pytest.raises(BadInput, match=says) as refusal:
        save(cast, **changes)
    assert refusal.value.field == field
    with pytest.raises(Forbidden):
        api.save_screening(ASKED, cast.grid_worker, OFFICE)


def test_a_run_keeps_the_definition_that_it_had(works: Callable[..., Any], cast: SimpleNamespace) -> None:
    works(1, 60.0, 60.0)
    row = save(cast)
    run = screened(row.pk, cast.analyst, OFFICE)
    api.save_screening(replace(ASKED, conditions=(replace(OVER, threshold=9.0),)), cast.officer, OFFICE, row.pk)
    run.refresh_from_db()
    assert [one["threshold"] for one in run.definition["conditions"]] == [2.0, None]
    assert screened(row.pk, cast.analyst, OFFICE).rows.count() == 0
    saved = [one for one in log.about(f"screening/{row.pk}") if one.act == "ScreeningSaved"]
    assert [(one.detail["new"], len(one.detail["values"]["conditions"])) for one in saved] == [(True, 2), (False, 1)]


@pytest.mark.mission("S2-01")
def test_a_listed_enterprise_becomes_a_clue_like_one_that_people_report_and_then_a_case(
    works: Callable[..., Any], cast: SimpleNamespace
) -> None:
    from qingyuan.dispatching.api import act, open_case_by_hand
    from qingyuan.showing.logic.screening.becoming import Converted, converted

    for number in (1, 2):
        works(number, 60.0, 70.0)
    run = screened(save(cast).pk, cast.analyst, OFFICE)
    row = run.rows.get(rank=1)
    clue = api.enter_screened_clue(row.pk, cast.analyst, OFFICE)
    assert (clue.state, clue.detector, clue.station.code, clue.reported_by) == (
        "open",
        "reported",
        "out-1",
        cast.analyst,
    )
    assert (clue.started_at, clue.ended_at) == (run.span_start, run.span_end)
    assert "2 of 3 hours" not in clue.sentence_en
    assert "Works 1 meets 2 of 2 conditions of the screening “Over the limit, never inspected”: 2 of 2 hours" in (
        clue.sentence_en
    )
    assert [(one["value"], one["high"]) for one in clue.signs] == [(2.0, 2.0)]
    assert clue in findings(cast.duty_officer)
    opened = [one.act for one in log.about(f"finding/{clue.pk}")]
    assert opened == ["FindingOpened"]
    case = open_case_by_hand(clue.pk, cast.duty_officer, OFFICE)
    assert converted(cast.analyst, [run.screening_id])[run.screening_id] == Converted(2, 1, 1, 0)
    if case.state == "unassigned":
        act(case.pk, "assign", cast.duty_officer, OFFICE, fields={"assignee": cast.grid_worker.username})
    act(case.pk, "accept", cast.grid_worker, OFFICE)
    inspect(case, cast.grid_worker)
    assert converted(cast.analyst, [run.screening_id])[run.screening_id] == Converted(2, 1, 1, 1)
    assert converted(cast.other_grid_worker, [run.screening_id])[run.screening_id] == Converted()


def test_nobody_enters_an_enterprise_twice_while_its_clue_is_open(
    works: Callable[..., Any], cast: SimpleNamespace
) -> None:
    works(1, 60.0, 70.0)
    row = save(cast)
    first, second = (screened(row.pk, cast.analyst, OFFICE).rows.get() for _ in range(2))
    clue = api.enter_screened_clue(first.pk, cast.analyst, OFFICE)
    for one in (first, second):
        with pytest.raises(Refused, match=str(clue.pk)):
            api.enter_screened_clue(one.pk, cast.officer, OFFICE)
    api.settle_clues([clue.pk])
    with pytest.raises(Refused, match=str(clue.pk)):
        api.enter_screened_clue(first.pk, cast.officer, OFFICE)
    again = api.enter_screened_clue(second.pk, cast.officer, OFFICE)
    assert again.pk != clue.pk
    assert ScreeningRow.objects.get(pk=first.pk).clue == clue
    assert Finding.objects.count() == 2


@pytest.mark.mission("S2-17")
def test_the_timer_runs_what_is_due_once_in_the_owners_territory(
    works: Callable[..., Any], cast: SimpleNamespace
) -> None:
    works(1, 60.0, 60.0)
    with clock.wound_to(NOW - timedelta(days=9)):
        daily, weekly = save(cast, schedule="daily"), save(cast, schedule="weekly")
        save(cast, schedule="daily", enabled=False)
        save(cast)
    monday = datetime(2026, 11, 23, 7, 0, tzinfo=clock.SHANGHAI)
    ran = []
    for hours in (0, 1, 24, 48):
        with clock.wound_to(monday + hours * HOUR):
            ran.append(api.run_due_screenings(clock.now()))
            work_off()
    assert ran == [2, 0, 1, 1]
    assert [one.runs.count() for one in (daily, weekly)] == [3, 1]
    assert {one.ran_by for one in ScreeningRun.objects.all()} == {None}
    assert listed(weekly.runs.get()) == [code(1)]


def test_a_screening_saved_after_its_hour_waits_for_the_next_one(cast: SimpleNamespace) -> None:
    save(cast, schedule="daily")
    assert api.run_due_screenings(NOW) == 0
    assert api.run_due_screenings(NOW + timedelta(days=1)) == 1


def test_a_run_that_fails_says_why_and_lets_the_others_run(works: Callable[..., Any], cast: SimpleNamespace) -> None:
    works(1, 60.0, 60.0)
    with clock.wound_to(NOW - timedelta(days=9)):
        broken, sound = save(cast, schedule="daily"), save(cast, schedule="daily")
    broken.conditions = [OVER.as_json() | {"fact": "gone"}]
    broken.save()
    assert api.run_due_screenings(NOW) == 2
    work_off()
    assert broken.runs.get().state == "failed"
    assert "gone" in broken.runs.get().why
    assert broken.runs.get().rows.count() == 0
    assert sound.runs.get().state == "done"
    assert api.run_due_screenings(NOW) == 0
