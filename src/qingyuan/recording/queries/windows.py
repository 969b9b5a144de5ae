"""Readings in a span of time. `window` is the only place where rows become a `Series`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import numpy as np
from django.db import connection

from qingyuan.kit.turns import Question, as_read, ask
from qingyuan.recording import arrived, known
from qingyuan.recording.arrived import Arrived
from qingyuan.recording.lake import below
from qingyuan.recording.lake.ours import our_lake
from qingyuan.recording.lake.reading import NOTHING, Found
from qingyuan.recording.unread import STEPS, Unread, as_series
from qingyuan.sensing.queries import units_of
from qingyuan_science.series import SECOND, Mark, Series, microseconds, moment


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


def window(channel_id: int, kind: str, start: datetime, end: datetime, *, as_of: datetime | None = None) -> Series:
    """The readings of one channel in a span of time.

    Parameters
    ----------
    channel_id : int
    kind : str
        A letter of `KINDS`.
    start, end : datetime
        Aware; `start` belongs to the span, `end` does not.
    as_of : datetime, optional
        Answer what was known at that instant: what was received later is absent, what was corrected or marked later
        stands as it stood. What is known now when left out.

    Returns
    -------
    Series
        Sorted by time; empty where there is nothing. Marks are those of the device together with those of people.
    """
    return windows([channel_id], kind, start, end, as_of=as_of)[channel_id]


def windows(
    channel_ids: Sequence[int], kind: str, start: datetime, end: datetime, *, as_of: datetime | None = None
) -> dict[int, Series]:
    """The readings of several channels in a span of time, by one query for values and one for marks.

    Parameters
    ----------
    channel_ids : sequence of int
    kind : str
    start, end : datetime
        As for `window`.
    as_of : datetime, optional
        As for `window`.

    Returns
    -------
    dict of int to Series
        An entry for every channel asked for.
    """
    if as_of is None:
        return unread(channel_ids, kind, start, end).read()
    rows: dict[int, list[tuple[int, float, str]]] = {channel: [] for channel in channel_ids}
    sealed = partial(below.versions, channel_ids, kind, start, end)
    for channel, at, value, mark in known.rows_then(channel_ids, kind, (start, end), as_of=as_of, sealed=sealed):
        rows[channel].append((at, value, mark))
    whole = {channel: Found.of(found) for channel, found in rows.items()}
    marks = known.marks_of(channel_ids, (start, end + _longest(kind)), as_of)
    return as_series(whole, kind, units_of(channel_ids), marks)


def unread(channel_ids: Sequence[int], kind: str, start: datetime, end: datetime) -> Unread:
    """What the database knows of `windows`, so that another process can read the rest, from the lake's files.

    Parameters
    ----------
    channel_ids : sequence of int
    kind : str
    start, end : datetime
        As for `window`.

    Returns
    -------
    Unread
        It can be pickled; `read()` answers what `windows` would.
    """
    return ask(unread_question(channel_ids, kind, start, end))


def unread_question(channel_ids: Sequence[int], kind: str, start: datetime, end: datetime) -> Question[Unread]:
    """The question of `unread`, to be asked together with others.

    Parameters
    ----------
    channel_ids : sequence of int
    kind : str
    start, end : datetime
        As for `window`.

    Returns
    -------
    Question
        Answered as `unread` is.
    """

    def _read(told: known.Standing) -> Unread:
        version = told.sealed if channel_ids else None
        hot = {channel: told.hot.get(channel, NOTHING) for channel in channel_ids}
        return Unread(our_lake(), version, kind, (microseconds(start), microseconds(end)), hot, told.units, told.marks)

    return as_read(known.standing_question(channel_ids, kind, (start, end), end + _longest(kind)), _read)


def _longest(kind: str) -> timedelta:
    return timedelta(seconds=STEPS[kind] or 0)


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
    return row[0] if row else below.received_at(channel_id, kind, at)


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
    )
    wanted = list(channel_ids)
    with connection.cursor() as cursor:
        cursor.execute(sql, [wanted, list(kinds), start, end])
        hot = [Stored(*row) for row in cursor.fetchall()]
    sealed = [
        Stored(channel, kind, *rest)
        for kind in kinds
        if below.reaches(kind, start, end)
        for channel, *rest in below.rows(wanted, kind, start, end).iter_rows()
    ]
    found = {(one.channel_id, one.kind, one.at): one for one in (*sealed, *hot)}
    return [found[key] for key in sorted(found)]


def delays(channel_ids: Sequence[int], kind: str, start: datetime, end: datetime) -> dict[int, Series]:
    """How long after the start of its period each reading of some channels was received.

    Parameters
    ----------
    channel_ids : sequence of int
    kind : str
    start, end : datetime
        As for `window`.

    Returns
    -------
    dict of int to Series
        An entry for every channel asked for [s].
    """
    found_hot = known.delays(channel_ids, kind, (start, end))
    hot = {channel: found_hot.get(channel, NOTHING) for channel in channel_ids}
    rows = below.rows(channel_ids, kind, start, end, columns=("channel", "at", "received_at"))
    channel, at = rows["channel"].to_numpy(), rows["at"].to_physical().to_numpy()
    late = (rows["received_at"].to_physical().to_numpy() - at).astype(np.float64)
    found = {}
    for one, over in hot.items():
        first, after = np.searchsorted(channel, [one, one + 1])
        sealed = Found(at[first:after], late[first:after], np.full(after - first, Mark.NORMAL.value))
        whole = over.over(sealed)
        found[one] = Series(whole.at, whole.value / SECOND, np.full(len(whole.at), Mark.NORMAL.value), "s", STEPS[kind])
    return found


def columns(spans: Sequence[arrived.Span], kind: str) -> Arrived | None:
    """The readings of many channels, each in a span of its own, as columns: by one query for values, one for marks.

    Parameters
    ----------
    spans : sequence of tuple of int
        Channel, first and last instant, both included [µs since 1970 in UTC]; at least one, each channel once.
    kind : str
        A letter of `KINDS`.

    Returns
    -------
    Arrived or None
        Marks are those of the device together with those of people, as in `window`. None where a day of a span is
        sealed, so that the hot table does not hold all of it.
    """
    found = arrived.columns(spans, kind, STEPS[kind])
    first, last = min(one[1] for one in spans), max(one[2] for one in spans)
    return None if below.reaches(kind, moment(first), moment(last)) else found


def with_later(lasts: Sequence[tuple[int, int]], kind: str) -> set[int]:
    """Of some channels, each with an instant, those that have a later reading.

    Parameters
    ----------
    lasts : sequence of tuple of int
        Channel and instant [µs since 1970 in UTC]; at least one.
    kind : str
        A letter of `KINDS`.

    Returns
    -------
    set of int
        Channels; only readings that are not sealed yet count.
    """
    return arrived.with_later(lasts, kind)


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
    if below.reaches(kind, start, end):
        return len(window(channel_id, kind, start, end).at)
    sql = 'SELECT count(*) FROM recording_reading WHERE channel_id = %s AND kind = %s::"char" AND at >= %s AND at < %s'
    with connection.cursor() as cursor:
        cursor.execute(sql, [channel_id, kind, start, end])
        return int(cursor.fetchone()[0])
