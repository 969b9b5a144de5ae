"""Rehearsals as people meet them: asked for in a form, run as a job, read beside what was really found."""

import csv
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from casefile import LONG_AGO, NINE
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob

from qingyuan.judging.api import dismiss, end_watch, export_rules, judge_readings, run_rehearsal, set_watch
from qingyuan.judging.queries import Finding, rehearsals, watches
from qingyuan.judging.rules import in_force
from qingyuan.kit import clock, log
from qingyuan.kit.log import Origin
from qingyuan.places.api import post_person

pytestmark = pytest.mark.django_db
Browser = Callable[[str], Client]
HOUR = timedelta(hours=1)
DAYS = {"first_day": "2026-11-21", "last_day": "2026-11-22"}


@pytest.fixture
def two_days(cast: Any, channel: Any, readings: Callable[..., Any]) -> None:
    """Three stretches over the limit; the second, of one hour, was found, and nobody watched during the others."""
    set_watch("exceedance", kind="h", valid_from=LONG_AGO)
    values = [30.0] * 36
    values[2:5], values[12], values[30:32] = [70.0] * 3, 60.0, [80.0] * 2
    rows = [(NINE - HOUR * (35 - place), value) for place, value in enumerate(values)]
    judge_readings(readings(channel, "h", rows[10:20]))
    end_watch(watches().get().pk, LONG_AGO)
    readings(channel, "h", rows)
    set_watch("exceedance", kind="h", valid_from=NINE.date())


def started(analyst: Client, **changes: Any) -> Any:
    """The rehearsal that the form asks for, run as its job would."""
    asked = {"source": "force", "held": "on", "detector": "exceedance", "kind": "h", **DAYS, **changes}
    answer = analyst.post(reverse("rehearsal-new"), asked)
    assert answer.status_code == 302, answer.context["form"].errors
    made = rehearsals()[0]
    job = ProcrastinateJob.objects.get(task_name="judging.rehearse", args={"rehearsal_id": made.pk})
    assert (job.queue_name, job.status, made.state) == ("rehearsals", "todo", "waiting")
    run_rehearsal(made.pk)
    made.refresh_from_db()
    return made


def shown(reader: Client, made: Any, **asked: str) -> Any:
    answer = reader.get(reverse("rehearsal", kwargs={"rehearsal_id": made.pk}), asked)
    assert answer.status_code == 200
    return answer.context


def test_rules_of_today_are_rehearsed_as_if_they_had_always_held(two_days: None, browser: Browser) -> None:
    before = list(Finding.objects.values_list("pk", "state", "ended_at"))
    made = started(browser("analyst"), title="全年演练")
    page = shown(browser("leader"), made)
    whole = page["sums"].whole
    assert (whole.found, whole.known, whole.new, whole.missed) == (3, 1, 2, 0)
    assert [(line.title, line.found) for line in page["sums"].months] == [("2026-11", 3)]
    assert [line.key for line in page["sums"].stations] == ["outlet-1"]
    assert (made.title, made.channels, made.done, made.made_by.username) == ("全年演练", 1, 1, "analyst")
    assert list(Finding.objects.values_list("pk", "state", "ended_at")) == before
    assert [line.act for line in log.about(f"rehearsal/{made.pk}")] == ["RehearsalStarted", "RehearsalEnded"]


def test_rules_with_their_own_days_find_nothing_before_their_first(two_days: None, browser: Browser) -> None:
    page = shown(browser("analyst"), started(browser("analyst"), held=""))
    assert (page["sums"].whole.found, page["sums"].whole.missed) == (1, 1)


def test_one_detector_set_otherwise_shows_what_it_misses_and_what_was_refuted(
    two_days: None, browser: Browser, cast: Any
) -> None:
    dismiss(Finding.objects.get().pk, cast.analyst, "校准", Origin(), code="service")
    analyst = browser("analyst")
    page = shown(analyst, started(analyst, source="change", **{"set-minimum_periods": "2"}))
    whole, decided = page["sums"].whole, page["sums"].decided
    assert (whole.found, whole.known, whole.missed) == (2, 0, 1)
    assert [(row["kept"], row["gone"]) for row in decided] == [(0, 0), (0, 1), (0, 0)], "the refuted one is spared"
    assert len(page["more"]) == len(page["fewer"]) == 1
    assert [one["known"].pk for one in shown(analyst, page["run"], which="missed")["rows"]] == [
        Finding.objects.get().pk
    ]


