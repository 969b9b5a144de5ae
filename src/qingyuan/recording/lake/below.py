"""What the lake adds to readings of the hot table. The lake is opened only where a day of the span is sealed."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeVar

from django.db import connection

from qingyuan.recording.lake import ordered, reading
from qingyuan.recording.lake.ends import End
from qingyuan.recording.lake.ends import ends as found_ends
from qingyuan.recording.lake.layout import COLUMNS, empty, instant
from qingyuan.recording.lake.ordered import FIRST, LAST, Bounds, Cell, Channels, Key
from qingyuan.recording.lake.ours import our_lake

if TYPE_CHECKING:
    import polars as pl

Answer = TypeVar("Answer")
SEALED = (
    "SELECT max(version) FROM recording_sealedday WHERE kind = ANY(%s) AND day BETWEEN %s AND %s AND expired_at IS NULL"
)
_DAYS = "SELECT DISTINCT day FROM recording_sealedday WHERE kind = ANY(%s) AND expired_at IS NULL"
_ANY = "SELECT EXISTS (SELECT FROM recording_sealedday WHERE day BETWEEN %s AND %s AND expired_at IS NULL)"


def rows(
    channels: Sequence[int], kind: str, start: datetime, end: datetime, *, columns: Sequence[str] = COLUMNS
) -> "pl.DataFrame":
    """Readings of sealed days with all that is kept of them, by (channel, at); those of the hot table stand over them.

    The hot table must have been read before: a day that is sealed in between is then in both, never in neither.
    """
    version = sealed(kind, start, end) if channels else None
    if version is None:
        return empty().select(columns)
    span = _us(start), _us(end)
    return reading.patient(our_lake(), kind, span, channels=channels, at_least=version, columns=columns)


def versions(
    channels: Sequence[int], kind: str, start: datetime, end: datetime
) -> list[tuple[int, int, float, str, int]]:
    """Channel, time [µs], value, mark and time of receipt [µs] of the readings of sealed days."""
    if not channels or not reaches(kind, start, end):
        return []
    found = rows(channels, kind, start, end, columns=("channel", "at", "value", "mark", "received_at"))
    columns = (
        found["channel"],
        found["at"].to_physical(),
        found["value"].fill_null(float("nan")),
        found["mark"],
        found["received_at"].to_physical(),
    )
    return list(zip(*(column.to_list() for column in columns), strict=True)) if len(found) else []


def stretches(channel: int, kind: str, start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    """A span cut so that no piece holds more than a month of a channel's sealed readings; less where they are many."""
    version = sealed(kind, start, end)
    if version is None:
        return [(start, end)]
    edges = {start, end}
    for first, after, pieces in reading.months(our_lake(), kind, channel, (_us(start), _us(end)), at_least=version):
        edges.update(instant(first + (after - first) * piece // pieces) for piece in range(pieces + 1))
    return list(pairwise(sorted(edge for edge in edges if start <= edge <= end)))


def first_rows(
    channels: Channels, bounds: Bounds, order: Sequence[Key], *, after: Sequence[Any] | None, most: int
) -> "pl.DataFrame":
    """The first sealed readings of many channels in an order, after one with the values `after`, with their `kind`.

    They are read before the hot table, within `steady`.
    """
    version = sealed("".join(channels), bounds.start, bounds.end)
    if version is None:
        return ordered.nothing()
    return ordered.first(our_lake(), channels, bounds, order, after=after, most=most, at_least=version)


def count_within(channels: Channels, bounds: Bounds) -> int:
    """How many sealed readings of many channels lie within bounds."""
    version = sealed("".join(channels), bounds.start, bounds.end)
    return 0 if version is None else ordered.count(our_lake(), channels, bounds, at_least=version)


def cells(channels: Channels, bounds: Bounds) -> list[Cell]:
    """About how many sealed readings of many channels lie where."""
    version = sealed("".join(channels), bounds.start, bounds.end)
    return [] if version is None else ordered.cells(our_lake(), channels, bounds, at_least=version)


def scanned(channels: Channels, bounds: Bounds) -> int:
    """How many sealed readings have to be looked at to find those within bounds."""
    version = sealed("".join(channels), bounds.start, bounds.end)
    return 0 if version is None else ordered.scanned(our_lake(), channels, bounds, at_least=version)


def days(kinds: str) -> list[date]:
    """The sealed days of kinds."""
    with connection.cursor() as cursor:
        cursor.execute(_DAYS, [list(kinds)])
        return sorted(day for (day,) in cursor.fetchall())


def ends(kind: str, channels: Sequence[int], *, last: bool) -> dict[int, End]:
    """The first or the last sealed reading of channels: its instant, and when it was received."""
    version = sealed(kind, FIRST, LAST) if channels else None
    return found_ends(our_lake(), kind, channels, at_least=version, last=last) if version is not None else {}


def reaches(kind: str, start: datetime, end: datetime) -> bool:
    """Whether a day of the span is sealed."""
    return sealed(kind, start, end) is not None


def any_sealed(start: datetime, end: datetime) -> bool:
    """Whether a day of the span is sealed, of any kind."""
    days = start.astimezone(UTC).date(), end.astimezone(UTC).date()
    with connection.cursor() as cursor:
        cursor.execute(_ANY, days)
        return bool(cursor.fetchone()[0])


def received_at(channel_id: int, kind: str, at: datetime) -> datetime | None:
    """When the gateway received what stands for a sealed reading."""
    version = sealed(kind, at, at)
    if version is None:
        return None
    span = _us(at), _us(at) + 1
    wanted = ("received_at",)
    found = reading.patient(our_lake(), kind, span, channels=[channel_id], at_least=version, columns=wanted)
    return instant(found["received_at"].to_physical()[0]) if len(found) else None


def steady(kinds: str, start: datetime, end: datetime, read: Callable[[], Answer]) -> Answer:
    """What `read` answers where it reads the lake before the hot table: once more if a day of the span was sealed."""
    while True:
        before = sealed(kinds, start, end)
        answer = read()
        if sealed(kinds, start, end) == before:
            return answer


def which(kinds: str, start: datetime, end: datetime) -> tuple[list[str], date, date]:
    """What `SEALED` asks of."""
    return list(kinds), start.astimezone(UTC).date(), end.astimezone(UTC).date()


def sealed(kinds: str, start: datetime, end: datetime) -> int | None:
    """The version of the lake that holds every sealed day of the span; None where no day of it is sealed."""
    with connection.cursor() as cursor:
        cursor.execute(SEALED, which(kinds, start, end))
        newest: int | None = cursor.fetchone()[0]
    return newest


def _us(at: datetime) -> int:
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
