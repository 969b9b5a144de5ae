"""A rehearsal finds what live judging found, wherever the readings lie and whoever does the work."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from casefile import LONG_AGO, OFFICE
from django.db import connection

from qingyuan.judging.api import export_rules, judge_readings, rehearse, set_override, set_watch
from qingyuan.judging.queries import Finding
from qingyuan.kit import clock
from qingyuan.recording.api import mark_span, seal_old_days

pytestmark = pytest.mark.django_db
Readings = Callable[..., Any]
Told = set[tuple[Any, ...]]
START = datetime(2026, 7, 31, 16, tzinfo=UTC)  # midnight in Shanghai
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PAST, DAYS = 40, 10
NOW = START + DAYS * DAY
SPAN = START, NOW
DETECTORS = ("exceedance", "constant_value", "missing_data", "impossible_values")


@pytest.fixture(autouse=True)
def today(tmp_path: Path, settings: Any) -> Iterator[None]:
    """After the last hour; with a lake of the test's own."""
    settings.LAKE = str(tmp_path / "lake")
    with clock.wound_to(NOW):
        yield


@pytest.fixture
def channels(channel: Any, enterprise: Any) -> list[Any]:
    """COD and ammonia at the works' outlet, and COD at another one."""
    from qingyuan.places.api import apply_standard, register_station
    from qingyuan.sensing.queries import Channel

    other = register_station(
        "outlet-2", title_zh="二号排口", title_en="Outlet 2", kind="outlet-water", lon=100.06, lat=30.1,
        enterprise=enterprise,
    )  # fmt: skip
    apply_standard(other, standard="GB 18918-2002", level="1B", valid_from=LONG_AGO)
    more = [(channel.station, "w21003"), (other, "w01018")]
    return [
        channel,
        *(Channel.objects.create(station=at, factor=code, basis="measured", unit="mg/L") for at, code in more),
    ]


@pytest.fixture
def live(channels: list[Any], cast: Any, readings: Readings) -> Told:
    """What live judging finds, half a day at a time, with rules that change on the way and a marked calibration."""
    for detector in DETECTORS:
        set_watch(detector, kind="h", valid_from=LONG_AGO, station_kind="outlet-water")
    set_override(
        "exceedance", parameters={"minimum_periods": 3}, reason="管网改造", station=channels[0].station,
        days=(date(2026, 8, 4), date(2026, 8, 8)),
    )  # fmt: skip
    mark_span(
        channels[2].station.code, cast.enterprise, OFFICE, code="calibration", starts_at=START + 3 * DAY,
        ends_at=START + 3 * DAY + 5 * HOUR, reason="零点与量程校准",
    )  # fmt: skip
    sent = [hourly(number) for number in range(len(channels))]
    for one, values in zip(channels, sent, strict=True):
        readings(one, "h", [row for row in values if row[0] < START])
    for half in range(2 * DAYS):
        for one, values in zip(channels, sent, strict=True):
            begin = START + half * DAY / 2
            here = [row for row in values if begin <= row[0] < begin + DAY / 2]
            if here:
                judge_readings(readings(one, "h", here))
    rows = Finding.objects.values_list(
        "detector", "channel", "started_at", "ended_at", "peak", "severity", "sentence_zh"
    )
    return set(rows)


def hourly(number: int) -> list[tuple[datetime, float]]:
    """Hours with stretches over the limit, two days that stand still, and a gap."""
    random = np.random.default_rng(number)
    value = np.round((4 if number == 1 else 30) + random.normal(0, 0.3 if number == 1 else 3, 24 * (PAST + DAYS)), 1)
    for day, hour, long in ((2, 20, 9), (3, 1, 3), (6, 5, 1), (9, 12, 4)):
        at = 24 * (PAST + day) + hour + number
        value[at : at + long] = 70.0 + np.arange(long)
    value[24 * (PAST + 7) : 24 * (PAST + 8) + 12] = value[0]
    rows = [(START + HOUR * (place - 24 * PAST), float(one)) for place, one in enumerate(value)]
    gap = 24 * (PAST + 4) + 6
    return rows[:gap] + rows[gap + 5 * number :]


def rehearsed(**settings: Any) -> Told:
    return {
        (look.detector, look.channel.pk, one.start, one.end, one.worst.peak, int(one.worst.severity),
         one.runs[-1].sentence.zh)
        for look, one in rehearse(export_rules(), SPAN, **settings)
    }  # fmt: skip


def in_hot_table() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM recording_reading")
        return int(cursor.fetchone()[0])


def test_a_rehearsal_finds_what_live_judging_found_wherever_the_readings_lie(live: Told) -> None:
    assert {row[0] for row in live} >= {"exceedance", "constant_value", "missing_data"}
    assert rehearsed() == live, "all of it in the hot table"
    whole = in_hot_table()
    list(seal_old_days())
    assert 0 < in_hot_table() < whole
    assert rehearsed() == live, "the older part in the lake"
    with clock.wound_to(NOW + 60 * DAY):
        list(seal_old_days())
        assert in_hot_table() == 0
        assert rehearsed() == live, "all of it in the lake"


def test_many_processes_find_what_one_finds(live: Told) -> None:
    list(seal_old_days())
    assert rehearsed(at_once=1) == live, "each channel is a task of its own, in another process"


def test_the_number_of_questions_does_not_grow_with_the_channels(
    live: Told, channels: list[Any], django_assert_max_num_queries: Any
) -> None:
    from qingyuan.sensing.queries import Channel

    with django_assert_max_num_queries(40) as asked:
        few = rehearsed()
    assert few == live
    codes = ("w21011", "w21001", "w01012", "w22001", "w20117", "w20115")
    Channel.objects.bulk_create(
        Channel(station=one.station, factor=code, unit="mg/L") for one in channels[1:] for code in codes
    )
    with django_assert_max_num_queries(len(asked)):
        assert rehearsed() == live
