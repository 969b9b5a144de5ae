"""An hourly mean above a daily limit is a warning, and is called one wherever it is read; clues are like their kind."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from casefile import LONG_AGO, NINE
from django.test import Client
from pages import get, words

from qingyuan.dispatching.api import open_case_for_finding
from qingyuan.judging.api import judge_readings, set_watch
from qingyuan.judging.events import FindingOpened
from qingyuan.judging.queries import REPORTED, Finding, FindingState, SeverityLevel, binding_mean
from qingyuan.kit import log
from qingyuan.places.queries import GridCell
from qingyuan.showing.logic.judging.outcomes import alike
from qingyuan_science.series import Averaging

HOUR = timedelta(hours=1)
pytestmark = pytest.mark.django_db
Browser = Callable[[str], Client]
TITLE = "COD hourly mean above the limit for the daily mean"


def test_list_case_and_finding_call_an_hour_above_a_daily_limit_by_what_it_is(case: Any, browser: Browser) -> None:
    duty = browser("duty_officer")
    for page in (
        words(get(duty, "findings", {"state": "all"})),
        words(get(duty, "cases", {"state": "all"})),
        words(get(duty, "case", case_id=case.pk)),
        words(get(duty, "finding", finding_id=case.finding_id)),
    ):
        assert TITLE in page
        assert "COD exceedance" not in page


def test_the_page_says_that_a_warning_establishes_no_violation(case: Any, browser: Browser) -> None:
    page = words(get(browser("officer"), "finding", finding_id=case.finding_id))
    told = "not established: the limit is for the daily mean, and these are Hour means"
    assert f"Suspected violation Discharge over the limits {told}" in page
    assert "Beyond it by 0.368" in page
    assert "Exceedance multiple" not in page
    assert binding_mean(case.finding) is Averaging.DAY


def test_the_list_names_the_case_also_of_a_finding_that_was_put_into_an_open_one(
    case: Any, browser: Browser, channel: Any, readings: Any
) -> None:
    judge_readings(readings(channel, "h", [(NINE + number * HOUR, 30.0) for number in (1, 2)]))
    judge_readings(readings(channel, "h", [(NINE + 3 * HOUR, 71.0)]))
    further = Finding.objects.exclude(pk=case.finding_id).get()
    told = next(line for line in log.about(f"finding/{further.pk}") if line.act == "FindingOpened")
    open_case_for_finding(FindingOpened.from_detail(told.detail))
    page = words(get(browser("duty_officer"), "findings", {"state": "all"}))
    assert page.count(case.number) == 2


def test_a_day_above_a_daily_limit_is_an_exceedance(channel: Any, readings: Any, browser: Browser) -> None:
    set_watch("exceedance", kind="d", valid_from=LONG_AGO)
    judge_readings(readings(channel, "d", [(NINE.replace(hour=16, day=20), 68.4)]))
    found = Finding.objects.get()
    assert (found.title_zh, binding_mean(found)) == ("COD 超标", None)
    page = words(get(browser("officer"), "finding", finding_id=found.pk))
    assert "Exceedance multiple 0.368" in page
    assert "not established" not in page


def clue(cell: GridCell, title: str, **edition: Any) -> Finding:
    return Finding.objects.create(
        detector=REPORTED, cause=REPORTED, cell=cell, lon=100.0, lat=30.0, state=FindingState.OPEN,
        severity=SeverityLevel.MINOR, started_at=NINE, ended_at=NINE, opened_at=NINE, peak=0.0, unit="", times_over=0.0,
        confidence=1.0, title_zh=title, title_en=title, sentence_zh=title, sentence_en=title, edition=edition,
    )  # fmt: skip


def test_what_a_satellite_saw_is_not_compared_with_what_people_or_drones_reported(
    cast: SimpleNamespace, grid: Any
) -> None:
    cell = GridCell.objects.order_by("pk").first()
    assert cell is not None
    fire = clue(cell, "fire", suspected_problem=1)
    other_fire = clue(cell, "another fire", suspected_problem=2)
    drone = clue(cell, "drone", seen={"by": "flight", "number": 1, "key": "a"})
    clue(cell, "drive", seen={"by": "drive", "number": 1, "key": "a"})
    person, another = clue(cell, "smell"), clue(cell, "smoke")
    told = {one: [like.pk for like, _outcome in alike(cast.duty_officer, one).newest] for one in (fire, drone, person)}
    assert told == {fire: [other_fire.pk], drone: [], person: [another.pk]}
