"""A decision is judged by what was known when it was taken: readings, limits, rules and people of then beside now's."""

import csv
import io
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from casefile import NINE
from django.test import Client
from pages import get, words

from qingyuan.judging.api import end_watch, set_override, set_watch
from qingyuan.judging.hindsight import known_of
from qingyuan.judging.queries import watches
from qingyuan.kit import clock
from qingyuan.places.api import OwnLimit, end_posting, enter_permit, post_person
from qingyuan.places.queries import Posting
from qingyuan.recording.api import append
from qingyuan.sensing.api import Rows
from qingyuan.sensing.logic.raw import segments

pytestmark = pytest.mark.django_db
Browser = Callable[[str], Client]
DECIDED = NINE + timedelta(hours=1, minutes=30)
LATER = NINE + timedelta(hours=3)
PERMIT = "91110000802100433B001P"
DAYS = (date(2026, 1, 1), date(2026, 12, 31))


def received(channel: Any, value: float, at: datetime) -> None:
    """The hour of nine comes, or comes again with another value, at an instant."""
    rows, instant = Rows(), round(NINE.timestamp() * 1_000_000)
    rows.add((channel.pk, "h", instant), (value, np.nan, np.nan, np.nan), "N", round(at.timestamp() * 1_000_000))
    append(rows, segments.append(segments.Body(b"again", 0, datetime(2026, 1, 1, tzinfo=UTC))))


def known_at(case: Any, browser: Browser, at: datetime, now: datetime = LATER) -> str:
    with clock.wound_to(now):
        page = browser("officer").get(f"/findings/{case.finding_id}/then/", {"at": at.isoformat()})
    assert page.status_code == 200
    return words(page)


def test_an_instant_before_anything_was_measured_is_refused(case: Any, browser: Browser) -> None:
    page = browser("officer").get(f"/findings/{case.finding_id}/then/", {"at": "0001-01-01"})
    assert page.status_code == 422
    assert "Found day “0001-01-01”, expected one from 1990-01-01 to 2100-12-31." in words(page)


def test_a_reading_that_was_corrected_since_stands_as_it_stood_with_the_verdict_of_then(
    case: Any, channel: Any, browser: Browser
) -> None:
    received(channel, 31.0, DECIDED + timedelta(minutes=5))
    then = known_at(case, browser, DECIDED)
    assert "Something is known otherwise now" in then
    verdict = then.partition("What the detector says of it")[2].partition("What Known then")[0]
    assert "68.4 mg/L" in verdict.partition("Known now")[0]
    assert "It finds nothing." in verdict.partition("Known now")[2]
    assert "11-22 09:00 :00 68.4 31.0" in then.replace("2026-", "")
    since = known_at(case, browser, LATER)
    assert "Nothing is known otherwise now" in since
    assert "68.4" not in since.partition("What the detector says of it")[2]


def test_a_permit_entered_since_does_not_count_as_known_then(case: Any, station: Any, browser: Browser) -> None:
    station.enterprise.code = PERMIT[:18]
    station.enterprise.save()
    with clock.wound_to(DECIDED + timedelta(minutes=5)):
        own = OwnLimit(station, "w01018", averaging="hour", unit="mg/L", low=None, high=100.0)
        enter_permit(station.enterprise, number=PERMIT, management="key", days=DAYS, limits=[own])
    told = known_at(case, browser, DECIDED)
    row = told.partition("Limits that bound on the day of the data")[2].partition("Watch rule")[0]
    assert row.index("≤ 50 mg/L") < row.index("≤ 100 mg/L")
    assert "differs" in row
    assert "It finds nothing." in told


def test_a_rule_holds_as_it_was_known_then_whatever_was_set_or_ended_since(
    case: Any, station: Any, browser: Browser
) -> None:
    with clock.wound_to(DECIDED + timedelta(minutes=5)):
        days = (date(2026, 11, 1), date(2026, 11, 30))
        set_override("exceedance", parameters={"minimum_periods": 3}, reason="试运行", days=days, station=station)
    told = known_at(case, browser, DECIDED)
    assert "It finds nothing." in told.partition("What the detector says of it")[2]
    with clock.wound_to(DECIDED + timedelta(minutes=10)):
        end_watch(watches().get().pk, date(2026, 11, 1))
    assert "It was not told to look there." in known_at(case, browser, DECIDED)
    before = known_of(case.finding, DECIDED).rule
    between = known_of(case.finding, DECIDED + timedelta(minutes=7)).rule
    assert before is not None
    assert between is not None
    assert (before.overrides, [one.parameters for one in between.overrides]) == ((), [{"minimum_periods": 3}])
    assert known_of(case.finding, LATER).rule is None


def test_a_rule_set_since_was_not_known_then(case: Any) -> None:
    with clock.wound_to(DECIDED + timedelta(minutes=5)):
        set_watch(
            "exceedance", kind="h", valid_from=date(2020, 1, 1), station=case.finding.station,
            parameters={"minimum_periods": 2},
        )  # fmt: skip
    then, now = (known_of(case.finding, at).rule for at in (DECIDED, LATER))
    assert then is not None
    assert now is not None
    assert (then.parameters, now.parameters) == ({}, {"minimum_periods": 2})


def test_who_answered_for_the_place_is_told_as_it_was_known_then(
    case: Any, cast: SimpleNamespace, browser: Browser
) -> None:
    posting = Posting.objects.get(user=cast.grid_worker)
    with clock.wound_to(DECIDED + timedelta(minutes=5)):
        end_posting(posting, date(2026, 11, 1), why="换岗")
        post_person(cast.other_grid_worker, posting.cell, valid_from=date(2026, 11, 2))
    told = known_at(case, browser, DECIDED).partition("Grid worker of the cell")[2]
    assert told.startswith(f" {cast.grid_worker.name} {cast.other_grid_worker.name} differs")


def test_what_was_known_then_equals_the_bundle_that_was_sealed_then(case: Any, channel: Any) -> None:
    from qingyuan.showing.api import write_evidence

    file = io.BytesIO()
    with clock.wound_to(DECIDED):
        write_evidence(case, file)
    received(channel, 31.0, DECIDED + timedelta(minutes=5))
    with zipfile.ZipFile(file) as archive:
        sealed = list(csv.DictReader(archive.read("readings.csv").decode("utf-8-sig").splitlines()))
    found = known_of(case.finding, DECIDED).readings
    assert [float(one["value"]) for one in sealed if one["kind"] == "h"] == found.value.tolist() == [68.4]
    assert known_of(case.finding, LATER).readings.value.tolist() == [31.0]


def test_moments_of_finding_and_case_are_offered_and_a_wrong_time_is_refused(case: Any, browser: Browser) -> None:
    with clock.wound_to(LATER):
        page = browser("officer").get(f"/findings/{case.finding_id}/then/", {"at": DECIDED.isoformat()})
        assert page.content.decode().count("?at=") >= 2
        for wrong, told in (("gestern", "Found time “gestern”"), ("2099-01-01T00:00", "still to come")):
            refused = browser("officer").get(f"/findings/{case.finding_id}/then/", {"at": wrong})
            assert refused.status_code == 422
            assert told in words(refused)
        assert f"/findings/{case.finding_id}/then/" in get(browser("officer"), "case", case_id=case.pk).content.decode()


def test_whoever_may_not_see_the_finding_is_not_told_what_was_known(case: Any, browser: Browser) -> None:
    assert browser("other_grid_worker").get(f"/findings/{case.finding_id}/then/").status_code == 404
