"""Judging a time again: what papers entered late show anew, what would not be found, and that the record stays."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from casefile import LONG_AGO, OFFICE
from django.test import Client
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob

from qingyuan.judging.api import dismiss, judge_readings, run_review, set_watch, start_review
from qingyuan.judging.queries import Finding, Review, ReviewedFinding
from qingyuan.kit import clock, log
from qingyuan.kit.errors import BadInput, Forbidden, NotFound
from qingyuan.places.api import OwnLimit, assign_meter, enter_permit, register_enterprise, register_station
from qingyuan.sensing.queries import Channel

pytestmark = pytest.mark.django_db
Browser = Callable[[str], Client]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MIDNIGHT = datetime(2026, 11, 19, 16, tzinfo=UTC)  # in Shanghai, of 20 November
CODE = "91110000802100433B"  # HJ 608-2017, annex A
DAYS = (date(2026, 11, 20), date(2026, 11, 20))


@pytest.fixture(autouse=True)
def later() -> Any:
    """Everything is looked at two days later."""
    with clock.wound_to(MIDNIGHT + 2 * DAY):
        yield


@pytest.fixture
def outlet(cast: SimpleNamespace, readings: Callable[..., Any]) -> Any:
    """COD against 50 mg/L: 60 at two and three o'clock, 45 at eight to ten, else 30; judged as it came."""
    from qingyuan.places.api import apply_standard

    owner = register_enterprise(
        CODE, lon=100.06, lat=30.1, organisation=cast.enterprise.organisation, title_zh="东山纸业",
        title_en="East Paper", industry_code="2221", industry_zh="造纸", industry_en="Paper", management="key",
    )  # fmt: skip
    at = register_station("DW001", title_zh="总排口", title_en="Outlet", kind="outlet-water", lon=100.06, lat=30.1,
                          enterprise=owner)  # fmt: skip
    apply_standard(at, standard="GB 18918-2002", level="1A", valid_from=LONG_AGO)
    channel = Channel.objects.create(station=at, factor="w01018", basis="measured", unit="mg/L")
    set_watch("exceedance", kind="h", valid_from=LONG_AGO, station_kind="outlet-water")
    values = [30.0] * 24
    values[2:4], values[8:11] = [60.0, 60.0], [45.0] * 3
    judge_readings(readings(channel, "h", [(MIDNIGHT + hour * HOUR, value) for hour, value in enumerate(values)]))
    return at


def permit(outlet: Any, high: float) -> None:
    limits = [OwnLimit(outlet, "w01018", mean, high, "mg/L") for mean in ("hour", "day")]
    enter_permit(outlet.enterprise, number=f"{CODE}001P", management="key", days=(LONG_AGO, None), limits=limits)


def record() -> list[Any]:
    shown = ("pk", "state", "started_at", "ended_at", "limit_high", "standard", "sentence_zh", "edition", "severity")
    return list(Finding.objects.order_by("pk").values_list(*shown))


def again(cast: SimpleNamespace, days: tuple[date, date] = DAYS) -> tuple[list[Finding], list[Finding]]:
    """What a review of the days opened anew, and what it found no more."""
    made = start_review(CODE, cast.officer, OFFICE, days=days, why="许可证补录")
    run_review(made.pk)
    made.refresh_from_db()
    assert (made.state, made.error) == ("done", "")
    rows = ReviewedFinding.objects.filter(review=made).select_related("finding")
    return [one.finding for one in rows if one.anew], [one.finding for one in rows if not one.anew]


def test_a_stricter_permit_entered_late_opens_what_it_shows_and_leaves_the_record_alone(
    outlet: Any, cast: SimpleNamespace
) -> None:
    before = record()
    permit(outlet, 40.0)
    anew, gone = again(cast)
    assert [(one.started_at, one.ended_at, one.limit_high) for one in anew] == [
        (MIDNIGHT + 8 * HOUR, MIDNIGHT + 11 * HOUR, 40.0)
    ]
    assert gone == []
    assert record()[:1] == before
    opened = [one.act for one in log.about(f"finding/{anew[0].pk}")]
    assert opened == ["FindingOpened", "FindingCleared"]
    lines = [one for one in log.about(f"enterprise/{outlet.enterprise_id}") if one.act.startswith("Review")]
    assert [(one.act, one.actor) for one in lines] == [("ReviewStarted", ""), ("ReviewEnded", "")]
    assert (lines[0].why, lines[1].detail["anew"], lines[1].detail["gone"]) == ("许可证补录", 1, 0)
    assert again(cast) == ([], []), "twice finds nothing more"


def test_a_wider_permit_says_which_findings_would_not_be_and_they_stay_as_they_were_decided(
    outlet: Any, cast: SimpleNamespace
) -> None:
    before = record()
    permit(outlet, 70.0)
    anew, gone = again(cast)
    assert (anew, [one.pk for one in gone]) == ([], [before[0][0]])
    assert record() == before


