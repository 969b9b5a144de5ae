"""Reads of readings. `window` is the only place where rows become a `Series`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from django.db import connection

from qingyuan.kit import clock
from qingyuan.recording.models import KINDS
from qingyuan.sensing.queries import Channel
from qingyuan_science.series import Series

__all__ = [
    "KINDS",
    "STEPS",
    "Latest",
    "Stored",
    "coverage",
    "latest",
    "received_at",
    "stored",
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


@dataclass(frozen=True)
class Stored:
    """A reading with all that is kept of it."""

    channel_id: int
    kind: str
    at: datetime
    value: float | None
    low: float | None
    high: float | None
    total: float | None
    mark: str
    received_at: datetime


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


def stored(channel_ids: Iterable[int], kinds: str, start: datetime, end: datetime) -> list[Stored]:
    """The readings of some channels in a span of time, each with all that is kept of it.

    Parameters
    ----------
    channel_ids : iterable of int
    kinds : str
        Letters of `KINDS`.
    start, end : datetime
        Aware; `start` belongs to the span, `end` does not.

    Returns
    -------
    list of Stored
        By channel, kind and time.
    """
    sql = (
        "SELECT channel_id, kind::text, at, value, low, high, total, mark::text, received_at FROM recording_reading"
        ' WHERE channel_id = ANY(%s) AND kind = ANY(%s::"char"[]) AND at >= %s AND at < %s'
        " ORDER BY channel_id, kind, at"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [list(channel_ids), list(kinds), start, end])
        return [Stored(*row) for row in cursor.fetchall()]


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
