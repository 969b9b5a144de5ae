"""The valid value of each day: kept by the loop, changed by late data and marks, computed anew when asked."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime, timedelta
from math import isnan
from typing import Any

import numpy as np
import pytest
from loop_runner import run_waiting_jobs

from qingyuan.kit import clock
from qingyuan.kit.log import Origin
from qingyuan.recording.api import compute_day_values
from qingyuan.recording.queries import day_values

pytestmark = pytest.mark.django_db
MIDNIGHT = datetime(2026, 3, 20, 16, tzinfo=UTC)  # of 2026-03-21 in Shanghai
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
THE_DAY = date(2026, 3, 21)
LATER = MIDNIGHT + DAY + HOUR
Put = Callable[..., Any]


def hours(values: list[float], start: datetime = MIDNIGHT) -> list[tuple[datetime, float]]:
    return [(start + number * HOUR, value) for number, value in enumerate(values)]


def sent() -> AbstractContextManager[None]:
    return clock.wound_to(LATER)


def the_loop_runs() -> None:
    with clock.wound_to(datetime.now(UTC)):  # handlers begin when the platform was set up, which is now
        run_waiting_jobs()


def value(channel: Any, statistic: str = "mean", day: date = THE_DAY) -> float | None:
    found = day_values([channel.pk], day, day).get((channel.pk, statistic))
    return None if found is None or isnan(found[0]) else round(float(found[0]), 6)


@pytest.fixture
def air(grid: Any) -> Callable[[str], Any]:
    """A channel of an ambient-air station."""
    from qingyuan.places.api import register_station
    from qingyuan.sensing.api import define_channel

    station = register_station("air-1", title_zh="空气站", title_en="Air", kind="ambient-air", lon=100.05, lat=30.1)
    return lambda factor: define_channel(station, factor=factor, unit="µg/m3")


def test_twenty_valid_hours_make_a_day_and_nineteen_do_not(air: Any, readings: Put) -> None:
    enough, too_few = air("a34004"), air("a34002")
    with sent():
        readings(enough, "h", hours([30.0] * 10 + [40.0] * 10))
        readings(too_few, "h", hours([30.0] * 19))
        the_loop_runs()
    assert value(enough) == 35.0
    assert value(too_few) is None


def test_of_ozone_the_largest_eight_hours_and_the_largest_hour_are_kept(air: Any, readings: Put) -> None:
    ozone = air("a05024")
    with sent():
        readings(ozone, "h", hours([40.0] * 12 + [200.0] * 7 + [210.0] + [40.0] * 4))
        the_loop_runs()
    assert (value(ozone, "max_8h"), value(ozone, "max_1h"), value(ozone)) == (201.25, 210.0, None)


def test_a_late_hour_changes_its_day(air: Any, readings: Put) -> None:
    channel = air("a34004")
    with sent():
        readings(channel, "h", hours([30.0] * 19))
        the_loop_runs()
        assert value(channel) is None
        readings(channel, "h", hours([70.0], MIDNIGHT + 19 * HOUR))
        the_loop_runs()
    assert value(channel) == 32.0


def test_a_corrected_hour_changes_its_day(air: Any, readings: Put) -> None:
    ozone = air("a05024")
    with sent():
        readings(ozone, "h", hours([40.0] * 24))
        the_loop_runs()
        _resent(ozone, [(MIDNIGHT + number * HOUR, 100.0) for number in range(12, 20)], LATER)
        the_loop_runs()
    assert value(ozone, "max_8h") == 100.0


def _resent(channel: Any, values: list[tuple[datetime, float]], received: datetime) -> None:
    from qingyuan.recording.api import append
    from qingyuan.sensing.api import Rows
    from qingyuan.sensing.logic.raw import segments

    rows = Rows()
    for at, number in values:
        key = (channel.pk, "h", round(at.timestamp() * 1_000_000))
        rows.add(key, (number, np.nan, np.nan, np.nan), "N", round(received.timestamp() * 1_000_000))
    append(rows, segments.append(segments.Body(b"test", 0, datetime(2026, 1, 1, tzinfo=UTC))))


def test_marked_hours_leave_their_day_without_a_value_until_the_mark_is_withdrawn(
    channel: Any, cast: Any, readings: Put
) -> None:
    from qingyuan.recording.api import mark_span, withdraw_mark

    with sent():
        readings(channel, "h", hours([20.0] * 24))
        the_loop_runs()
        assert value(channel) == 20.0
        row = mark_span(
            channel.station.code, cast.enterprise, Origin(place="10.0.0.7"), code="calibration", starts_at=MIDNIGHT,
            ends_at=MIDNIGHT + 8 * HOUR, reason="校准",
        )  # fmt: skip
        the_loop_runs()
        assert value(channel) is None
        withdraw_mark(row.pk, cast.officer, "未校准", Origin(place="10.0.0.7"))
        the_loop_runs()
    assert value(channel) == 20.0


def test_a_day_mean_as_sent_stands_only_where_no_hour_came(air: Any, readings: Put) -> None:
    alone, beside = air("a21026"), air("a21004")
    with sent():
        readings(alone, "d", [(MIDNIGHT, 12.0)])
        readings(beside, "h", hours([30.0] * 5))
        readings(beside, "d", [(MIDNIGHT, 12.0)])
        the_loop_runs()
    assert (value(alone), value(beside)) == (12.0, None)


def test_what_no_day_is_made_of_asks_nothing_of_the_database(
    air: Any, channel: Any, readings: Put, django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:
    from qingyuan.recording.api import keep_day_values
    from qingyuan.recording.events import ReadingsAppended

    dust, at = air("a34004"), round(MIDNIGHT.timestamp() * 1_000_000)
    with django_assert_num_queries(0):
        keep_day_values(ReadingsAppended(id=1, spans=[[dust.pk, kind, at, at] for kind in "rmMT"]))
    with clock.wound_to(MIDNIGHT + 3 * HOUR), django_assert_max_num_queries(1):  # which channels measure ozone
        keep_day_values(
            ReadingsAppended(id=1, spans=[[one.pk, kind, at, at] for one in (dust, channel) for kind in "hH"])
        )


def test_an_old_day_beside_a_new_one_leaves_the_time_between_unread(air: Any, readings: Put) -> None:
    from qingyuan.recording.models import DayValues

    ozone = air("a05024")
    long_ago = MIDNIGHT - 300 * DAY
    with sent():
        readings(ozone, "h", hours([40.0] * 24, MIDNIGHT - 100 * DAY))
        the_loop_runs()
        DayValues.objects.all().delete()  # to see whether the days between are computed anew
        readings(ozone, "h", [*hours([50.0] * 24, long_ago), *hours([60.0] * 24)])
        the_loop_runs()
    found = [value(ozone, "max_8h", THE_DAY - days * DAY) for days in (300, 100, 0)]
    assert found == [50.0, None, 60.0]


def test_ozone_in_a_unit_of_something_else_keeps_no_days_and_harms_no_others(
    grid: Any, air: Any, readings: Put
) -> None:
    from qingyuan.places.api import register_station
    from qingyuan.sensing.api import define_channel

    station = register_station("air-2", title_zh="空气站", title_en="Air", kind="ambient-air", lon=100.05, lat=30.1)
    odd, good = define_channel(station, factor="a05024", unit="%"), air("a05024")
    with sent():
        for one in (odd, good):
            readings(one, "h", hours([90.0] * 24))
        the_loop_runs()
    assert (value(odd, "max_8h"), value(good, "max_8h")) == (None, 90.0)


def test_days_before_the_rows_were_kept_are_computed_when_asked(air: Any, readings: Put) -> None:
    from qingyuan.recording.models import DayValues

    channel = air("a34004")
    with sent():
        readings(channel, "h", hours([30.0] * 24))
        the_loop_runs()
        DayValues.objects.all().delete()
        assert compute_day_values(THE_DAY - 40 * DAY, THE_DAY) >= 1
        assert value(channel) == 30.0
        assert compute_day_values(THE_DAY - 40 * DAY, THE_DAY) == 0


@pytest.mark.parametrize("day", [date.min, date.max])
def test_days_of_no_time_are_refused_with_what_was_expected(air: Any, day: date, capsys: Any) -> None:
    from argparse import Namespace

    from qingyuan.project.commands.day_values import DAY_VALUES

    air("a34004")
    assert DAY_VALUES.run(Namespace(first=min(day, THE_DAY), last=max(day, THE_DAY))) == 1
    assert day.isoformat() in capsys.readouterr().err


@pytest.fixture
def stack(enterprise: Any) -> Callable[..., Any]:
    """Channels of a stack: NOx and its flow."""
    from qingyuan.places.api import register_station
    from qingyuan.sensing.api import define_channel

    kiln = register_station(
        "stack-1", title_zh="窑尾", title_en="Kiln", kind="outlet-gas", lon=100.05, lat=30.1, enterprise=enterprise
    )
    return lambda factor, unit: define_channel(kiln, factor=factor, unit=unit)


def test_the_mass_of_a_stack_is_added_up_hour_by_hour(stack: Any, readings: Put) -> None:
    nox, flow = stack("a21002", "mg/m3"), stack("a00000", "m3/s")
    with sent():
        readings(nox, "h", hours([100.0] * 12 + [20.0] * 12))
        readings(flow, "h", hours([10.0] * 12 + [2.0] * 12))
        the_loop_runs()
    # 12 h x 36,000 m3 x 100 mg + 12 h x 7,200 m3 x 20 mg; day mean times day flow would be 31.104 kg
    assert value(nox, "amount") == pytest.approx(43.2 + 1.728)
    assert value(flow, "amount") == pytest.approx(12 * 36_000 + 12 * 7_200)
    assert (value(nox, "hours"), value(flow, "hours"), value(nox, "stopped")) == (24, 24, None)


def test_hours_without_one_of_the_two_add_nothing_and_are_not_known(station: Any, channel: Any, readings: Put) -> None:
    from qingyuan.sensing.api import define_channel

    flow = define_channel(station, factor="w00000", unit="L/s")
    with sent():
        readings(channel, "h", hours([50.0] * 10))
        readings(flow, "h", hours([10.0] * 14 + [0.0] * 4))
        readings(flow, "h", hours([10.0] * 3, MIDNIGHT + 18 * HOUR), mark="F")
        the_loop_runs()
        # ten hours of 36 m3 at 50 g/m3, four hours known to be nothing because nothing flowed
        assert value(channel, "amount") == pytest.approx(18.0)
        assert (value(channel, "hours"), value(channel, "stopped")) == (14, 3)
        readings(channel, "h", hours([50.0], MIDNIGHT + 10 * HOUR))
        the_loop_runs()
    assert (value(channel, "amount"), value(channel, "hours")) == (pytest.approx(19.8), 15)


def test_where_only_day_means_are_sent_they_make_the_mass(station: Any, channel: Any, readings: Put) -> None:
    from qingyuan.sensing.api import define_channel

    flow = define_channel(station, factor="w00000", unit="m3/h")
    with sent():
        for one, number in ((channel, 50.0), (flow, 36.0)):
            readings(one, "d", [(MIDNIGHT, number)])
        the_loop_runs()
    assert (value(channel, "amount"), value(channel, "hours")) == (pytest.approx(43.2), 24)