def test_what_people_dismissed_is_neither_opened_again_nor_told_as_gone(outlet: Any, cast: SimpleNamespace) -> None:
    dismiss(Finding.objects.get().pk, cast.analyst, "校准", OFFICE, code="service")
    assert again(cast) == ([], [])
    permit(outlet, 70.0)
    assert again(cast) == ([], [])


@pytest.mark.mission("S2-14")
def test_a_use_of_a_meter_entered_late_shows_production_without_treatment(
    outlet: Any, cast: SimpleNamespace, readings: Callable[..., Any]
) -> None:
    set_watch("treatment_off", kind="h", valid_from=LONG_AGO, station_kind="power-meter")
    names = {"meter-1": "production", "meter-2": "treatment"}
    meters = {
        code: register_station(code, title_zh=code, title_en=code, kind="power-meter", lon=100.06, lat=30.1,
                               enterprise=outlet.enterprise) for code in names
    }  # fmt: skip
    for code, one in meters.items():
        power = Channel.objects.create(station=one, factor="activepower", unit="kW")
        rows = [
            (MIDNIGHT + hour * HOUR, (20.0 if hour % 24 < 6 else 400.0) if code == "meter-1" or hour < 0 else 1.0)
            for hour in range(-24 * 45, 24)
        ]
        judge_readings(readings(power, "h", rows))
    assert again(cast) == ([], [])
    for code, use in names.items():
        assign_meter(meters[code], use=use, title_zh=use, title_en=use, days=(LONG_AGO, None))
    anew, gone = again(cast)
    assert {one.detector for one in anew} == {"treatment_off"}
    assert gone == []


def test_a_review_waits_as_a_job_and_says_what_was_found_and_expected(outlet: Any, cast: SimpleNamespace) -> None:
    made = start_review(CODE, cast.officer, OFFICE, days=DAYS, why="补录")
    job = ProcrastinateJob.objects.get(task_name="judging.review", args={"review_id": made.pk})
    assert (made.state, job.queue_name) == ("waiting", "asked")
    for days in ((date(2026, 11, 21), date(2026, 11, 20)), (date(2025, 1, 1), date(2026, 1, 2))):
        with pytest.raises(BadInput) as refusal:
            start_review(CODE, cast.officer, OFFICE, days=days, why="补录")
        assert refusal.value.field == "last_day"
    with pytest.raises(BadInput) as refusal:
        start_review(CODE, cast.officer, OFFICE, days=(date(2026, 12, 1), date(2026, 12, 1)), why="补录")
    assert refusal.value.field == "first_day"
    with pytest.raises(BadInput) as refusal:
        start_review(CODE, cast.officer, OFFICE, days=DAYS, why=" ")
    assert refusal.value.field == "why"
    with pytest.raises(Forbidden):
        start_review(CODE, cast.duty_officer, OFFICE, days=DAYS, why="补录")
    with pytest.raises(NotFound):
        start_review("91500000MA00000016", cast.officer, OFFICE, days=DAYS, why="补录")


def test_a_review_is_asked_for_followed_and_read_on_pages(outlet: Any, cast: SimpleNamespace, browser: Browser) -> None:
    permit(outlet, 40.0)
    officer = browser("officer")
    page = officer.get(reverse("enterprise", kwargs={"code": CODE})).content.decode()
    ask = reverse("review-new", kwargs={"code": CODE})
    assert f"{ask}?from=2020-01-01" in page
    form = officer.get(f"{ask}?from=2020-01-01").context["form"]
    assert form.initial == {"first_day": date(2025, 11, 22), "last_day": date(2026, 11, 22)}
    asked = {"first_day": "2026-11-20", "last_day": "2026-11-20", "why": "许可证补录"}
    waiting = officer.post(ask, asked, follow=True).content.decode()
    assert 'hx-trigger="every 1s"' in waiting
    run_review(Review.objects.get().pk)
    done = browser("leader").get(reverse("review", kwargs={"review_id": Review.objects.get().pk}))
    text = done.content.decode()
    assert len(done.context["anew"]) == 1
    assert "Every finding on file stands" in text
    assert "every 1s" not in text
    assert "Judged again before" in officer.get(ask).content.decode()
    assert "Judged again" in officer.get(reverse("enterprise", kwargs={"code": CODE})).content.decode()


def test_an_address_with_days_at_the_end_of_the_calendar_still_asks_which_days(outlet: Any, browser: Browser) -> None:
    address = reverse("review-new", kwargs={"code": CODE})
    page = browser("officer").get(address, {"from": "9999-12-31", "to": "0001-01-01"})
    assert page.status_code == 200
    assert "first_day" in page.content.decode()
