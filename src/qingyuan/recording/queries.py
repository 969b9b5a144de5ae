"""Reads of readings. `window` is the only place where rows become a `Series`."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np
import zstandard
from django.db import connection
from django.db.models import CharField, Func, OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _

from qingyuan.kit import clock
from qingyuan.kit.errors import NotFound
from qingyuan.kit.queries import last_taken_up
from qingyuan.people.queries import Role, User
from qingyuan.places.queries import territory_of
from qingyuan.recording import arrived, known
from qingyuan.recording.arrived import Arrived
from qingyuan.recording.daily import AMOUNT, CARRIERS, HOURS, STOPPED, Carrier, DayArrays, day_values
from qingyuan.recording.lake import below
from qingyuan.recording.lake.ours import our_lake
from qingyuan.recording.lake.reading import NOTHING, Found
from qingyuan.recording.made import Earlier, MadeOf, earlier
from qingyuan.recording.models import KINDS, Disagreement, Import, ImportDraft, MarkedSpan, Reading, Stream
from qingyuan.recording.quality import DayQuality, Lateness, late, quality
from qingyuan.recording.throughout import Part, Walk
from qingyuan.recording.unread import STEPS, Unread, as_series
from qingyuan.sensing.queries import Feed, units_of
from qingyuan_science.series import SECOND, Mark, Series, microseconds, moment

__all__ = [
    "AMOUNT",
    "CARRIERS",
    "HOURS",
    "KINDS",
    "MAY_IMPORT",
    "MAY_MARK",
    "MAY_WITHDRAW",
    "STEPS",
    "STOPPED",
    "Arrived",
    "Carrier",
    "DayArrays",
    "DayQuality",
    "Disagreement",
    "Earlier",
    "Import",
    "ImportDraft",
    "Lateness",
    "Latest",
    "MadeOf",
    "MarkedSpan",
    "OfFeed",
    "Part",
    "Reading",
    "Stored",
    "Stream",
    "Unread",
    "Walk",
    "columns",
    "coverage",
    "day_values",
    "delays",
    "disagreements",
    "draft_bytes",
    "earlier",
    "end_of_stream",
    "import_draft",
    "import_faults",
    "imports",
    "lake_folder",
    "late",
    "latest",
    "marks",
    "quality",
    "readings",
    "received_at",
    "sealed_ends",
    "stored",
    "streams",
    "streams_of_feed",
    "unread",
    "window",
    "windows",
    "with_later",
]


MAY_MARK = (Role.ENTERPRISE,)
MAY_WITHDRAW = (Role.ENFORCEMENT_OFFICER,)
MAY_IMPORT = (Role.ANALYST, Role.ADMINISTRATOR, Role.ENTERPRISE)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Latest(NamedTuple):
    """The newest reading of a channel; a tuple, because boards make thousands of them at a time."""

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


class OfFeed(NamedTuple):
    """A stream that a feed may deliver to; `entered`: its name stands in the feed's table of names."""

    channel_id: int
    kind: str
    entered: bool


_OF_FEED = (
    "SELECT s.id, s.channel_id, s.kind, n.id IS NOT NULL"
    " FROM unnest(%(numbers)s::bigint[], %(names)s::text[]) AS asked(number, name)"
    " JOIN recording_stream s ON s.id = asked.number JOIN sensing_channel c ON c.id = s.channel_id"
    " JOIN sensing_feed_stations f ON f.station_id = c.station_id AND f.feed_id = %(feed)s"
    " LEFT JOIN sensing_feedname n ON n.feed_id = f.feed_id AND n.name = asked.name"
)


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
    units, found, marks = known.standing(channel_ids, kind, (start, end), end + _longest(kind))
    version = below.sealed(kind, start, end) if channel_ids else None  # asked after the hot table was read
    hot = {channel: found.get(channel, NOTHING) for channel in channel_ids}
    return Unread(our_lake(), version, kind, (microseconds(start), microseconds(end)), hot, units, marks)


def _longest(kind: str) -> timedelta:
    return timedelta(seconds=STEPS[kind] or 0)


