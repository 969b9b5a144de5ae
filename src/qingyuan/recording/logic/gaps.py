"""What is missing of a time in which a device was not heard, after it has come back."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from django.db import connection

from qingyuan.places.queries import Station
from qingyuan.sensing.queries import (
    Command,
    CommandState,
    Device,
    MissedParts,
    Silence,
    commands_of,
    dialect_of,
    requests_for,
)
from qingyuan_science.hj212 import Dialect, instant

Asked = tuple[Device, str, datetime, datetime]  # of whom, by which request, first and last period
MOST_TRIES = 3
BROKEN_OFF = frozenset({CommandState.UNANSWERED, CommandState.UNFINISHED, CommandState.EXPIRED})
MOST_OF_A_DEVICE = 50  # periods of split messages that are looked at together
NEAR = timedelta(hours=1)  # periods of split messages that are asked for together

PERIODS = {"h": timedelta(hours=1), "d": timedelta(days=1)}
REQUEST_OF = {"m": "minute-history", "h": "hour-history", "d": "day-history", "r": "production-history"}
KIND_OF_COMMAND = {"2051": "m", "2061": "h", "2031": "d", "2011": "r"}
PRODUCTION = frozenset(("power-meter", "working-state"))  # whose real-time values of the past 2025 lets be asked for
HOLE = timedelta(minutes=5)
SHANGHAI = timedelta(hours=8)
REALTIME = "r"
_USUAL = (
    "SELECT DISTINCT r.channel_id FROM recording_reading r JOIN sensing_channel c ON c.id = r.channel_id"
    ' WHERE c.station_id = %s AND r.kind = %s::"char" AND r.at >= %s AND r.at < %s'
)
_THERE = (
    'SELECT DISTINCT at FROM recording_reading WHERE channel_id = ANY(%s) AND kind = %s::"char"'
    " AND at >= %s AND at < %s"
)

_FILLED = 'SELECT channel_id FROM recording_reading WHERE channel_id = ANY(%s) AND kind = %s::"char" AND at = %s'


def missing(silence: Silence, kind: str) -> tuple[datetime, datetime] | None:
    """First and last period without any reading of a kind that the station had in the two days before; else None."""
    station = silence.device.station
    if station is None or (kind == REALTIME and station.kind not in PRODUCTION):
        return None
    channels = _column(_USUAL, [station.pk, kind, silence.began_at - timedelta(days=2), silence.began_at])
    if not channels:
        return None
    if kind == REALTIME:
        return _hole(channels, silence)
    period = PERIODS.get(kind) or _minutes(channels, silence.began_at)
    first, after = _whole(silence.began_at, period), _whole(silence.ended_at, period)
    there = set(_column(_THERE, [channels, kind, first, after]))
    wanted = [first + number * period for number in range(round((after - first) / period))]
    gone = [at for at in wanted if at not in there]
    return (gone[0], gone[-1]) if gone else None


def of_parts(missed: Sequence[MissedParts], why: str) -> Iterator[Asked]:
    """What to ask for of split messages that are not whole, where it is still missing; neighbours in one request.

    `why` is what earlier requests for such were made for. Of each device so many of the newest are looked at that one
    which loses parts all day keeps no other from its turn.
    """
    wanted: dict[tuple[int, str], dict[datetime, Device]] = {}
    for one in _newest_of_each(missed):
        kind, code = _asked_as(one)
        if lacks(one.device.station, kind, one.at) and _may_ask(one, code, why):
            wanted.setdefault((one.device.pk, code), {})[one.at] = one.device
    for (_, code), times in wanted.items():
        for first, last in _together(sorted(times)):
            yield times[first], code, first, last


def by_device(missed: Sequence[MissedParts]) -> Iterator[list[MissedParts]]:
    """The same, device by device."""
    found: dict[int, list[MissedParts]] = {}
    for one in missed:
        found.setdefault(one.device.pk, []).append(one)
    yield from found.values()


def _newest_of_each(missed: Sequence[MissedParts]) -> Iterator[MissedParts]:
    """The newest of each device that can be asked for, a few of each, every period once."""
    known: dict[int, set[tuple[str, datetime]]] = {}
    codes: dict[int, set[str]] = {}
    for one in reversed(missed):
        number = one.device.pk
        if number not in codes:
            codes[number] = {request.code for request in requests_for(one.device)}
        few, key = known.setdefault(number, set()), (one.cn, one.at)
        if key not in few and len(few) < MOST_OF_A_DEVICE and _asked_as(one)[1] in codes[number]:
            few.add(key)
            yield one


def _asked_as(one: MissedParts) -> tuple[str, str]:
    """The kind of what is missing, and the request by which it is asked for; empty where there is none."""
    kind = KIND_OF_COMMAND.get(one.cn, "")
    return kind, REQUEST_OF.get(kind, "")


def lacks(station: Station | None, kind: str, at: datetime) -> bool:
    """Whether a station lacks a reading of a kind, for an instant, that it usually has.

    True also where nothing is known of what is usual.
    """
    if station is None or (kind == REALTIME and station.kind not in PRODUCTION):
        return False
    usual = _column(_USUAL, [station.pk, kind, at - timedelta(days=2), at])
    return not usual or len(_column(_FILLED, [usual, kind, at])) < len(usual)


def worth_asking(before: Sequence[Command]) -> bool:
    """Whether asking once more may bring anything, after what was asked before."""
    return len(before) < MOST_TRIES and all(one.state in BROKEN_OFF for one in before)


def _may_ask(one: MissedParts, code: str, why: str) -> bool:
    dialect = dialect_of(one.device.dialect)
    before = commands_of(one.device).filter(code=code, why=why, asked_at__gte=min(one.at, one.since))
    return worth_asking([row for row in before if _covers(row, one.at, dialect)])


def _covers(command: Command, at: datetime, dialect: Dialect) -> bool:
    begin, end = (instant(command.arguments[name], dialect) for name in ("BeginTime", "EndTime"))
    return begin <= at <= end


def _together(times: Sequence[datetime]) -> list[tuple[datetime, datetime]]:
    """First and last of each group of times that lie close to each other."""
    groups: list[tuple[datetime, datetime]] = []
    for at in times:
        near = bool(groups) and at - groups[-1][1] <= NEAR
        first = groups.pop()[0] if near else at
        groups.append((first, at))
    return groups


def _hole(channels: list[int], silence: Silence) -> tuple[datetime, datetime] | None:
    """From the first to the last end of what is empty for longer than real-time values rest."""
    there = _column(_THERE, [channels, REALTIME, silence.began_at, silence.ended_at])
    known = sorted({silence.began_at, *there, silence.ended_at})
    ends = [at for before, after in pairwise(known) if after - before > HOLE for at in (before, after)]
    return (ends[0], ends[-1]) if ends else None


def _minutes(channels: list[int], before: datetime) -> timedelta:
    """How long the minute values of a station are, by the closest two of the hours before."""
    times = sorted(_column(_THERE, [channels, "m", before - timedelta(hours=6), before]))
    apart = [later - earlier for earlier, later in pairwise(times)]
    return max(timedelta(minutes=1), min(apart, default=timedelta(minutes=10)))


def _whole(at: datetime, period: timedelta) -> datetime:
    """The start of the period that holds an instant; days begin at midnight in China."""
    epoch = datetime(1970, 1, 1, tzinfo=UTC) - SHANGHAI
    return at - (at - epoch) % period


def _column(sql: str, values: list[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return [row[0] for row in cursor.fetchall()]
