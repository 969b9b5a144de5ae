"""What was known at an instant: readings as they stood then, and what people had marked of their times."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.db import connection

from qingyuan.recording.lake.reading import Found
from qingyuan.recording.marked import COMPUTED, SPOILS_ABOVE, Marked
from qingyuan_science.series import microseconds

Row = tuple[int, int, float, str]  # channel, time [µs], value, mark
Version = tuple[int, int, float, str, int]  # the same, and when it came [µs]

_INSTANT = "channel_id, (extract(epoch FROM at) * 1000000)::bigint, coalesce(value, 'NaN')"
_SHOWN = f"{_INSTANT}, mark::text"
_CHOSEN = 'channel_id = ANY(%s) AND kind = %s::"char" AND at >= %s AND at < %s'
_COPY = (  # of what is chosen below, by no word from outside
    "COPY (SELECT channel_id, (extract(epoch FROM at) * 1000000)::bigint, {column}, mark"  # noqa: S608 constants
    " FROM recording_reading"
    f" WHERE {_CHOSEN}) TO STDOUT (FORMAT BINARY)"
)
_VALUE = "coalesce(value, 'NaN')"
_DELAY = "(extract(epoch FROM received_at - at) * 1000000)::double precision"
_COPIED_HEAD, _COPIED_TAIL = 19, 2  # bytes: signature, flags and extension; the mark of the end
_COPIED = np.dtype(  # a row of the COPY above: how many columns, then each with its length in front
    [("columns", ">i2"), ("_1", ">i4"), ("channel", ">i4"), ("_2", ">i4"), ("at", ">i8"), ("_3", ">i4"),
     ("value", ">f8"), ("_4", ">i4"), ("mark", "S1")]
)  # fmt: skip
_RECEIVED = f"{_SHOWN}, (extract(epoch FROM received_at) * 1000000)::bigint"
_HOT_THEN = f"SELECT {_RECEIVED} FROM recording_reading WHERE {_CHOSEN} AND received_at <= %s"  # noqa: S608 constants
_CORRECTED_THEN = (
    f"SELECT {_RECEIVED} FROM recording_correction"  # noqa: S608 put together from constants
    f" WHERE {_CHOSEN} AND received_at <= %s AND replaced_at > %s ORDER BY received_at, id"
)
_MARKS = (
    "SELECT c.channel_id, s.starts_at, s.counts_until, s.letter FROM recording_markedspan s"
    " JOIN recording_markedspan_channels c ON c.markedspan_id = s.id"
    " WHERE s.starts_at < %s AND s.counts_until > %s AND c.channel_id = ANY(%s) AND s.letter <> ''"
)

_NEWEST = (
    "SELECT l.channel_id, (extract(epoch FROM l.at) * 1000000)::bigint, l.value, l.mark::text, m.letter"
    " FROM recording_latest l"
    " LEFT JOIN (SELECT c.channel_id, s.starts_at, s.counts_until, s.letter FROM recording_markedspan s"
    " JOIN recording_markedspan_channels c ON c.markedspan_id = s.id"
    " WHERE s.withdrawn_at IS NULL AND s.letter <> '' AND s.counts_until > %(since)s AND %(by_people)s) m"
    " ON m.channel_id = l.channel_id"
    " AND least(m.counts_until, l.at + %(step)s) - greatest(m.starts_at, l.at) > %(spoils)s"
    ' WHERE l.channel_id = ANY(%(ids)s::int[]) AND l.kind = %(kind)s::"char" AND l.at >= %(since)s'
)


def newest(
    channel_ids: list[int], kind: str, since: datetime, step: float | None
) -> list[tuple[int, int, float | None, str, str | None]]:
    """Channel, time [µs], value, mark and the letter of a mark of people (None without one) of the newest readings.

    A channel of which people marked the time more than once comes as often.
    """
    length = timedelta(seconds=step) if step else timedelta(microseconds=1)
    values: dict[str, Any] = {
        "ids": channel_ids, "kind": kind, "since": since, "step": length, "by_people": kind not in COMPUTED,
        "spoils": length * SPOILS_ABOVE if step else timedelta(),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_NEWEST, values)
        found: list[tuple[int, int, float | None, str, str | None]] = cursor.fetchall()
    return found


def rows(channel_ids: Sequence[int], kind: str, span: tuple[datetime, datetime]) -> dict[int, Found]:
    """Readings of the hot table by channel, as they stand; an entry for every channel asked for."""
    return _copied(_VALUE, channel_ids, kind, span)


def delays(channel_ids: Sequence[int], kind: str, span: tuple[datetime, datetime]) -> dict[int, Found]:
    """The same with how long after its instant each was received [µs] in place of its value."""
    return _copied(_DELAY, channel_ids, kind, span)


def _copied(column: str, channel_ids: Sequence[int], kind: str, span: tuple[datetime, datetime]) -> dict[int, Found]:
    asked = connection.ops.compose_sql(_COPY.format(column=column), [list(channel_ids), kind, *span])  # type: ignore[attr-defined]
    with connection.cursor() as cursor, cursor.copy(asked) as copied:
        sent = b"".join(map(bytes, copied))
    count = (len(sent) - _COPIED_HEAD - _COPIED_TAIL) // _COPIED.itemsize
    table = np.frombuffer(sent, _COPIED, count, _COPIED_HEAD)
    channel, at = table["channel"].astype(np.int64), table["at"].astype(np.int64)
    order = np.lexsort((at, channel))
    channel, at, value = channel[order], at[order], table["value"].astype(np.float64)[order]
    mark = table["mark"].astype("U1")[order]
    ids = np.asarray(channel_ids, dtype=np.int64)
    edges = zip(np.searchsorted(channel, ids), np.searchsorted(channel, ids, "right"), strict=True)
    parts = (slice(int(first), int(after)) for first, after in edges)
    return {one: Found(at[p], value[p], mark[p]) for one, p in zip(channel_ids, parts, strict=True)}


def rows_then(
    channel_ids: Sequence[int],
    kind: str,
    span: tuple[datetime, datetime],
    *,
    as_of: datetime,
    sealed: Callable[[], Iterable[Version]],
) -> list[Row]:
    """Readings in order, as they stood at `as_of`: of the versions that had come by then, the one that came last.

    `sealed` reads the days that are in the lake; what was replaced is in the table of corrections. They are asked in
    the order in which a reading moves, hot table, lake, corrections, so that none is in neither while it does.
    """
    chosen: list[Any] = [list(channel_ids), kind, *span]
    with connection.cursor() as cursor:
        cursor.execute(_HOT_THEN, [*chosen, as_of])
        hot: list[Version] = cursor.fetchall()
        below, then = list(sealed()), microseconds(as_of)
        cursor.execute(_CORRECTED_THEN, [*chosen, as_of, as_of])
        replaced: list[Version] = cursor.fetchall()
    last: dict[tuple[int, int], tuple[int, float, str]] = {}
    for channel, at, value, mark, received in (*replaced, *below, *hot):  # of those that came at once the later stands
        if received <= then and received >= last.get((channel, at), (-1,))[0]:
            last[channel, at] = (received, value, mark)
    return [(channel, at, value, mark) for (channel, at), (_, value, mark) in sorted(last.items())]


def marks_of(
    channel_ids: Sequence[int], span: tuple[datetime, datetime], as_of: datetime | None
) -> dict[int, list[Marked]]:
    """What people marked of the channels in a span: every mark that counts now, or counted at `as_of`."""
    known = " AND s.withdrawn_at IS NULL"
    values: list[Any] = [span[1], span[0], list(channel_ids)]
    if as_of is not None:
        known = " AND s.marked_at <= %s AND (s.withdrawn_at IS NULL OR s.withdrawn_at > %s)"
        values += [as_of, as_of]
    found: dict[int, list[Marked]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_MARKS + known, values)
        for channel, starts, ends, letter in cursor.fetchall():
            found[channel].append((microseconds(starts), microseconds(ends), letter))
    return found