def latest(channel_ids: Iterable[int], kind: str = "r", since: timedelta = timedelta(days=2)) -> dict[int, Latest]:
    """The newest reading of each channel.

    Parameters
    ----------
    channel_ids : iterable of int
    kind : str
    since : timedelta
        How far back to look; a channel silent for longer has no entry.

    Returns
    -------
    dict of int to Latest

    Notes
    -----
    Read from rows that the loop keeps, so that it takes the same time however many readings there are.
    """
    found: dict[int, Latest] = {}
    for channel, at, value, mark, letter in known.newest(list(channel_ids), kind, clock.now() - since, STEPS[kind]):
        if letter:
            mark = Mark.strongest(letter + (found[channel].mark if channel in found else mark)).value
        found[channel] = Latest(channel, EPOCH + timedelta(microseconds=at), value, mark)
    return found


def latest_seq() -> int:
    """Number of the line of the log up to which `latest` answers what was stored.

    Returns
    -------
    int
        It grows a moment after the lines do; open pages are told `NewestKept`.
    """
    return last_taken_up("recording.api.readings.keep_latest")


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


def imports(viewer: User) -> QuerySet[Import]:
    """Tables that were imported, newest first.

    Parameters
    ----------
    viewer : User

    Returns
    -------
    QuerySet of Import
        All for an administrator; those of the own organisation for the other roles that may import, none for the rest.
    """
    found = Import.objects.defer("faults").select_related("feed", "made_by", "undone_by")
    if viewer.role == Role.ADMINISTRATOR:
        return found
    if viewer.role not in MAY_IMPORT or viewer.organisation_id is None:
        return found.filter(made_by=viewer) if viewer.role in MAY_IMPORT else found.none()
    return found.filter(made_by__organisation=viewer.organisation_id)


def import_faults(made: Import, most: int | None = None) -> Iterator[tuple[str, str]]:
    """What of a table could not be taken in as it stands, in the order of the table.

    Parameters
    ----------
    made : Import
    most : int, optional
        All of them when left out.

    Yields
    ------
    tuple of str
        Name of the fault; where it stands, what was found and what was expected.
    """
    text = zstandard.decompress(bytes(made.faults)).decode() if made.faults else ""
    for fault, detail in islice(csv.reader(io.StringIO(text, newline="")), most):  # noqa: UP028 pairs, not lists
        yield fault, detail


def import_draft(viewer: User, draft_id: int) -> ImportDraft:
    """A table that the viewer uploaded and has not confirmed yet.

    Parameters
    ----------
    viewer : User
    draft_id : int

    Returns
    -------
    ImportDraft

    Raises
    ------
    NotFound
        The viewer has none with that number, or it has expired.
    """
    draft = ImportDraft.objects.filter(pk=draft_id, owner=viewer, expires_at__gt=clock.now()).first()
    if draft is None:
        raise NotFound(_("This table was imported already, or has expired; upload it again."))
    return draft


def draft_bytes(draft: ImportDraft) -> bytes:
    """The uploaded file, byte for byte.

    Parameters
    ----------
    draft : ImportDraft

    Returns
    -------
    bytes
    """
    return zstandard.decompress(bytes(draft.body))


def marks(viewer: User) -> QuerySet[MarkedSpan]:
    """What people marked of the data of stations in the viewer's territory, withdrawn ones too, newest first.

    Parameters
    ----------
    viewer : User

    Returns
    -------
    QuerySet of MarkedSpan
    """
    found = MarkedSpan.objects.filter(territory_of(viewer).of_stations("station__"))
    return found.select_related("station", "marked_by", "withdrawn_by").prefetch_related("channels__station")


def disagreements(viewer: User) -> QuerySet[Disagreement]:
    """Means of stations in the viewer's territory that were sent other than computed here, newest first.

    Parameters
    ----------
    viewer : User

    Returns
    -------
    QuerySet of Disagreement
    """
    found = Disagreement.objects.filter(territory_of(viewer).of_stations("channel__station__"))
    return found.select_related("channel__station")


def lake_folder() -> Path | None:
    """Where the history lake lies.

    Returns
    -------
    Path or None
        None where the settings name another storage than a folder.
    """
    return our_lake().folder


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
        return {number: OfFeed(*found) for number, *found in cursor.fetchall()}


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
