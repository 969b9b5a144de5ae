"""Forecasts are stored before the fact, told of once, and held against what came."""

import math
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from casefile import NINE
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.test import Client

from qingyuan.forecasting import api
from qingyuan.forecasting.models import Forecast, ForecastRule, Standing
from qingyuan.forecasting.queries import hash_holds, scores, standings
from qingyuan.judging.api import end_warning, judge_forecasts
from qingyuan.judging.queries import EXPECTED, Finding, findings
from qingyuan.kit import clock
from qingyuan.kit.models import Entry

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("forecast_rule")]
HOUR = timedelta(hours=1)
DAYS = 12


def wave() -> list[float]:
    """Hours that swing once a day between 15 and 55 mg/L, where 50 are allowed; the last is the highest."""
    return [35.0 + 20.0 * math.cos((number + 1) * math.pi / 12) for number in range(-24 * DAYS, 0)]


@pytest.fixture
def past(readings: Callable[..., Any], channel: Any) -> Callable[..., datetime]:
    """Hour values up to an hour, and the instant at which the newest is stored; the limit was always known."""
    from qingyuan.places.queries import AppliedStandard

    AppliedStandard.objects.update(known=DateTimeTZRange(NINE - timedelta(days=400), None))

    def send(values: list[float], last: datetime = NINE) -> datetime:
        at = [last - HOUR * (len(values) - 1 - number) for number in range(len(values))]
        with clock.wound_to(last + HOUR):
            readings(channel, "h", list(zip(at, values, strict=True)))
        return last + 1.1 * HOUR

    return send


def issued(now: datetime) -> int:
    with clock.wound_to(now):
        return api.issue_due(now)


def judged(now: datetime) -> None:
    line = Entry.objects.filter(act="ForecastsIssued").last()
    from qingyuan.forecasting.events import ForecastsIssued

    with clock.wound_to(now):
        judge_forecasts(ForecastsIssued.from_detail(line.detail))


def test_a_forecast_is_stored_before_the_fact_and_its_hash_is_in_the_log(past, channel):
    now = past(wave())
    assert issued(now) == 1
    one = Forecast.objects.get()
    assert one.rests_on == NINE
    assert one.starts_at + HOUR > now
    assert len(one.value) == len(one.low) == len(one.high) == len(one.chance) == 72
    assert all(low <= value <= high for low, value, high in zip(one.low, one.value, one.high, strict=True))
    line = Entry.objects.get(act="ForecastsIssued")
    assert line.detail["channels"] == [channel.pk]
    assert hash_holds(one.issue_id, line.detail["sha256"])
    Forecast.objects.update(newest=99.0)
    assert not hash_holds(one.issue_id, line.detail["sha256"])


def test_what_stands_still_is_forecast_once_an_hour(past, channel):
    now = past(wave())
    assert [issued(now), issued(now + HOUR / 4)] == [1, 0]


def test_after_a_pause_one_forecast_is_made_and_none_is_dated_back(past, channel):
    now = past(wave())
    issued(now)
    later = past(wave(), NINE + 30 * HOUR)
    assert issued(later) == 1
    assert sorted(Forecast.objects.values_list("issued_at", flat=True)) == [now, later]


def test_a_channel_that_cannot_be_forecast_says_why(past, channel, cast):
    now = past([20.0] * 5)
    assert issued(now) == 0
    standing = standings(cast.analyst).get()
    assert standing.why_en == "found 5 valid hour values, expected at least 18"
    assert "5" in standing.why_zh


def test_a_channel_without_a_limit_or_rule_is_left_alone(past, station, channel, cast):
    ForecastRule.objects.update(enabled=False)
    assert issued(past(wave())) == 0
    assert not standings(cast.analyst).exists()
    assert Standing.objects.get().why_en == "no rule or limit applies"


