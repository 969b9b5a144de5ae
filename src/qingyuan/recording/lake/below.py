"""What the lake adds to readings of the hot table. The lake is opened only where a day of the span is sealed."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from django.db.models import Max

from qingyuan.recording.lake import reading
from qingyuan.recording.lake.layout import instant
from qingyuan.recording.lake.ours import our_lake
from qingyuan.recording.lake.reading import Found
from qingyuan.recording.lake.table import snapshot
from qingyuan.recording.models import SealedDay


def joined(hot: Mapping[int, Found], kind: str, start: datetime, end: datetime) -> dict[int, Found]:
    """Readings of the hot table with those of sealed days under them; `hot` names every channel wanted.

    The hot table must have been read before: a day that is sealed in between is then in both, never in neither.
    """
    version = _sealed(kind, start, end) if hot else None
    if version is None:
        return dict(hot)
    found = reading.series(our_lake(), kind, list(hot), (_us(start), _us(end)), at_least=version)
    return {channel: over.over(found[channel]) if channel in found else over for channel, over in hot.items()}


def versions(
    channels: Sequence[int], kind: str, start: datetime, end: datetime
) -> list[tuple[int, int, float, str, int]]:
    """Channel, time [µs], value, mark and time of receipt [µs] of the readings of sealed days."""
    version = _sealed(kind, start, end) if channels else None
    if version is None:
        return []
    span = _us(start), _us(end)
    files = snapshot(our_lake(), version).overlapping(kind, *span, channels)
    wanted = ("channel", "at", "value", "mark", "received_at")
    rows = reading.rows_of(our_lake(), files, span=span, channels=channels, columns=wanted)
    columns = (
        rows["channel"],
        rows["at"].to_physical(),
        rows["value"],
        rows["mark"],
        rows["received_at"].to_physical(),
    )
    return list(zip(*(column.to_list() for column in columns), strict=True)) if len(rows) else []


def reaches(kind: str, start: datetime, end: datetime) -> bool:
    """Whether a day of the span is sealed."""
    return _sealed(kind, start, end) is not None


def received_at(channel_id: int, kind: str, at: datetime) -> datetime | None:
    """When the gateway received what stands for a sealed reading."""
    version = _sealed(kind, at, at)
    if version is None:
        return None
    span = _us(at), _us(at) + 1
    files = snapshot(our_lake(), version).overlapping(kind, *span, [channel_id])
    rows = reading.rows_of(our_lake(), files, span=span, channels=[channel_id], columns=("received_at",))
    return instant(rows["received_at"].to_physical()[0]) if len(rows) else None


def _sealed(kind: str, start: datetime, end: datetime) -> int | None:
    """The version of the lake that holds every sealed day of the span; None where no day of it is sealed."""
    days = start.astimezone(UTC).date(), end.astimezone(UTC).date()
    held = SealedDay.objects.filter(kind=kind, day__range=days, expired_at=None)
    newest: int | None = held.aggregate(newest=Max("version"))["newest"]
    return newest


def _us(at: datetime) -> int:
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
