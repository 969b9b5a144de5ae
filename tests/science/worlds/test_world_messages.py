"""What the loggers send: in order, complete, readable by the codec, and saying what the truth says."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qingyuan_science.hj212 import Frame, Framer, Message, encode, parse, period_start
from qingyuan_science.worlds import (
    DAILY,
    HOURLY,
    KINDS,
    REALTIME,
    TEN_MINUTE,
    BadInterval,
    NoSuchKind,
    Station,
    World,
)

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
NOON = datetime(2026, 11, 21, 4, tzinfo=UTC)
PERIODS = {TEN_MINUTE: timedelta(minutes=10), HOURLY: HOUR, DAILY: DAY}


def by_mn(world: World) -> dict[str, Station]:
    return {station.mn: station for station in (*world.stations, *world.strangers)}


def numbers(message: Message, kind: str) -> dict[str, float]:
    return {code: float(values[kind]) for code, values in message.values().items() if kind in values}


def test_every_message_of_a_day_is_read_back_as_it_was(world: World) -> None:
    stations = by_mn(world)
    seen = set()
    for sent, message in half_day(world):
        dialect = stations[message.mn].dialect
        frame = encode(message, dialect)
        found = Framer(dialect).feed(frame)
        assert [type(one) for one in found] == [Frame]
        assert isinstance(found[0], Frame)
        assert parse(found[0].segment, dialect) == message
        assert message.wants_answer
        seen.add((message.cn, message.mn))
        if message.cn != REALTIME:
            end = period_start(message.cn, message.data_time or "", dialect) + PERIODS[message.cn]
            assert timedelta(0) < sent - end < timedelta(seconds=5)
    assert len(seen) == 4 * 21


def half_day(world: World) -> Iterator[tuple[datetime, Message]]:
    yield from world.all_messages(NOON, NOON + timedelta(hours=13), (TEN_MINUTE, HOURLY, DAILY))
    yield from world.all_messages(NOON, NOON + timedelta(minutes=10), (REALTIME,))


def test_all_messages_come_in_order_of_sending_and_of_the_asked_span(world: World) -> None:
    sent = list(world.all_messages(NOON, NOON + HOUR))
    times = [moment for moment, _ in sent]
    assert times == sorted(times)
    assert times[0] >= NOON
    assert times[-1] < NOON + HOUR
    silent = {one.station for one in world.interruptions(NOON - HOUR, NOON + HOUR) if one.kind == "lost"}
    quiet = [station for station in world.stations if station.code not in silent]
    assert len(quiet) > 15
    for station in quiet:
        kinds = [message.cn for _, message in sent if message.mn == station.mn]
        assert {kind: kinds.count(kind) for kind in kinds} == {REALTIME: 120, TEN_MINUTE: 6, HOURLY: 1}


def test_a_request_number_is_the_moment_of_sending_and_is_never_used_twice(world: World) -> None:
    numbers_used = set()
    for sent, message in world.all_messages(NOON, NOON + HOUR):
        local = sent + timedelta(hours=8)
        assert message.qn == f"{local:%Y%m%d%H%M%S}{local.microsecond // 1000:03d}"
        numbers_used.add((message.mn, message.qn))
    assert len(numbers_used) == sum(1 for _ in world.all_messages(NOON, NOON + HOUR))


@given(first=st.integers(0, 7_200_000), length=st.integers(0, 5_400_000), cut=st.floats(0, 1), place=st.integers(0, 20))
@settings(max_examples=30, deadline=None)
def test_a_stream_may_be_cut_anywhere(world: World, first: int, length: int, cut: float, place: int) -> None:
    station = (*world.stations, *world.strangers)[place]
    start = datetime(2026, 11, 20, 15, 30, tzinfo=UTC) + timedelta(milliseconds=first)
    middle, end = start + timedelta(milliseconds=int(length * cut)), start + timedelta(milliseconds=length)
    parts = [*world.messages(station, start, middle), *world.messages(station, middle, end)]
    assert parts == list(world.messages(station, start, end))


def test_the_end_of_a_span_is_left_out_to_the_millisecond(world: World) -> None:
    station = world.station("QJ-S01")
    moments = [sent for sent, _ in islice(world.messages(station, NOON, None), 3)]
    assert [sent for sent, _ in world.messages(station, NOON, moments[2])] == moments[:2]
    assert next(world.messages(station, moments[2], None))[0] == moments[2]


def test_a_stream_without_end_begins_like_one_with_an_end(world: World) -> None:
    endless = list(islice(world.all_messages(NOON, None), 500))
    assert endless == list(islice(world.all_messages(NOON, NOON + DAY), 500))


def test_the_interval_of_real_time_data_can_be_set(world: World) -> None:
    slow = World(epoch=world.epoch, realtime_interval=300)
    station = slow.station("QJ-S01")
    assert sum(1 for _ in slow.messages(station, NOON, NOON + HOUR, (REALTIME,))) == 12


def quiet_hour(world: World, station: Station) -> datetime:
    """An hour in which this logger neither lost anything nor was serviced."""
    for start in (NOON + number * HOUR for number in range(24)):
        if all(one.station != station.code for one in world.interruptions(start, start + HOUR)):
            return start
    raise AssertionError


def hour_and_parts(world: World, code: str, kind: str) -> tuple[Message, list[Message]]:
    """The hour message of a quiet hour and the messages of a finer kind that it sums up."""
    station = world.station(code)
    start = quiet_hour(world, station)
    soon = start + HOUR + timedelta(seconds=9)
    ((_, hour),) = world.messages(station, start + HOUR, soon, (HOURLY,))
    parts = world.messages(station, start + timedelta(seconds=9 if kind != REALTIME else 0), soon, (kind,))
    return hour, [message for moment, message in parts if kind != REALTIME or moment < start + HOUR]


def decimals(message: Message, name: str) -> int:
    return len((message.get(name) or "").partition(".")[2])


@pytest.mark.parametrize("code", ["QJ-S01", "QJ-A01", "QJ-W02", "QJ-G01", "QJ-W05"])
def test_the_hour_says_what_its_real_time_values_say(world: World, code: str) -> None:
    """HJ 212-2017 annex D: means of waste water are weighted by flow; not so flow itself and pH."""
    hour, samples = hour_and_parts(world, code, REALTIME)
    assert len(samples) == 120
    rows = [numbers(sample, "Rtd") for sample in samples]
    first, second, *_ = rows[0]
    flow = np.array([row[first] for row in rows]) if hour.st == "32" else None
    means, lows, highs = (numbers(hour, kind) for kind in ("Avg", "Min", "Max"))
    for factor, mean in means.items():
        values = np.array([row[factor] for row in rows])
        expected = np.average(values, weights=None if factor in (first, second) else flow)
        assert mean == pytest.approx(expected, abs=0.51 * 10.0 ** -decimals(hour, f"{factor}-Avg"))
        assert (lows[factor], highs[factor]) == (values.min(), values.max())
        assert lows[factor] <= mean <= highs[factor]


def test_amounts_follow_from_flow_and_concentration(world: World) -> None:
    """HJ 212-2017 annex D: volume is flow over time, mass is concentration times volume."""
    hour, tens = hour_and_parts(world, "QJ-W01", TEN_MINUTE)
    means, amounts = numbers(hour, "Avg"), numbers(hour, "Cou")
    assert amounts["w00000"] == pytest.approx(means["w00000"] * 3.6, rel=1e-3)
    assert amounts["w01018"] == pytest.approx(means["w01018"] * amounts["w00000"] / 1000, rel=5e-3)
    assert len(tens) == 6
    assert sum(numbers(ten, "Cou")["w00000"] for ten in tens) == pytest.approx(amounts["w00000"], abs=0.05)


def test_day_data_cover_the_calendar_day_of_china(world: World) -> None:
    station = world.station("QJ-A01")
    midnight = datetime(2026, 11, 20, 16, tzinfo=UTC)
    ((sent, day),) = world.messages(station, midnight - HOUR, midnight + HOUR, (DAILY,))
    assert day.data_time == "20261120000000"
    assert midnight < sent < midnight + timedelta(seconds=5)
    tens = world.means(station, "a34004", midnight - DAY, midnight)
    assert numbers(day, "Avg")["a34004"] == pytest.approx(float(tens.value.mean()), abs=1.0)


def test_the_end_stamping_logger_means_the_same_hour(world: World) -> None:
    station = world.station("QJ-W02")
    start = quiet_hour(world, station)
    ((_, message),) = world.messages(station, start + HOUR, start + HOUR + timedelta(seconds=9), (HOURLY,))
    local = start + timedelta(hours=9)
    assert message.data_time == f"{local:%Y%m%d%H%M%S}"
    assert period_start(HOURLY, message.data_time, station.dialect) == start


def test_old_loggers_write_the_codes_of_their_edition(world: World) -> None:
    ((_, water),) = islice(world.messages(world.station("QJ-W05"), NOON, None, (REALTIME,)), 1)
    ((_, gas),) = islice(world.messages(world.station("QJ-G02"), NOON, None, (REALTIME,)), 1)
    assert list(water.values()) == ["B01", "001", "011", "060", "101", "065"]
    assert list(gas.values()) == ["B02", "02", "03", "01", "S01", "S03", "S05"]
    assert set(gas.values()["02"]) == {"Rtd", "ZsRtd", "Flag"}
    assert (water.edition, water.flag) == ("2005", 1)


def test_service_is_flagged_and_a_lost_hour_is_silent(world: World) -> None:
    pauses = world.interruptions(NOON - 20 * DAY, NOON)
    service = next(one for one in pauses if one.kind == "maintenance")
    flagged = list(
        world.messages(world.station(service.station), service.start + timedelta(seconds=5), service.end, (REALTIME,))
    )
    assert flagged
    assert {values["Flag"] for _, message in flagged for values in message.values().values()} == {"M"}
    lost = next(one for one in pauses if one.kind == "lost")
    station = world.station(lost.station)
    sent = world.messages(
        station, lost.start + timedelta(seconds=5), lost.end + timedelta(seconds=9), (REALTIME, TEN_MINUTE, HOURLY)
    )
    assert all(message.cn == REALTIME and moment > lost.end for moment, message in sent)


def test_one_device_sends_although_nobody_registered_it(world: World) -> None:
    senders = {message.mn for _, message in world.all_messages(NOON, NOON + timedelta(minutes=2))}
    (stranger,) = world.strangers
    assert senders - {station.mn for station in world.stations} == {stranger.mn}
    assert stranger.limits == ()


def test_only_the_last_days_are_kept_in_memory(world: World) -> None:
    station = world.station("QJ-S01")
    first = world.samples(station, 20_000)
    assert world.samples(station, 20_000) is first
    for day in range(20_001, 20_001 + 3 * 21):
        world.samples(station, day)
    assert world.samples(station, 20_000) is not first


def test_a_wrong_span_or_command_is_refused_by_name(world: World) -> None:
    station = world.stations[0]
    with pytest.raises(BadInterval, match="without zone"):
        world.messages(station, datetime(2026, 1, 1), None)  # noqa: DTZ001
    with pytest.raises(BadInterval, match="an end not before the start"):
        world.messages(station, NOON, NOON - HOUR)
    with pytest.raises(NoSuchKind, match="9999"):
        world.messages(station, NOON, None, ("9999",))
    with pytest.raises(NoSuchKind, match=KINDS[0]):
        world.messages(station, NOON, None, ())
