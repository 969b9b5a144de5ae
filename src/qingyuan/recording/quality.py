"""How completely, validly and timely the readings of each channel came, day by day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import connection
from django.db.models import Min

from qingyuan.kit.clock import SHANGHAI
from qingyuan.recording.lake import below
from qingyuan.recording.marked import SPOILS_ABOVE
from qingyuan.sensing.queries import Channel, Device
from qingyuan_science.series import Delivery

PERIODS = {"h": timedelta(hours=1), "d": timedelta(days=1)}
TIMELY = timedelta(hours=1)  # our own choice: no rule was found that says how late a mean may come

_MARKED = (
    " AND NOT EXISTS (SELECT FROM recording_markedspan s"
    " JOIN recording_markedspan_channels c ON c.markedspan_id = s.id"
    " WHERE c.channel_id = r.channel_id AND s.withdrawn_at IS NULL AND s.letter <> ''"
    " AND least(s.counts_until, r.at + %(step)s) - greatest(s.starts_at, r.at) > %(spoils)s)"
)
_ANY_MARK = (
    "SELECT EXISTS (SELECT FROM recording_markedspan s JOIN recording_markedspan_channels c ON c.markedspan_id = s.id"
    " WHERE s.starts_at < %(end)s AND s.counts_until > %(start)s AND s.letter <> '' AND s.withdrawn_at IS NULL"
    " AND c.channel_id = ANY(%(ids)s))"
)
_COUNTED = (
    "SELECT r.channel_id, (r.at AT TIME ZONE 'Asia/Shanghai')::date, count(*),"
    " count(*) FILTER (WHERE r.mark = 'N' AND r.value IS NOT NULL{marked}),"
    " count(*) FILTER (WHERE r.received_at - r.at - %(step)s <= %(timely)s),"
    " percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM r.received_at - r.at - %(step)s)::float8)"
    " FROM ({readings}) r GROUP BY 1, 2"
)
_LATE = (
    "SELECT r.at, r.received_at FROM ({readings}) r WHERE r.received_at - r.at - %(step)s > %(timely)s ORDER BY r.at"
)
_HOT = (
    "SELECT h.channel_id, h.at, h.value, h.mark, h.received_at FROM recording_reading h"
    ' WHERE h.channel_id = ANY(%(ids)s) AND h.kind = %(kind)s::"char" AND h.at >= %(start)s AND h.at < %(end)s'
)
_SEALED = (
    " UNION ALL SELECT s.* FROM unnest(%(channels)s::int[], %(times)s::timestamptz[], %(values)s::float8[],"
    ' %(marks)s::"char"[], %(receipts)s::timestamptz[]) AS s(channel_id, at, value, mark, received_at)'
    " WHERE NOT EXISTS (SELECT FROM recording_reading h"
    ' WHERE (h.channel_id, h.kind, h.at) = (s.channel_id, %(kind)s::"char", s.at))'
)
_OF_SEALED = {"channels": "channel", "times": "at", "values": "value", "marks": "mark", "receipts": "received_at"}


@dataclass(frozen=True)
class DayQuality:
    """One channel on one day in China."""

    channel_id: int
    day: date
    delivery: Delivery
    delay_s: float | None


@dataclass(frozen=True)
class Lateness:
    """A reading that came late."""

    at: datetime
    received_at: datetime


def quality(channel_ids: Sequence[int], days: tuple[date, date], kind: str, now: datetime) -> list[DayQuality]:
    """How the readings of channels came on each of several days.

    Parameters
    ----------
    channel_ids : sequence of int
    days : tuple of date
        First and last day, both included.
    kind : {"h", "d"}
        Means as sent: the counts of authorities rest on hours or days.
    now : datetime
        Of the running day only those periods are due that have ended.

    Returns
    -------
    list of DayQuality
        One for every channel and day, in order. `delay_s` is the median time from a period's end to its arrival, None
        where nothing came [s].

    Source
    ------
    污染物排放自动监测设备标记规则 (2022): due, received and valid values are counted per outlet from hours or days.

    Notes
    -----
    Nothing is due from before the station's device was registered or first heard. Valid is what the device marked
    normal and nobody marked otherwise. Timely is what came within an hour of the end of its period, which is this
    project's choice.
    """
    values = _values(days, kind) | {"ids": list(channel_ids)}
    with connection.cursor() as cursor:
        cursor.execute(_ANY_MARK, values)
        marked = _MARKED if cursor.fetchone()[0] else ""
    found_rows = _selected(_COUNTED.replace("{marked}", marked), values)
    counted: dict[tuple[int, date], Any] = {(row[0], row[1]): row[2:] for row in found_rows}
    since = _since(channel_ids)
    found = []
    for channel in channel_ids:
        for day in _each(days):
            received, valid, timely, delay = counted.get((channel, day), (0, 0, 0, None))
            due = max(_due(day, PERIODS[kind], since.get(channel), now), received)
            found.append(DayQuality(channel, day, Delivery(due, received, valid, timely), delay))
    return found


def late(channel_id: int, day: date, kind: str) -> list[Lateness]:
    """The readings of a channel on a day that came later than they should.

    Parameters
    ----------
    channel_id : int
    day : date
    kind : {"h", "d"}

    Returns
    -------
    list of Lateness
        In order of time.
    """
    return [Lateness(*row) for row in _selected(_LATE, _values((day, day), kind) | {"ids": [channel_id]})]


def _selected(sql: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    """What a query finds over the readings of a span, those of sealed days under those of the hot table."""
    kind, start, end = values["kind"], values["start"], values["end"]

    def read() -> list[tuple[Any, ...]]:
        readings, sealed = _HOT, {}
        if below.reaches(kind, start, end):
            rows = below.rows(values["ids"], kind, start, end, columns=tuple(_OF_SEALED.values()))
            readings, sealed = _HOT + _SEALED, {name: rows[column].to_list() for name, column in _OF_SEALED.items()}
        with connection.cursor() as cursor:
            cursor.execute(sql.replace("{readings}", readings), values | sealed)
            found: list[tuple[Any, ...]] = cursor.fetchall()
        return found

    return below.steady(kind, start, end, read)


def _values(days: tuple[date, date], kind: str) -> dict[str, Any]:
    first, last = days
    return {
        "kind": kind,
        "start": datetime.combine(first, time(), SHANGHAI),
        "end": datetime.combine(last, time(), SHANGHAI) + timedelta(days=1),
        "step": PERIODS[kind],
        "spoils": PERIODS[kind] * SPOILS_ABOVE,
        "timely": TIMELY,
    }


def _each(days: tuple[date, date]) -> list[date]:
    first, last = days
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def _since(channel_ids: Sequence[int]) -> dict[int, datetime]:
    """From when on the readings of channels are due; without an entry always."""
    first = dict(
        Device.objects.filter(station__isnull=False).values_list("station_id").annotate(Min("first_seen_at")).order_by()
    )
    stations = Channel.objects.filter(pk__in=channel_ids, station__in=first).values_list("pk", "station_id")
    return {pk: first[station] for pk, station in stations}


def _due(day: date, period: timedelta, since: datetime | None, now: datetime) -> int:
    """Periods of a day that have ended, and began when readings were due already."""
    start = datetime.combine(day, time(), SHANGHAI)
    ended = max(min(now - start, timedelta(days=1)) // period, 0)
    before = 0 if since is None else max(-(-(since - start) // period), 0)
    return max(ended - before, 0)