def test_two_findings_on_file_that_one_of_a_rehearsal_spans_are_both_met(
    cast: Any, channel: Any, readings: Callable[..., Any], browser: Browser
) -> None:
    set_watch("exceedance", kind="h", valid_from=LONG_AGO, parameters={"gap_periods": 0})
    values = [30.0] * 36
    values[5], values[8] = 60.0, 60.0
    rows = [(NINE - HOUR * (35 - place), value) for place, value in enumerate(values)]
    for begin in range(0, 36, 3):
        judge_readings(readings(channel, "h", rows[begin : begin + 3]))
    assert Finding.objects.count() == 2
    analyst = browser("analyst")
    page = shown(analyst, started(analyst, source="change", **{"set-gap_periods": "6"}))
    assert (page["sums"].whole.found, page["sums"].whole.missed) == (1, 0)
    assert sum(row["kept"] for row in page["sums"].decided) == 2
    assert not shown(analyst, page["run"], which="missed")["rows"]


def test_what_lies_where_a_rehearsal_did_not_look_is_not_missed_by_it(
    two_days: None, browser: Browser, cast: Any, grid: Any
) -> None:
    from qingyuan.places.api import post_person

    post_person(cast.analyst, grid.other_town, valid_from=LONG_AGO)
    page = shown(browser("leader"), started(browser("analyst")))
    whole = page["sums"].whole
    assert (page["run"].channels, whole.found, whole.missed) == (0, 0, 0)


def test_a_page_says_who_would_have_got_the_findings(two_days: None, browser: Browser, cast: Any) -> None:
    from qingyuan.dispatching.api import add_rule

    add_rule(
        title_zh="超标核查", title_en="Check it", case_type="exceedance", severity_from=2, valid_from=LONG_AGO,
        organisation=cast.handler.organisation,
    )  # fmt: skip
    page = shown(browser("leader"), started(browser("analyst")))
    told = {(one.to, one.organisation, one.found) for one in page["sums"].addressees}
    assert told == {("", "", 2), ("Grid_Worker (grid worker)", "City Works", 1)}, "70 is 0.4 times over, 80 is 0.6"


def test_a_file_of_another_district_is_rehearsed_or_refused_with_the_reason(two_days: None, browser: Browser) -> None:
    analyst = browser("analyst")
    given = json.loads(analyst.get(reverse("rules-json")).content)
    assert len(given["edition"]) == 12
    given["watches"] = [{"detector": "exceedance", "kind": "h", "parameters": {"minimum_periods": 3}}]

    def sent(content: bytes) -> Any:
        return SimpleUploadedFile("rules.json", content, "application/json")

    made = started(analyst, source="file", file=sent(json.dumps(given).encode()))
    assert shown(analyst, made)["sums"].whole.found == 1
    kept = json.loads(analyst.get(reverse("rehearsal-rules", kwargs={"rehearsal_id": made.pk})).content)
    assert kept["watches"] == [{**given["watches"][0], "enabled": True}]
    asked = {"source": "file", "detector": "exceedance", "kind": "h", **DAYS}
    bad = json.dumps({**given, "watches": [{"detector": "no-such", "kind": "h"}]}).encode()
    odd = json.dumps({**given, "watches": [{"detector": "exceedance", "kind": "h", "valid_from": "soon"}]}).encode()
    flat = json.dumps({**given, "watches": "all"}).encode()
    for content, said in ((b"{", "JSON"), (bad, "no-such"), (b"[]", "qingyuan-rules"), (odd, "soon"), (flat, "list")):
        for held in ("on", ""):
            answer = analyst.post(reverse("rehearsal-new"), {**asked, "held": held, "file": sent(content)})
            assert answer.status_code == 422
            assert said in answer.content.decode()
    assert rehearsals().count() == 1


def test_rules_that_were_rehearsed_are_put_into_force_in_place_of_todays(
    two_days: None, browser: Browser, cast: Any, grid: Any
) -> None:
    """Exported, one setting changed in the file, rehearsed, put into force: the days before keep their rule."""
    analyst = browser("analyst")
    given = json.loads(analyst.get(reverse("rules-json")).content)
    for one in given["watches"]:
        one["parameters"] = {"minimum_periods": 5}
    file = SimpleUploadedFile("rules.json", json.dumps(given).encode(), "application/json")
    made = started(analyst, source="file", file=file)
    where = {"rehearsal_id": made.pk}
    assert reverse("rehearsal-force", kwargs=where) in analyst.get(reverse("rehearsal", kwargs=where)).content.decode()
    today = clock.now().astimezone(clock.SHANGHAI).date()
    (before,) = (one for one in watches() if in_force(one, today))
    count = watches().count()
    analyst.post(reverse("rehearsal-force", kwargs=where))
    (now,) = (one for one in watches() if in_force(one, today))
    assert (now.parameters, now.valid.lower, now.valid.upper) == ({"minimum_periods": 5}, today, None)
    kept = watches().get(pk=before.pk)
    assert (kept.parameters, kept.valid.isempty or kept.valid.upper == today) == ({}, True)
    again = analyst.post(reverse("rehearsal-force", kwargs=where))
    assert (again.status_code, watches().count()) == (302, count + 1), "once is enough"
    post_person(cast.analyst, grid.town, valid_from=LONG_AGO)
    assert analyst.post(reverse("rehearsal-force", kwargs=where)).status_code == 403, "of a town only"