@pytest.mark.mission("S0-18")
def test_people_are_warned_before_the_limit_is_passed_and_once(past, channel, cast):
    values = wave()
    now = past(values[:-4])
    assert values[-5] < 46.0
    issued(now)
    judged(now)
    warning = Finding.objects.get(detector=EXPECTED)
    assert warning.state == "open"
    assert warning.severity == 1
    assert warning.limit_high == 50.0
    assert warning.peak > 50.0
    for part in ("50 mg/L", "GB 18918-2002", "80 %", "chance of", "valid hour values", "nothing is exceeded yet"):
        assert part in warning.sentence_en
    assert "; the limit applies to the daily mean; this is a warning" in warning.sentence_en
    assert "；该限值按日均值判定；此为预警，尚未超标" in warning.sentence_zh
    assert findings(cast.analyst).filter(pk=warning.pk).exists()
    later = past(values[:-3], NINE + HOUR)
    issued(later)
    judged(later)
    assert Finding.objects.filter(detector=EXPECTED).count() == 1


def test_a_warning_ends_by_itself_when_the_forecast_falls(past, channel):
    values = wave()
    now = past(values[:-4])
    issued(now)
    judged(now)
    calm = past([10.0] * 30, NINE + 30 * HOUR)
    issued(calm)
    judged(calm)
    assert Finding.objects.get(detector=EXPECTED).state == "cleared"


def test_a_warning_ends_when_the_limit_is_passed(past, channel):
    now = past(wave()[:-4])
    issued(now)
    judged(now)
    from qingyuan.judging.events import FindingOpened

    with clock.wound_to(now + HOUR):
        end_warning(FindingOpened(1, "exceedance", channel.pk, "outlet-1", 2, NINE.isoformat(), "", ""))
    assert Finding.objects.get(detector=EXPECTED).state == "cleared"


def test_stored_forecasts_are_scored_against_what_came_and_persistence(past, channel, cast):
    values = [30.0 + 15.0 * np.sin(number * np.pi / 12) for number in range(24 * DAYS + 12)]
    now = past(values[:-12])
    issued(now)
    past(values, NINE + 12 * HOUR)
    found = {one.lead: one for one in scores(cast.analyst, now - HOUR, now + HOUR)}
    assert set(found) == {1, 2, 3, 6, 12}
    for lead in (3, 6):
        assert found[lead].ours.error < found[lead].persistence.error
        assert found[lead].ours.count == 1
    assert scores(cast.other_grid_worker, now - HOUR, now + HOUR) == []


def test_a_warning_sends_somebody_out_only_by_a_rule_that_names_warnings(past, channel, cast):
    from qingyuan.dispatching.api import add_rule, open_case_for_finding
    from qingyuan.dispatching.queries import Case
    from qingyuan.judging.events import FindingOpened

    common = {"title_zh": "都派", "title_en": "All", "case_type": "exceedance", "valid_from": date(2020, 1, 1)}
    add_rule(**common, organisation=cast.handler.organisation)
    now = past(wave()[:-4])
    issued(now)
    judged(now)
    opened = FindingOpened.from_detail(Entry.objects.filter(act="FindingOpened").latest("seq").detail)
    open_case_for_finding(opened)
    assert not Case.objects.exists()
    add_rule(**common, organisation=cast.handler.organisation, detector=EXPECTED)
    open_case_for_finding(opened)
    assert Case.objects.get().finding.detector == EXPECTED


def test_who_changed_a_rule_and_what_it_says_now_stand_in_the_log(forecast_rule, cast):
    client = Client()
    client.force_login(cast.administrator)
    sent = {
        "forecaster": "lagged", "chance": "0.7", "within_hours": "12", "enabled": "on",
        "valid_0": "2020-01-01", "valid_1": "",
    }  # fmt: skip
    address = f"/admin/forecasting/forecastrule/{forecast_rule.pk}"
    assert client.post(f"{address}/change/", sent).status_code == 302
    line = Entry.objects.filter(act="ForecastRuleChanged").latest("seq")
    assert (line.actor, line.detail["chance"], line.detail["within_hours"]) == ("administrator", 0.7, 12)
    assert client.post(f"{address}/delete/", {"post": "yes"}).status_code == 403
