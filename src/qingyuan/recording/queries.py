"""Reads of readings. `window` is the only place where rows become a `Series`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from django.db import connection
from django.db.models import CharField, Func, OuterRef, QuerySet, Subquery

from qingyuan.kit import clock
from qingyuan.recording.models import KINDS, Reading, Stream
from qingyuan.sensing.queries import Channel
from qingyuan_science.series import Series

__all__ = [
    "KINDS",
    "STEPS",
    "Latest",
    "Reading",
    "Stream",
    "coverage",
    "end_of_stream",
    "latest",
    "readings",
    "received_at",
    "streams",
    "window",
    "windows",
]


STEPS: dict[str, float | None] = {"r": None, "m": None, "h": 3600.0, "H": 3600.0, "d": 86400.0, "D": 86400.0}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Latest:
    """The newest reading of a channel."""

    channel_id: int
    at: datetime
    value: float | None
    mark: str


def window(channel_id: int, kind: str, start: datetime, end: datetime) -> Series:
    """The readings of one channel in a span of time.

    Parameters
    ----------
    channel_id : int
    kind : str
        A letter of `KINDS`.
    start, end : datetime
        Aware; `start` belongs to the span, `end` does not.

    Returns
    -------
    Series
        Sorted by time; empty where there is nothing.
    """
    return windows([channel_id], kind, start, end)[channel_id]


def windows(channel_ids: Sequence[int], kind: str, start: datetime, end: datetime) -> dict[int, Series]:
    """The readings of several channels in a span of time, by one query.

    Parameters
    ----------
    channel_ids : sequence of int
    kind : str
    start, end : datetime
        As for `window`.

    Returns
    -------
    dict of int to Series
        An entry for every channel asked for.
    """
    units = dict(Channel.objects.filter(pk__in=channel_ids).values_list("pk", "unit"))
    rows: dict[int, list[tuple[int, float, str]]] = {channel: [] for channel in channel_ids}
    sql = (
        "SELECT channel_id, (extract(epoch FROM at) * 1000000)::bigint, coalesce(value, 'NaN'), mark::text"
        ' FROM recording_reading WHERE channel_id = ANY(%s) AND kind = %s::"char" AND at >= %s AND at < %s'
        " ORDER BY channel_id, at"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [list(channel_ids), kind, start, end])
        for channel, at, value, mark in cursor.fetchall():
            rows[channel].append((at, value, mark))
    return {channel: _series(found, units.get(channel, ""), STEPS[kind]) for channel, found in rows.items()}


def latest(channel_ids: Iterable[int], kind: str = "r", since: timedelta = timedelta(days=2)) -> dict[int, Latest]:
    """The newest reading of each channel.

    Parameters
    ----------
    channel_ids : iterable of int
    kind : str
    since : timedelta
        How far back to look from the newest partition on; a channel silent for longer has no entry.

    Returns
    -------
    dict of int to Latest
    """
    sql = (
        "SELECT c.id, r.at, r.value, r.mark::text FROM unnest(%s::int[]) AS c(id) CROSS JOIN LATERAL ("
        ' SELECT at, value, mark FROM recording_reading WHERE channel_id = c.id AND kind = %s::"char" AND at >= %s'
        " ORDER BY at DESC LIMIT 1) r"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [list(channel_ids), kind, clock.now() - since])
        return {row[0]: Latest(*row) for row in cursor.fetchall()}


def received_at(channel_id: int, kind: str, at: datetime) -> datetime | None:
    """When the gateway received what stands for a reading.

    Parameters
    ----------
    channel_id : int
    kind : str
    at : datetime
        Start of the reading's period.

    Returns
    -------
    datetime or None
        The stamp that the raw packet carries too; None where there is no such reading.
    """
    sql = 'SELECT received_at FROM recording_reading WHERE (channel_id, kind, at) = (%s, %s::"char", %s)'
    with connection.cursor() as cursor:
        cursor.execute(sql, [channel_id, kind, at])
        row = cursor.fetchone()
    return row[0] if row else None


def coverage(channel_id: int, kind: str, start: datetime, end: datetime) -> int:
    """How many readings a channel has in a span of time.

    Parameters
    ----------
    channel_id : int
    kind : str
    start, end : datetime

    Returns
    -------
    int
    """
    sql = 'SELECT count(*) FROM recording_reading WHERE channel_id = %s AND kind = %s::"char" AND at >= %s AND at < %s'
    with connection.cursor() as cursor:
        cursor.execute(sql, [channel_id, kind, start, end])
        return int(cursor.fetchone()[0])


def _series(rows: list[tuple[int, float, str]], unit: str, step: float | None) -> Series:
    at, value, mark = zip(*rows, strict=True) if rows else ((), (), ())
    return Series(
        at=np.array(at, dtype=np.int64),
        value=np.array(value, dtype=np.float64),
        mark=np.array(mark, dtype="U1"),
        unit=unit,
        step=step,
    )


def streams() -> QuerySet[Stream]:
    """Channels × kinds that have readings or were announced, with the channel, its station and the instrument.

    Returns
    -------
    QuerySet of Stream
        Not scoped: the caller narrows it to what the viewer may see.
    """
    return Stream.objects.select_related("channel__station", "instrument")


def readings() -> QuerySet[Reading]:
    """Readings as rows, for pages of them; what calculates takes `window`.

    Returns
    -------
    QuerySet of Reading
        Not scoped: the caller narrows it to what the viewer may see.
    """
    return Reading.objects.all()


def end_of_stream(prefix: str, column: str, *, last: bool) -> Subquery:
    """The first or the last of something in a stream's readings, as an expression over a queryset.

    Parameters
    ----------
    prefix : str
        How the queryset's rows reach a stream: empty, or for example `stream__`.
    column : str
        A column of the reading.
    last : bool

    Returns
    -------
    Subquery
        Null where the stream has no reading. One probe of the primary key for each row.
    """
    kind = Func(OuterRef(f"{prefix}kind"), template='(%(expressions)s)::"char"', output_field=CharField())
    found = Reading.objects.filter(channel=OuterRef(f"{prefix}channel"), kind=kind)
    return Subquery(found.order_by("-at" if last else "at").values(column)[:1])
