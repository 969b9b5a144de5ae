"""The pages of screening: the form without script, what a run listed, entering clues, and the workbook."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import pytest
from casefile import LONG_AGO, NINE, OFFICE, screened
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from qingyuan.dispatching.queries import cases
from qingyuan.judging.api import run_screening, save_screening, start_screening
from qingyuan.judging.conditions import Condition, Definition
from qingyuan.judging.fact import Comparison
from qingyuan.judging.queries import Finding, Screening, ScreeningRow, ScreeningRun
from qingyuan.kit import clock, log
from qingyuan.places.api import register_enterprise, register_station

pytestmark = pytest.mark.django_db
OVER = Condition("hours_over_limit", Comparison.AT_LEAST, 1.0)
FORM = {
    "title_zh": "超标企业", "title_en": "Over the limit", "industry": "46", "cell": "T01", "management": "key",
    "days": "3", "schedule": "daily", "enabled": "on", "needed": "", "do": "save", "count": "1",
    "condition-0-fact": "hours_over_limit", "condition-0-factor": "w01018", "condition-0-comparison": "at_least",
    "condition-0-threshold": "1", "condition-0-set-days": "2",
}  # fmt: skip


@pytest.fixture
def over(channel: Any, readings: Callable[..., Any]) -> Any:
    """COD of 68.4 mg/L at 09:00 against a limit of 50."""
    readings(channel, "h", [(NINE, 68.4)])
    return channel.station.enterprise


@pytest.fixture
def run(over: Any, cast: SimpleNamespace) -> ScreeningRun:
    definition = Definition("超标企业", (OVER,), title_en="Over the limit", days=3)
    return screened(save_screening(definition, cast.analyst, OFFICE).pk, cast.analyst, OFFICE)


def page(client: Client, name: str, **values: Any) -> str:
    return client.get(reverse(name, kwargs=values)).content.decode()


def post(client: Client, name: str, data: dict[str, str] | None = None, **values: Any) -> Any:
    return client.post(reverse(name, kwargs=values), data or {}, follow=True)


def test_the_form_takes_conditions_in_and_out_without_script(browser: Callable[[str], Client], grid: Any) -> None:
    officer = browser("officer")
    first = page(officer, "screening-new")
    assert "No condition yet" in first
    added = post(officer, "screening-new", {"title_zh": "甲", "do": "add", "add-fact": "load", "count": "0"})
    assert added.status_code == 200
    text = added.content.decode()
    assert 'value="甲"' in text
    assert "1. Discharged load" in text
    assert "Threshold, kg" in text
    assert 'name="condition-0-set-least_percent"' in text
    more = post(officer, "screening-new", FORM | {"do": "add", "add-fact": "load"}).content.decode()
    assert "1. Hours over the limit" in more
    assert "2. Discharged load" in more
    fewer = post(officer, "screening-new", FORM | {"do": "drop-0"}).content.decode()
    assert "No condition yet" in fewer
    assert not Screening.objects.exists()


def test_a_screening_is_saved_changed_and_run_on_the_page(
    over: Any, browser: Callable[[str], Client], grid: Any
) -> None:
    officer = browser("officer")
    saved = post(officer, "screening-new", FORM)
    row = Screening.objects.get()
    assert (row.owner.username, row.industry, row.cell.code, row.days, row.schedule) == (
        "officer",
        "46",
        "T01",
        3,
        "daily",
    )
    assert row.conditions == [OVER.as_json() | {"factor": "w01018", "parameters": {"days": 2}}]
    assert "Hours over the limit, COD ≥ 1 h" in saved.content.decode()
    form = page(officer, "screening-change", screening_id=row.pk)
    assert 'value="1.0"' in form
    post(officer, "screening-change", FORM | {"condition-0-threshold": "2"}, screening_id=row.pk)
    row.refresh_from_db()
    assert row.conditions[0]["threshold"] == 2.0
    waiting = post(officer, "screening-run", screening_id=row.pk).content.decode()
    assert "Waiting" in waiting
    assert 'hx-trigger="every 1s"' in waiting
    made = ScreeningRun.objects.get()
    run_screening(made.pk)
    ran = page(officer, "screened", run_id=made.pk)
    assert "Nothing in your territory fits" in ran
    assert "1 looked at" in ran
    assert "every 1s" not in ran


def test_whoever_changes_a_screening_of_another_town_does_not_widen_it(
    browser: Callable[[str], Client], cast: SimpleNamespace, grid: Any
) -> None:
    from qingyuan.places.api import post_person

    row = save_screening(Definition("镇上", (OVER,), cell=grid.town), cast.analyst, OFFICE)
    post_person(cast.officer, grid.other_town, valid_from=LONG_AGO)
    officer = browser("officer")
    shown = page(officer, "screening-change", screening_id=row.pk)
    assert f'<option value="{grid.town.code}" selected>' in shown
    post(officer, "screening-change", FORM | {"cell": grid.town.code, "days": "5"}, screening_id=row.pk)
    row.refresh_from_db()
    assert (row.cell, row.days) == (grid.town, 5)
    refused = post(officer, "screening-new", FORM | {"cell": grid.town.code})
    assert refused.status_code == 422


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"title_zh": ""}, "This field is required"),
        ({"condition-0-threshold": ""}, "Found no threshold, expected a number."),
        ({"condition-0-threshold": "many"}, "Enter a number"),
        ({"condition-0-set-days": "900"}, "less than or equal to 366"),
        ({"condition-0-factor": "x9"}, "Found factor x9"),
        ({"condition-0-fact": "nothing"}, "expected one of"),
        ({"needed": "4"}, "expected 1 to 1"),
        ({"count": "0"}, "Found 0 conditions, expected 1 to 10."),
        ({"count": "x"}, "Found 0 conditions"),
        ({"industry": "纸"}, "expected the beginning of a code"),
    ],
)
def test_a_wrong_field_says_what_is_wrong_and_keeps_what_was_typed(
    browser: Callable[[str], Client], grid: Any, changes: dict[str, str], says: str
) -> None:
    answer = post(browser("analyst"), "screening-new", FORM | changes)
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert changes.get("title_zh", "超标企业") in answer.content.decode()
    assert not Screening.objects.exists()


def test_a_run_shows_numbers_reasons_and_what_shows_them(run: ScreeningRun, browser: Callable[[str], Client]) -> None:
    text = page(browser("leader"), "screened", run_id=run.pk)
    assert "East Water Ltd" in text
    assert "1 of 1 hours in the last 3 days were over the limit" in text
    assert "/stations/outlet-1/?factor=w01018&amp;basis=measured&amp;from=" in text
    assert "Hours over the limit, h" in text
    address = text.partition('<a href="/stations/outlet-1/')[2].partition('"')[0].replace("&amp;", "&")
    assert browser("leader").get(f"/stations/outlet-1/{address}").status_code == 200
    assert "Enter as clue" in text
    assert "Open a case" not in text


@pytest.mark.mission("S2-01")
def test_conversion_is_shown_from_the_list_to_the_case(run: ScreeningRun, browser: Callable[[str], Client]) -> None:
    row = run.rows.get()
    analyst, duty = browser("analyst"), browser("duty_officer")
    entered = post(analyst, "screened-clue", row_id=row.pk).content.decode()
    clue = Finding.objects.get()
    assert f"Entered as finding {clue.pk}" in entered
    told = page(analyst, "finding", finding_id=clue.pk)
    assert "What the screening said" in told
    assert "East Water Ltd meets 1 of 1 conditions of the screening “Over the limit”" in told
    assert reverse("screened", kwargs={"run_id": run.pk}) in told
    again = post(analyst, "screened-clue", row_id=row.pk)
    assert again.status_code == 409
    assert f"This row was entered already: finding {clue.pk}" in again.content.decode()
    opened = post(duty, "screened-case", row_id=row.pk)
    assert opened.status_code == 200
    assert Finding.objects.count() == 1
    text = page(analyst, "screened", run_id=run.pk)
    assert "Not decided" in text
    listing = page(analyst, "screenings")
    assert listing.count("100.0%") == 2
    assert "0.0%" in listing


def test_cases_for_several_rows_are_opened_in_one_go_for_one_reason(
    over: Any, cast: SimpleNamespace, browser: Callable[[str], Client]
) -> None:
    """One without a station is named and left; pressed again, nothing is opened twice."""
    _bare("91500000TEST000078", "空厂", "Bare")
    second = _bare("91500000TEST000079", "西厂", "West Works")
    register_station(
        "west", title_zh="西", title_en="West", kind="outlet-water", lon=100.05, lat=30.1, enterprise=second
    )
    definition = Definition("全部", (Condition("findings_on_file", Comparison.AT_LEAST, 0.0),))
    run = screened(save_screening(definition, cast.analyst, OFFICE).pk, cast.analyst, OFFICE)
    duty, where = browser("duty_officer"), reverse("screened-cases", kwargs={"run_id": run.pk})
    assert "Open a case for each chosen row" in page(duty, "screened", run_id=run.pk)
    assert "Open a case for each chosen row" not in page(browser("analyst"), "screened", run_id=run.pk)
    chosen = [str(row.pk) for row in run.rows.all()]
    assert len(chosen) == 3
    assert duty.post(where, {"row": chosen}).status_code == 422, "without a reason"
    assert duty.post(where, {"row": ["999999", "x"], "why": "专项"}).status_code == 422, "without a row"
    assert browser("analyst").post(where, {"row": chosen, "why": "专项"}).status_code == 403
    assert not Finding.objects.exists()
    text = duty.post(where, {"row": chosen, "why": "专项检查"}, follow=True).content.decode()
    found = cases(cast.duty_officer)
    assert {one.finding.station.enterprise for one in found} == {over, second}
    assert "2 cases are open" in text
    assert "Bare: The enterprise has no station yet" in text
    assert {line.why for one in found for line in log.about(f"case/{one.pk}") if line.act == "CaseOpened"} == {
        "专项检查"
    }
    again = duty.post(where, {"row": chosen, "why": "专项检查"}, follow=True).content.decode()
    assert again.count("belongs to case") == 2
    assert cases(cast.duty_officer).count() == 2


def led(text: str, having: str) -> list[tuple[str, int]]:
    """The links with that in their address whose words begin with a number."""
    found = re.findall(r'<a(?: class="qy-figure")? href="([^"]*)">(?:<strong>)?([0-9]+)<', text)
    return [(unescape(address), int(number)) for address, number in found if having in address]


def test_each_number_of_screenings_leads_to_a_list_of_as_many(
    run: ScreeningRun, browser: Callable[[str], Client], cast: SimpleNamespace
) -> None:
    other = Definition("另一超标", (OVER,), title_en="Over again", days=3)
    twice = save_screening(other, cast.analyst, OFFICE)
    for _time in range(2):  # what is listed again counts once
        screened(twice.pk, cast.analyst, OFFICE)
    post(browser("duty_officer"), "screened-case", row_id=run.rows.get().pk)
    analyst = browser("analyst")
    numbers = led(page(analyst, "screenings") + page(analyst, "screening", screening_id=twice.pk), "became=")
    assert sorted(number for _address, number in numbers) == [0] * 4 + [1] * 7 + [2]
    for address, number in numbers:
        assert analyst.get(address).content.decode().count("data-queue-item") == number, address
    ((address, number),) = led(page(analyst, "layers"), "screenings/rows/")
    assert number == 3, "each run of the last thirty days"
    assert analyst.get(address).content.decode().count("data-queue-item") == 3
    text = analyst.get(address).content.decode()
    assert f'href="{reverse("screened", kwargs={"run_id": run.pk})}?q=' in text
    with clock.wound_to(clock.now() + timedelta(days=31)):
        assert "data-queue-item" not in analyst.get(address).content.decode()
    for strange in ("x", "²", "9" * 30):
        asked = {"screening": strange, "became": strange, "since": strange}
        assert analyst.get(reverse("screened-rows"), asked).status_code == 200


def test_a_case_can_be_opened_at_once_and_the_next_run_shows_the_open_clue(
    run: ScreeningRun, browser: Callable[[str], Client], cast: SimpleNamespace
) -> None:
    post(browser("duty_officer"), "screened-case", row_id=run.rows.get().pk)
    clue = Finding.objects.get()
    assert ScreeningRow.objects.get().clue == clue
    later = screened(run.screening_id, cast.analyst, OFFICE)
    text = page(browser("duty_officer"), "screened", run_id=later.pk)
    assert "open already, so not entered twice" in text
    assert "Enter as clue" not in text
    assert "Open a case" not in text
    assert (
        "East Water"
        not in browser("duty_officer")
        .get(reverse("screened", kwargs={"run_id": later.pk}), {"clue": "entered"})
        .content.decode()
    )


def test_a_periodic_screening_puts_suspected_problems_on_the_grid_workers_task_list(
    over: Any, browser: Callable[[str], Client], cast: SimpleNamespace, grid: Any
) -> None:
    from qingyuan.dispatching.api import add_rule, open_case_for_finding
    from qingyuan.judging.api import run_due_screenings
    from qingyuan.judging.events import FindingOpened
    from qingyuan.kit import log
    from qingyuan.loop import LOOP

    add_rule(title_zh="线索核查", title_en="Check clues", case_type="exceedance", detector="reported",
             severity_from=1, valid_from=LONG_AGO)  # fmt: skip
    saved = post(browser("analyst"), "screening-new", FORM | {"cell": "", "enters": "1", "condition-0-set-days": "3"})
    assert "at most 1 of a run by the timer" in saved.content.decode()
    with clock.wound_to(NINE + timedelta(days=1)):
        assert run_due_screenings(clock.now()) == 1
        run = ScreeningRun.objects.get()
        run_screening(run.pk)
        clue = Finding.objects.get()
        assert run.rows.get().clue == clue
        (line,) = [one for one in log.about(f"finding/{clue.pk}") if one.act == "FindingOpened"]
        assert (line.actor, line.origin) == ("analyst", "platform")
        assert open_case_for_finding in LOOP[FindingOpened]
        open_case_for_finding(FindingOpened.from_detail(line.detail))
        text = page(browser("grid_worker"), "tasks")
        assert "East Water outlet" in text
        assert "East Water outlet" not in page(browser("other_grid_worker"), "tasks")
    with clock.wound_to(NINE + timedelta(days=2)):
        run_due_screenings(clock.now())
        run_screening(ScreeningRun.objects.first().pk)
    assert Finding.objects.count() == 1, "its clue is open still"


def test_as_many_clues_are_entered_as_the_screening_lets_and_none_by_a_run_by_hand(
    over: Any, cast: SimpleNamespace, channel: Any
) -> None:
    for number in range(1, 5):
        owner = _bare(f"91500000TEST0001{number:02d}", f"厂{number}", f"Works {number}")
        if number != 1:  # the first has no station
            register_station(f"out-{number}", title_zh="排口", title_en="outlet", kind="outlet-water", lon=100.05,
                             lat=30.1, enterprise=owner)  # fmt: skip
    every = Condition("findings_on_file", Comparison.AT_LEAST, 0.0)
    definition = Definition("全部", (every,), schedule="daily", enters=3)
    row = save_screening(definition, cast.analyst, OFFICE)
    screened(row.pk, cast.analyst)
    assert not Finding.objects.exists()
    run = start_screening(row.pk, None)
    run_screening(run.pk)
    listed = list(run.rows.order_by("rank").values_list("enterprise__title_zh", "clue"))
    assert [title for title, clue in listed if clue] == ["东江水务有限公司", "厂2", "厂3"]


def test_a_run_that_nobody_is_at_says_so(over: Any, browser: Callable[[str], Client], cast: SimpleNamespace) -> None:
    row = save_screening(Definition("超标企业", (OVER,)), cast.analyst, OFFICE)
    made = start_screening(row.pk, cast.analyst, OFFICE)
    client = browser("analyst")
    assert "not moved for ten minutes" not in page(client, "screened", run_id=made.pk)
    with clock.wound_to(made.started_at + timedelta(minutes=11)):
        assert "not moved for ten minutes" in page(client, "screened", run_id=made.pk)


def test_a_failed_run_says_why(run: ScreeningRun, browser: Callable[[str], Client], cast: SimpleNamespace) -> None:
    Screening.objects.update(conditions=[OVER.as_json() | {"fact": "gone"}])
    failed = screened(run.screening_id, cast.analyst)
    text = page(browser("analyst"), "screened", run_id=failed.pk)
    assert "The run failed, nothing was listed" in text
    assert "gone" in text
    assert page(browser("analyst"), "screening", screening_id=run.screening_id)
    assert page(browser("analyst"), "screening-change", screening_id=run.screening_id)
    assert page(browser("analyst"), "screenings")


def test_the_pages_take_as_many_queries_for_many_enterprises_as_for_one(
    run: ScreeningRun, browser: Callable[[str], Client], cast: SimpleNamespace
) -> None:
    client = browser("analyst")
    counts = []
    for turn in range(2):
        last = screened(run.screening_id, cast.analyst, OFFICE)
        for name, values in (
            ("screened", {"run_id": last.pk}),
            ("screenings", {}),
            ("screened-table", {"run_id": last.pk}),
        ):
            client.get(reverse(name, kwargs=values))
            with CaptureQueriesContext(connection) as asked:
                client.get(reverse(name, kwargs=values))
            counts.append(len(asked))
        Screening.objects.update(conditions=[Condition("findings_on_file", Comparison.AT_LEAST, 0.0).as_json()])
        for number in range(5):
            _bare(f"91500000TEST2{turn}00{number:02d}"[:18], "厂", "Works")
    assert counts[:3] == counts[3:]
    assert last.rows.count() == 6


def _bare(code: str, zh: str, en: str) -> Any:
    return register_enterprise(
        code, lon=100.05, lat=30.1, organisation=None, title_zh=zh, title_en=en, industry_code="4620",
        industry_zh="污水处理", industry_en="Sewage", management="key",
    )  # fmt: skip


def test_the_workbook_holds_numbers_evidence_and_how_it_was_run(
    run: ScreeningRun, browser: Callable[[str], Client]
) -> None:
    answer = browser("analyst").get(reverse("screened-table", kwargs={"run_id": run.pk}))
    assert answer.headers["Content-Disposition"].endswith('.xlsx"')
    book = load_workbook(BytesIO(answer.content))
    assert book.sheetnames == ["List", "Evidence", "How it was run"]
    head, row = ([cell.value for cell in line] for line in book["List"].iter_rows())
    assert head[4] == "Hours over the limit, h"
    assert row[:5] == [1, "East Water Ltd", "91500000TEST000001", "East One", 1.0]
    assert isinstance(row[4], int | float)
    evidence = [[cell.value for cell in line] for line in book["Evidence"].iter_rows()][1]
    assert evidence[3].startswith("1 of 1 hours")
    assert evidence[5].startswith("http://testserver/stations/outlet-1/?factor=w01018")
    told = dict([cell.value for cell in line] for line in book["How it was run"].iter_rows())
    assert told["Condition 1"] == "Hours over the limit ≥ 1 h"
    assert told["Run by"] == "Analyst"
    assert told["Data from"] == "2026-11-19 10:00 (UTC+8)"
    assert told["Version of qingyuan"]


@pytest.mark.parametrize("title", ['=HYPERLINK("http://x")', "+1+1", "-2+3", "@SUM(A1)", "\t=1", "a\x07b"])
def test_nothing_that_people_typed_is_computed_by_a_spreadsheet(
    cast: SimpleNamespace, browser: Callable[[str], Client], grid: Any, title: str
) -> None:
    _bare("91500000TEST000077", title, title)
    definition = Definition(title, (Condition("findings_on_file", Comparison.AT_LEAST, 0.0),))
    run = screened(save_screening(definition, cast.analyst, OFFICE).pk, cast.analyst, OFFICE)
    answer = browser("analyst").get(reverse("screened-table", kwargs={"run_id": run.pk}))
    book = load_workbook(BytesIO(answer.content))
    cells = [cell for sheet in book for line in sheet.iter_rows() for cell in line if isinstance(cell.value, str)]
    shown = title.replace("\x07", "").strip()
    assert any(cell.value.strip() == shown for cell in cells)
    assert {cell.data_type for cell in cells} == {"s"}
    assert {cell.number_format for cell in cells} == {"@"}
    assert all(cell.quotePrefix for cell in cells)


def test_a_row_without_a_station_says_why_it_cannot_be_entered(
    cast: SimpleNamespace, browser: Callable[[str], Client], grid: Any
) -> None:
    owner = _bare("91500000TEST000078", "空厂", "Bare")
    definition = Definition("全部", (Condition("findings_on_file", Comparison.AT_LEAST, 0.0),))
    row = screened(save_screening(definition, cast.analyst, OFFICE).pk, cast.analyst, OFFICE).rows.get()
    refused = post(browser("analyst"), "screened-clue", row_id=row.pk)
    assert refused.status_code == 409
    assert "has no station yet" in refused.content.decode()
    register_station(
        "late", title_zh="新点", title_en="New", kind="outlet-water", lon=100.05, lat=30.1, enterprise=owner
    )
    assert post(browser("analyst"), "screened-clue", row_id=row.pk).status_code == 200
    assert Finding.objects.get().started_at == row.run.span_end - timedelta(days=30)