def test_findings_are_taken_away_as_table_and_as_json(two_days: None, browser: Browser) -> None:
    made = started(browser("analyst"))
    leader, where = browser("leader"), {"rehearsal_id": made.pk}
    table = b"".join(leader.get(reverse("rehearsal-csv", kwargs=where)))  # type: ignore[call-overload]
    lines = table.decode("utf-8-sig").splitlines()
    assert len(lines) == 4
    assert "East Water outlet" in lines[1]
    told = b"".join(leader.get(reverse("rehearsal-json", kwargs=where), {"which": "new"}))  # type: ignore[call-overload]
    head, *found = [json.loads(line) for line in told.decode().splitlines()]
    assert head["rules"]["watches"] == [{"detector": "exceedance", "kind": "h", "parameters": {}, "enabled": True}]
    assert [(one["station"], one["peak"], one["finding"]) for one in found] == [
        ("outlet-1", 80.0, None), ("outlet-1", 70.0, None),
    ]  # fmt: skip


@pytest.mark.parametrize("title", ["=1+1", "\t=1+1", "\r=1+1"])
def test_a_text_that_a_spreadsheet_would_compute_is_shown_instead(
    two_days: None, browser: Browser, channel: Any, title: str
) -> None:
    channel.station.title_en = title
    channel.station.save()
    made = started(browser("analyst"))
    answer = browser("leader").get(reverse("rehearsal-csv", kwargs={"rehearsal_id": made.pk}))
    _head, *rows = csv.reader(b"".join(answer).decode("utf-8-sig").splitlines(keepends=True))  # type: ignore[call-overload]
    assert {row[2] for row in rows} == {f"'{title}"}


def test_everybody_sees_of_a_rehearsal_what_lies_in_the_own_territory(
    two_days: None, browser: Browser, cast: Any, grid: Any
) -> None:
    from qingyuan.places.api import post_person

    made = started(browser("analyst"))
    post_person(cast.supervisor, grid.other_town, valid_from=LONG_AGO)
    assert shown(browser("supervisor"), made)["sums"].whole.found == 0
    assert shown(browser("leader"), made)["sums"].whole.found == 3
    post_person(cast.administrator, grid.other_town, valid_from=LONG_AGO)
    assert started(browser("administrator")).channels == 0


def test_a_rehearsal_that_fails_says_why(two_days: None, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    from qingyuan.judging.logic.rehearsed import rehearsing

    def away(*_: object, **__: object) -> Any:
        raise OSError("the lake is away")

    monkeypatch.setattr(rehearsing, "over", away)
    made = started(browser("analyst"))
    assert (made.state, made.error) == ("failed", "OSError: the lake is away")
    assert "the lake is away" in browser("analyst").get(reverse("rehearsal", args=[made.pk])).content.decode()


def test_one_that_nobody_is_at_says_so_and_may_be_deleted_and_one_in_the_queue_does_not(
    two_days: None, browser: Browser
) -> None:
    analyst = browser("analyst")
    first, second = started(analyst), started(analyst)
    delete, note = reverse("rehearsal-drop", kwargs={"rehearsal_id": first.pk}), "its worker may have ended"

    def told(made: Any) -> str:
        return analyst.get(reverse("rehearsal", args=[made.pk])).content.decode()

    then = clock.now()
    rehearsals().filter(pk=first.pk).update(state="running", moved_at=then)
    rehearsals().filter(pk=second.pk).update(state="waiting", moved_at=then - HOUR)
    assert note not in told(second), "it waits for the first"
    assert note not in told(first)
    assert delete not in told(first)
    rehearsals().filter(pk=first.pk).update(moved_at=then - HOUR)
    assert note in told(second)
    assert note in told(first)
    assert delete in told(first)


def test_whoever_made_a_rehearsal_may_delete_it(two_days: None, browser: Browser) -> None:
    made = started(browser("analyst"))
    address = reverse("rehearsal-drop", kwargs={"rehearsal_id": made.pk})
    assert browser("leader").post(address).status_code == 403
    assert browser("analyst").post(address).status_code == 302
    assert not rehearsals().exists()
    run_rehearsal(made.pk)
    assert export_rules()["watches"], "a job that finds nothing to do is done"
