"""What an authority sets for itself alarms, says who set it, and never claims that a standard is broken."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from casefile import LONG_AGO, NINE
from django.db import connection
from django.test.utils import CaptureQueriesContext

from qingyuan.judging.api import judge_readings, judge_span, set_watch
from qingyuan.judging.queries import Finding
from qingyuan.judging.queries import watches as watch_rules
from qingyuan.kit import clock
from qingyuan.kit.errors import BadInput, Refused
from qingyuan.kit.events import Event
from qingyuan.kit.log import about
from qingyuan.loop import LOOP
from qingyuan.places.api import end_paper, enter_project, enter_threshold, register_station
from qingyuan.places.queries import AlarmThreshold
from qingyuan.sensing.limits import thresholds_for_channels
from qingyuan.sensing.queries import Channel
from qingyuan_science.series import Averaging

pytestmark = pytest.mark.django_db
Readings = Callable[..., Any]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
YEAR = (date(2026, 1, 1), None)
TODAY = date(2026, 11, 22)


@pytest.fixture(autouse=True)
def later() -> Any:
    with clock.wound_to(NINE + DAY):
        yield


@pytest.fixture
def site(grid: SimpleNamespace) -> SimpleNamespace:
    """A building site of East One with PM10."""
    station = register_station(
        "site-1", title_zh="东一工地", title_en="East One site", kind="dust-site", lon=100.05, lat=30.1
    )
    return SimpleNamespace(station=station, pm10=Channel.objects.create(station=station, factor="a34002", unit="mg/m3"))


def alarm_above(place: Any, high: float, **more: Any) -> AlarmThreshold:
    values = {
        "factor": "a34002", "averaging": "hour", "high": high, "unit": "µg/m3", "issued_by": "试验区生态环境局",
        "basis": "试环〔2026〕1号", "reason": "学校旁", "days": YEAR, "set_on": date(2025, 12, 18), **more,
    }  # fmt: skip
    return enter_threshold(place, **values)


def held(channel: Channel, on: date = TODAY) -> list[tuple[str, float]]:
    """Averaging time and figure of what holds at a channel, in its own unit."""
    return [(one.averaging, one.high or 0.0) for one in thresholds_for_channels([channel], on)[channel.pk]]


def test_an_area_holds_for_its_sites_a_narrower_area_goes_before_it_and_a_site_before_any(
    grid: SimpleNamespace, site: SimpleNamespace
) -> None:
    assert held(site.pm10) == []
    alarm_above(grid.district, 300.0)
    assert held(site.pm10) == [("hour", 0.3)]
    alarm_above(grid.other_town, 100.0)
    assert held(site.pm10) == [("hour", 0.3)]
    alarm_above(grid.town, 280.0)
    assert held(site.pm10) == [("hour", 0.28)]
    alarm_above(site.station, 200.0)
    assert held(site.pm10) == [("hour", 0.2)]


def test_another_averaging_time_has_a_threshold_of_its_own(grid: SimpleNamespace, site: SimpleNamespace) -> None:
    alarm_above(grid.district, 300.0)
    alarm_above(site.station, 150.0, averaging="day")
    assert sorted(held(site.pm10)) == [("day", 0.15), ("hour", 0.3)]


def test_the_stage_of_the_day_decides(grid: SimpleNamespace, site: SimpleNamespace) -> None:
    alarm_above(grid.district, 300.0)
    alarm_above(grid.district, 220.0, stage="earthwork")
    assert held(site.pm10) == [("hour", 0.3)]
    begins = date(2026, 11, 10)
    named = {"name": "东一安置房", "builder": "建工集团"}
    first = enter_project(site.station, **named, stage="demolition", days=(date(2026, 6, 1), None))
    enter_project(site.station, **named, stage="earthwork", days=(begins, None), replaces=first, why="进入土方阶段")
    assert held(site.pm10, begins - DAY) == [("hour", 0.3)]
    assert held(site.pm10, begins) == [("hour", 0.22)]


def test_a_stage_that_begins_within_a_span_is_judged_by_its_own_days(
    grid: SimpleNamespace, site: SimpleNamespace, readings: Readings
) -> None:
    alarm_above(grid.district, 300.0)
    alarm_above(grid.district, 220.0, stage="earthwork")
    enter_project(site.station, name="东一", builder="建工", stage="earthwork", days=(date(2026, 11, 22), None))
    set_watch("alarm_threshold", kind="h", valid_from=LONG_AGO)
    midnight = datetime(2026, 11, 21, 16, tzinfo=UTC)  # of 22 November in Shanghai
    readings(site.pm10, "h", [(midnight + number * HOUR, 0.25) for number in range(-3, 3)])
    judge_span(midnight - DAY, midnight + DAY)
    (found,) = Finding.objects.all()
    assert found.started_at == midnight
    assert found.limit_high == pytest.approx(0.22)


@pytest.mark.mission("S1-20")
def test_dust_above_it_alarms_and_claims_no_violation(
    grid: SimpleNamespace, site: SimpleNamespace, readings: Readings
) -> None:
    row = alarm_above(grid.district, 250.0)
    line = list(about(f"threshold/{row.pk}"))[-1]
    event = Event.known[line.act].from_detail(line.detail)
    for handler in LOOP[type(event)]:
        handler(event)
    judge_readings(readings(site.pm10, "h", [(NINE, 0.25), (NINE + HOUR, 0.31), (NINE + 2 * HOUR, 0.6)]))
    (found,) = Finding.objects.all()
    assert (found.detector, found.started_at, found.severity) == ("alarm_threshold", NINE + HOUR, 2)
    assert found.standard == ""
    for said in (
        "超过主管部门自设报警阈值 0.25 mg/m³",
        "试验区生态环境局 2025-12-18 设定",
        "试环〔2026〕1号",
        "不是超标认定",
    ):
        assert said in found.sentence_zh
    assert "over the authority's own alarm threshold of 0.25 mg/m³" in found.sentence_en
    assert "no violation of a standard" in found.sentence_en
    assert found.edition["limits"] == [f"threshold:{row.pk}"]


def test_thresholds_bind_nothing_and_leave_exceedances_alone(
    grid: SimpleNamespace, site: SimpleNamespace, readings: Readings
) -> None:
    alarm_above(grid.district, 10.0)
    set_watch("exceedance", kind="h", valid_from=LONG_AGO)
    judge_readings(readings(site.pm10, "h", [(NINE, 0.9)]))
    assert not Finding.objects.exists()


def test_what_is_set_is_looked_at_at_once_and_no_rule_is_set_twice(
    grid: SimpleNamespace, site: SimpleNamespace
) -> None:
    for high, place in ((300.0, grid.district), (200.0, site.station)):
        row = alarm_above(place, high)
        line = list(about(f"threshold/{row.pk}"))[-1]
        event = Event.known[line.act].from_detail(line.detail)
        for handler in LOOP[type(event)]:
            handler(event)
    (rule,) = watch_rules().filter(detector="alarm_threshold")
    assert (rule.station_kind, rule.kind, rule.valid.lower) == ("dust-site", "h", YEAR[0])


def test_one_that_is_lowered_or_ended_is_seen_by_the_next_readings(
    grid: SimpleNamespace, site: SimpleNamespace, readings: Readings
) -> None:
    row = alarm_above(grid.district, 400.0)
    set_watch("alarm_threshold", kind="h", valid_from=LONG_AGO)
    judge_readings(readings(site.pm10, "h", [(NINE, 0.3)]))
    assert not Finding.objects.exists()
    lower = alarm_above(grid.district, 200.0, replaces=row, why="重污染天气期间从严")
    judge_readings(readings(site.pm10, "h", [(NINE + HOUR, 0.3)]))
    (found,) = Finding.objects.all()
    assert found.limit_high == pytest.approx(0.2)
    end_paper(lower, date(2026, 11, 21), why="解除")
    assert held(site.pm10) == []


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"factor": "a99999"}, "factor"),
        ({"unit": "°C"}, "unit"),
        ({"high": 0.0}, "high"),
        ({"averaging": "year"}, "averaging"),
        ({"basis": " "}, "basis"),
        ({"reason": ""}, "reason"),
        ({"station_kind": "fume", "stage": "earthwork"}, "stage"),
    ],
)
def test_what_cannot_be_a_threshold_is_refused(grid: SimpleNamespace, wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(BadInput) as refusal:
        alarm_above(grid.district, wrong.pop("high", 300.0), **wrong)
    assert refusal.value.field == field


def test_no_two_hold_at_one_place_at_a_time(grid: SimpleNamespace, site: SimpleNamespace) -> None:
    alarm_above(grid.district, 300.0)
    with pytest.raises(Refused):
        alarm_above(grid.district, 200.0)
    alarm_above(grid.district, 200.0, stage="earthwork")
    with pytest.raises(BadInput):
        enter_project(_outlet(), name="x", builder="y", stage="other", days=YEAR)


def _outlet() -> Any:
    return register_station("w-1", title_zh="口", title_en="outlet", kind="outlet-water", lon=100.05, lat=30.1)


def test_thresholds_of_many_sites_take_as_many_queries_as_of_one(grid: SimpleNamespace) -> None:
    alarm_above(grid.district, 300.0)
    channels = []
    for number in range(20):
        at = register_station(f"s-{number}", title_zh="工地", title_en="site", kind="dust-site", lon=100.05, lat=30.1)
        channels.append(Channel.objects.create(station=at, factor="a34002", unit="µg/m3"))
    with CaptureQueriesContext(connection) as one:
        thresholds_for_channels(channels[:1], TODAY)
    with CaptureQueriesContext(connection) as many:
        found = thresholds_for_channels(channels, TODAY)
    assert len(many) == len(one) <= 4
    assert [limit.averaging for (limit,) in found.values()] == [Averaging.HOUR] * 20
