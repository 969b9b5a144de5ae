"""Streams, which are channels × kinds that have readings, and readings as rows for pages of them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import CharField, Func, OuterRef, QuerySet, Subquery

from qingyuan.recording.lake import below
from qingyuan.recording.lake.ours import our_lake
from qingyuan.recording.models import Reading, Stream
from qingyuan.sensing.api import Target
from qingyuan.sensing.queries import Feed

_OF_FEED = (
    "SELECT s.id, s.channel_id, s.kind, n.id IS NOT NULL, m.id, n.kind, n.unit, m.unit"
    " FROM unnest(%(numbers)s::bigint[], %(names)s::text[]) AS asked(number, name)"
    " JOIN recording_stream s ON s.id = asked.number JOIN sensing_channel c ON c.id = s.channel_id"
    " JOIN sensing_feed_stations f ON f.station_id = c.station_id AND f.feed_id = %(feed)s"
    " LEFT JOIN sensing_feedname n ON n.feed_id = f.feed_id AND n.name = asked.name"
    " LEFT JOIN sensing_channel m ON m.id = n.channel_id"
)


_ENDS = (
    "SELECT s.number, e.day IS NOT NULL, r.*"
    ' FROM unnest(%(numbers)s::bigint[], %(channels)s::int[], %(kinds)s::"char"[]) AS s(number, channel, kind)'
    " LEFT JOIN LATERAL (SELECT max(day) AS day FROM recording_sealedday"
    " WHERE kind = s.kind::text AND expired_at IS NULL) e ON true LEFT JOIN LATERAL ("
    "SELECT {columns} FROM recording_reading WHERE channel_id = s.channel AND kind = s.kind"
    " AND at >= coalesce((e.day + 1)::timestamp AT TIME ZONE 'UTC', '-infinity') ORDER BY at {direction}"
    " LIMIT %(most)s) r ON true"
)


class OfFeed(NamedTuple):
    """A stream that a feed may deliver to; `entered`: its name stands in the feed's table of names.

    `meant` is what that table says of the name, None where it is not entered or left out on purpose.
    """

    channel_id: int
    kind: str
    entered: bool
    meant: Target | None


def streams() -> QuerySet[Stream]:
    """Channels × kinds that have readings or were announced, with the channel, its station and the instrument.

    Returns
    -------
    QuerySet of Stream
        Not scoped: the caller narrows it to what the viewer may see.
    """
    return Stream.objects.select_related("channel__station", "instrument")


def streams_of_feed(feed: Feed, names: Mapping[int, str]) -> dict[int, OfFeed]:
    """Which streams a feed may deliver to, found by their numbers alone.

    Parameters
    ----------
    feed : Feed
    names : mapping of int to str
        How the feed names each stream.

    Returns
    -------
    dict of int to OfFeed
        Streams that are not of a station of the feed are left out.
    """
    with connection.cursor() as cursor:
        cursor.execute(_OF_FEED, {"feed": feed.pk, "numbers": list(names), "names": list(names.values())})
        return {row[0]: OfFeed(row[1], row[2], row[3], _target(*row[4:])) for row in cursor.fetchall()}


def _target(channel: int | None, kind: str, unit: str, channel_unit: str) -> Target | None:
    return Target(channel, kind, unit or channel_unit, channel_unit) if channel is not None else None


def readings_at_end(
    asked: Sequence[Stream], columns: Sequence[str], most: int, *, newest_first: bool
) -> dict[int, list[tuple[Any, ...]]]:
    """The newest readings of streams, or the oldest, by one statement where the hot table alone can tell them.

    Parameters
    ----------
    asked : sequence of Stream
    columns : sequence of str
        Of the table of readings, the instant first.
    most : int
        How many of each stream.
    newest_first : bool

    Returns
    -------
    dict of int to list of tuple
        By the number of the stream, in order of time. Left out are streams of which sealed days may hold some.
    """
    numbers = [(stream.pk, stream.channel_id, stream.kind) for stream in asked]
    values = dict(zip(("numbers", "channels", "kinds"), map(list, zip(*numbers, strict=True)), strict=True))
    question = _ENDS.format(columns=", ".join(columns), direction="DESC" if newest_first else "ASC")
    found: dict[int, list[tuple[Any, ...]]] = {stream.pk: [] for stream in asked}
    below_too = set()
    with connection.cursor() as cursor:
        cursor.execute(question, {**values, "most": most})
        for number, sealed, *row in cursor.fetchall():
            found[number] += [tuple(row)] if row[0] is not None else []
            below_too |= {number} if sealed else set()
    return {
        number: rows
        for number, rows in found.items()
        if number not in below_too or (newest_first and len(rows) == most)
    }


def readings() -> QuerySet[Reading]:
    """Readings as rows, for pages of them; what calculates takes `window`.

    Returns
    -------
    QuerySet of Reading
        Not scoped: the caller narrows it to what the viewer may see.
    """
    return Reading.objects.all()


def sealed_ends(kind: str, channel_ids: Sequence[int], *, last: bool) -> dict[int, tuple[datetime, datetime]]:
    """The first or the last reading of channels in the days below the hot table.

    Parameters
    ----------
    kind : str
        A letter of `KINDS`.
    channel_ids : sequence of int
    last : bool

    Returns
    -------
    dict of int to (datetime, datetime)
        The reading's instant, and when it was received; channels without any are left out.
    """
    return below.ends(kind, channel_ids, last=last)


def is_sealed(start: datetime, end: datetime) -> bool:
    """Whether a day of a span lies in the lake, so that the hot table does not hold every reading of it.

    Parameters
    ----------
    start, end : datetime

    Returns
    -------
    bool
    """
    return below.any_sealed(start, end)


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
        Null where the stream has no reading in the hot table. One probe of the primary key for each row.
    """
    kind = Func(OuterRef(f"{prefix}kind"), template='(%(expressions)s)::"char"', output_field=CharField())
    found = Reading.objects.filter(channel=OuterRef(f"{prefix}channel"), kind=kind)
    return Subquery(found.order_by("-at" if last else "at").values(column)[:1])


def lake_folder() -> Path | None:
    """Where the history lake lies.

    Returns
    -------
    Path or None
        None where the settings name another storage than a folder.
    """
    return our_lake().folder
