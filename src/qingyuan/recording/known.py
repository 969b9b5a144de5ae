"""What was known at an instant: readings as they stood then, and what people had marked of their times."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.db import connection

from qingyuan.kit.turns import Question, ask
from qingyuan.recording.lake import below
from qingyuan.recording.lake.reading import Found
from qingyuan.recording.marked import COMPUTED, SPOILS_ABOVE, Marked
from qingyuan_science.series import microseconds

Row = tuple[int, int, float, str]  # channel, time [µs], value, mark
Version = tuple[int, int, float, str, int]  # the same, and when it came [µs]

POSTGRES_EPOCH_US = 946_684_800_000_000
_SHOWN = "channel_id, (extract(epoch FROM at) * 1000000)::bigint, coalesce(value, 'NaN'), mark::text"
_CHOSEN = 'channel_id = ANY(%s) AND kind = %s::"char" AND at >= %s AND at < %s'
_COLUMNS = (
    "SELECT channel_id, string_agg(timestamptz_send(at), ''::bytea ORDER BY at),"  # noqa: S608 put together from constants
    " string_agg(float8send({column}), ''::bytea ORDER BY at), string_agg(charsend(mark), ''::bytea ORDER BY at)"
    f" FROM recording_reading WHERE {_CHOSEN} GROUP BY channel_id"
)
_NOW = _COLUMNS.format(column="coalesce(value, 'NaN')")
_DELAYS = _COLUMNS.format(column="(extract(epoch FROM received_at - at) * 1000000)::double precision")
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

_STANDS = " AND s.withdrawn_at IS NULL"
_UNITS = "SELECT id, unit FROM sensing_channel WHERE id = ANY(%s)"
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


@dataclass(frozen=True)
class Standing:
    """Of channels in a span: units, readings in the hot table as they stand, what people marked, the lake's version.

    The version is None where no day of the span is sealed.
    """

    units: dict[int, str]
    hot: dict[int, Found]
    marks: dict[int, list[Marked]]
    sealed: int | None


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


def delays(channel_ids: Sequence[int], kind: str, span: tuple[datetime, datetime]) -> dict[int, Found]:
    """Readings of the hot table with how long after its instant each was received [µs] in place of its value."""
    with connection.cursor() as cursor:
        cursor.execute(_DELAYS, [list(channel_ids), kind, *span])
        return _by_columns(cursor.fetchall())


def standing(
    channel_ids: Sequence[int], kind: str, span: tuple[datetime, datetime], marked_before: datetime
) -> Standing:
    """What the database knows of channels in a span, in one turn.

    PostgreSQL hands over each channel's columns as bytes, so that nothing is done here for every reading. The lake's
    version is asked for after the hot table was read: a day sealed in between is then in both, never in neither.
    """
    return ask(standing_question(channel_ids, kind, span, marked_before))


def standing_question(
    channel_ids: Sequence[int], kind: str, span: tuple[datetime, datetime], marked_before: datetime
) -> Question[Standing]:
    """The question of `standing`, to be asked together with others."""
    wanted = list(channel_ids)
    values: list[Any] = [wanted, wanted, kind, *span, marked_before, span[0], wanted, *below.which(kind, *span)]

    def read(cursor: Any) -> Standing:
        units = dict(cursor.fetchall())
        cursor.nextset()
        found = _by_columns(cursor.fetchall())
        cursor.nextset()
        marks = _by_channel(cursor.fetchall())
        cursor.nextset()
        return Standing(units, found, marks, cursor.fetchone()[0])

    return Question(f"{_UNITS}; {_NOW}; {_MARKS}{_STANDS}; {below.SEALED}", values, read)


def _by_columns(sent: Iterable[tuple[int, bytes, bytes, bytes]]) -> dict[int, Found]:
    return {
        channel: Found(
            np.frombuffer(at, ">i8").astype(np.int64) + POSTGRES_EPOCH_US,
            np.frombuffer(value, ">f8").astype(np.float64),
            np.frombuffer(mark, "S1").astype("U1"),
        )
        for channel, at, value, mark in sent
    }


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
        from_lake, then = list(sealed()), microseconds(as_of)
        cursor.execute(_CORRECTED_THEN, [*chosen, as_of, as_of])
        replaced: list[Version] = cursor.fetchall()
    last: dict[tuple[int, int], tuple[int, float, str]] = {}
    for channel, at, value, mark, received in (
        *replaced,
        *from_lake,
        *hot,
    ):  # of those that came at once the later stands
        if received <= then and received >= last.get((channel, at), (-1,))[0]:
            last[channel, at] = (received, value, mark)
    return [(channel, at, value, mark) for (channel, at), (_, value, mark) in sorted(last.items())]


def marks_of(
    channel_ids: Sequence[int], span: tuple[datetime, datetime], as_of: datetime | None
) -> dict[int, list[Marked]]:
    """What people marked of the channels in a span: every mark that counts now, or counted at `as_of`."""
    stood = _STANDS
    values: list[Any] = [span[1], span[0], list(channel_ids)]
    if as_of is not None:
        stood = " AND s.marked_at <= %s AND (s.withdrawn_at IS NULL OR s.withdrawn_at > %s)"
        values += [as_of, as_of]
    with connection.cursor() as cursor:
        cursor.execute(_MARKS + stood, values)
        return _by_channel(cursor.fetchall())


def _by_channel(marks: Iterable[tuple[int, datetime, datetime, str]]) -> dict[int, list[Marked]]:
    found: dict[int, list[Marked]] = defaultdict(list)
    for channel, starts, ends, letter in marks:
        found[channel].append((microseconds(starts), microseconds(ends), letter))
    return found
