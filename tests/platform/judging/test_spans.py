"""Judging batch by batch and judging a past time at once leave the same findings, by queries that do not multiply."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from casefile import LONG_AGO
from django.db import connection
from django.test.utils import CaptureQueriesContext

from qingyuan.judging.api import end_watch, judge_readings, judge_span, set_watch
from qingyuan.judging.logic.passes import passes
from qingyuan.judging.logic.surroundings import fetch
from qingyuan.judging.logic.watching import over
from qingyuan.judging.logic.written import distance
from qingyuan.judging.queries import Finding
from qingyuan.kit.clock import SHANGHAI
from qingyuan.places.api import apply_standard, register_station
from qingyuan.places.queries import Station
from qingyuan.sensing.queries import Channel

pytestmark = pytest.mark.django_db
Readings = Callable[..., Any]
MIDNIGHT = datetime(2026, 7, 31, 16, tzinfo=UTC)  # in Shanghai
HOUR = timedelta(hours=1)
PAST_DAYS, NEW_DAYS = 65, 10
COMPARED = (
    "detector", "channel", "kind", "state", "severity", "started_at", "ended_at", "peak", "times_over", "sentence_zh",
    "evidence", "signs", "parameters", "merged_into__detector",
)  # fmt: skip


@pytest.fixture
def outlets(channel: Any) -> list[Any]:
    """COD at three outlets of one town."""
    others = []
    for number in (2, 3):
        station = register_station(
            f"outlet-{number}", title_zh=f"{number}号口", title_en=f"Outlet {number}", kind="outlet-water",
            lon=100.05 + number / 100, lat=30.1,
        )  # fmt: skip
        apply_standard(station, standard="GB 18918-2002", level="1A", valid_from=LONG_AGO)
        others.append(Channel.objects.create(station=station, factor="w01018", basis="measured", unit="mg/L"))
    return [channel, *others]


def hourly(number: int) -> list[tuple[datetime, float]]:
    """An outlet's hours: alive, with one afternoon over the limit and three days on which the first one stands still.

    The days that stand still lie on either side of the border of two blocks.
    """
    random = np.random.default_rng(number)
    size = 24 * (PAST_DAYS + NEW_DAYS)
    value = np.round(30 + 5 * np.sin(np.arange(size) / 24 * 2 * np.pi) + random.normal(0, 2, size), 1)
    value[24 * (PAST_DAYS + 7) + 13 : 24 * (PAST_DAYS + 7) + 17] = 70.0 + np.arange(4)
    if number == 0:
        value[24 * (PAST_DAYS + 2) : 24 * (PAST_DAYS + 5)] = 31.7
    return [(MIDNIGHT - HOUR * 24 * PAST_DAYS + HOUR * hour, float(value[hour])) for hour in range(size)]


def on_file() -> list[tuple[Any, ...]]:
    return sorted(Finding.objects.values_list(*COMPARED), key=repr)


@pytest.fixture
def watched() -> None:
    for detector in ("exceedance", "constant_value", "mark_abuse"):
        set_watch(detector, kind="h", valid_from=LONG_AGO)


def test_batches_and_a_span_leave_equal_findings(watched: None, outlets: list[Any], readings: Readings) -> None:
    """Hours come twelve at a time; the same again after everything was taken off the file."""
    every = [hourly(number) for number in range(3)]
    for one, values in zip(outlets, every, strict=True):
        readings(one, "h", values[: 24 * PAST_DAYS])
    for begin in range(24 * PAST_DAYS, len(every[0]), 12):
        for one, values in zip(outlets, every, strict=True):
            judge_readings(readings(one, "h", values[begin : begin + 12]))
    live = on_file()
    assert {row[0] for row in live} >= {"exceedance", "constant_value"}
    assert [row[0] for row in live].count("exceedance") == 3
    Finding.objects.all().delete()
    judge_span(MIDNIGHT, MIDNIGHT + NEW_DAYS * 24 * HOUR)
    assert on_file() == live
    before = list(Finding.objects.values_list("pk", flat=True))
    judge_span(MIDNIGHT, MIDNIGHT + NEW_DAYS * 24 * HOUR)
    assert list(Finding.objects.values_list("pk", flat=True)) == before


def test_what_lasts_over_the_border_of_blocks_is_one_finding(
    watched: None, outlets: list[Any], readings: Readings
) -> None:
    readings(outlets[0], "h", hourly(0))
    judge_span(MIDNIGHT, MIDNIGHT + NEW_DAYS * 24 * HOUR)
    (still,) = Finding.objects.filter(detector="constant_value")
    assert (still.started_at, still.ended_at) == (MIDNIGHT + 2 * 24 * HOUR, MIDNIGHT + 5 * 24 * HOUR)
    assert len(still.evidence) == 72
    assert still.signs


def test_hours_that_come_days_late_are_judged_as_if_they_had_come_in_time(
    watched: None, outlets: list[Any], readings: Readings
) -> None:
    """Five hours at noon of the second still day come three days later."""
    values = hourly(0)
    begin = 24 * PAST_DAYS
    noon = begin + 24 * 3 + 10
    late = range(noon, noon + 5)
    readings(outlets[0], "h", values[:begin])
    for hour in range(begin, len(values)):
        if hour not in late:
            judge_readings(readings(outlets[0], "h", [values[hour]]))
        if hour == noon + 24 * 3:
            judge_readings(readings(outlets[0], "h", [values[one] for one in late]))
    live = on_file()
    (still,) = Finding.objects.filter(detector="constant_value")
    assert len(still.evidence) == 72
    Finding.objects.all().delete()
    judge_span(MIDNIGHT, MIDNIGHT + NEW_DAYS * 24 * HOUR)
    assert on_file() == live


@pytest.mark.parametrize("needed", [1, 2])
def test_a_rule_that_changes_inside_a_batch_leaves_one_finding(
    outlets: list[Any], readings: Readings, needed: int
) -> None:
    """Six hours over the limit, four of them by the rule of yesterday: hour by hour, at once, and as a past time."""
    yesterday = MIDNIGHT.astimezone(SHANGHAI).date() - timedelta(days=1)
    end_watch(set_watch("exceedance", kind="h", valid_from=LONG_AGO).pk, yesterday)
    today = yesterday + timedelta(days=1)
    set_watch("exceedance", kind="h", valid_from=today, parameters={"minimum_periods": needed})
    values = [(MIDNIGHT + HOUR * hour, 70.0) for hour in range(-4, 2)]
    ways: tuple[Callable[[Any], None], ...] = (
        lambda one: [judge_readings(readings(one, "h", [value])) for value in values],
        lambda one: judge_readings(readings(one, "h", values)),
        lambda one: (readings(one, "h", values), judge_span(MIDNIGHT - 4 * HOUR, MIDNIGHT + 2 * HOUR, [one.pk])),
    )
    for one, way in zip(outlets, ways, strict=True):
        way(one)
    alike = [name for name in COMPARED if name not in {"channel", "sentence_zh"}]
    found = list(Finding.objects.order_by("channel").values_list(*alike))
    assert len(found) == 3
    assert found[0] == found[1] == found[2]
    assert set(Finding.objects.values_list("started_at", "ended_at")) == {(MIDNIGHT - 4 * HOUR, MIDNIGHT + 2 * HOUR)}


def test_more_channels_take_no_more_queries(watched: None, outlets: list[Any], readings: Readings) -> None:
    set_watch("neighbour_disagreement", kind="h", valid_from=LONG_AGO)
    set_watch("unlike_process", kind="h", valid_from=LONG_AGO)
    for number, one in enumerate(outlets):
        readings(one, "h", hourly(number)[-48:])
    spent = []
    for count in (1, 3):
        with CaptureQueriesContext(connection) as asked:
            judge_span(MIDNIGHT, MIDNIGHT + HOUR * 24 * NEW_DAYS, [one.pk for one in outlets[:count]])
        spent.append(
            len([one for one in asked if not any(word in one["sql"] for word in ("judging_blindspot", "SAVEPOINT"))])
        )
    assert spent[0] == spent[1]


def test_nothing_is_fetched_that_no_detector_takes(outlets: list[Any], readings: Readings) -> None:
    set_watch("exceedance", kind="h", valid_from=LONG_AGO)
    looks = over([one.pk for one in outlets], MIDNIGHT, MIDNIGHT + HOUR)
    found = fetch([one for look in looks for one in passes(look)])
    assert len(found.series) == 3
    assert found.applied
    others = (found.beside, found.near, found.records, found.arrivals, *vars(found.written).values())
    assert not any(one for one in others if one is not found.written.limits)


def test_the_nearest_five_stations_within_thirty_kilometres_are_the_neighbours(channel: Any) -> None:
    random, own = np.random.default_rng(11), channel.station
    places = [(own.lon + east, own.lat + north) for east, north in random.normal(0.0, 0.25, (24, 2))]
    for number, (lon, lat) in enumerate([*places, *places[:3]]):
        station = Station.objects.create(
            code=f"near-{number}", kind=own.kind, title_zh=f"{number}号站", title_en=f"Station {number}", cell=own.cell,
            lon=float(lon), lat=float(lat),
        )  # fmt: skip
        Channel.objects.create(station=station, factor="w01018", basis="measured", unit="mg/L")
    set_watch("neighbour_disagreement", kind="h", valid_from=LONG_AGO)
    every = list(Channel.objects.select_related("station").order_by("pk"))
    looks = over([one.pk for one in every], MIDNIGHT, MIDNIGHT + HOUR)
    found = fetch([one for look in looks for one in passes(look, whole=True)]).near
    for one in every:
        away = sorted(
            (distance(one.station, other.station)[0], other.pk) for other in every if other.station != one.station
        )
        expected = [pk for km, pk in away if km <= 30.0][:5]
        assert [near.channel.pk for near in found[one.pk]] == expected
    assert {len(several) for several in found.values()} >= {5}
    assert min(map(len, found.values())) < 5  # some lie too far apart
