"""What is missing of a time in which a device was not heard, after it has come back."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from django.db import connection

from qingyuan.sensing.queries import Silence

PERIODS = {"h": timedelta(hours=1), "d": timedelta(days=1)}
REQUEST_OF = {"m": "minute-history", "h": "hour-history", "d": "day-history", "r": "production-history"}
PRODUCTION = frozenset(("power-meter", "working-state"))  # whose real-time values of the past 2025 lets be asked for
HOLE = timedelta(minutes=5)
SHANGHAI = timedelta(hours=8)
REALTIME = "r"
_USUAL = (
    "SELECT DISTINCT r.channel_id FROM recording_reading r JOIN sensing_channel c ON c.id = r.channel_id"
    ' WHERE c.station_id = %s AND r.kind = %s::"char" AND r.at >= %s AND r.at < %s'
)
_THERE = (
    'SELECT DISTINCT at FROM recording_reading WHERE channel_id = ANY(%s) AND kind = %s::"char"'
    " AND at >= %s AND at < %s"
)


def missing(silence: Silence, kind: str) -> tuple[datetime, datetime] | None:
    """First and last period without any reading of a kind that the station had in the two days before; else None."""
    station = silence.device.station
    if station is None or (kind == REALTIME and station.kind not in PRODUCTION):
        return None
    channels = _column(_USUAL, [station.pk, kind, silence.began_at - timedelta(days=2), silence.began_at])
    if not channels:
        return None
    if kind == REALTIME:
        return _hole(channels, silence)
    period = PERIODS.get(kind) or _minutes(channels, silence.began_at)
    first, after = _whole(silence.began_at, period), _whole(silence.ended_at, period)
    there = set(_column(_THERE, [channels, kind, first, after]))
    wanted = [first + number * period for number in range(round((after - first) / period))]
    gone = [at for at in wanted if at not in there]
    return (gone[0], gone[-1]) if gone else None


def _hole(channels: list[int], silence: Silence) -> tuple[datetime, datetime] | None:
    """From the first to the last end of what is empty for longer than real-time values rest."""
    there = _column(_THERE, [channels, REALTIME, silence.began_at, silence.ended_at])
    known = sorted({silence.began_at, *there, silence.ended_at})
    ends = [at for before, after in pairwise(known) if after - before > HOLE for at in (before, after)]
    return (ends[0], ends[-1]) if ends else None


def _minutes(channels: list[int], before: datetime) -> timedelta:
    """How long the minute values of a station are, by the closest two of the hours before."""
    times = sorted(_column(_THERE, [channels, "m", before - timedelta(hours=6), before]))
    apart = [later - earlier for earlier, later in pairwise(times)]
    return max(timedelta(minutes=1), min(apart, default=timedelta(minutes=10)))


def _whole(at: datetime, period: timedelta) -> datetime:
    """The start of the period that holds an instant; days begin at midnight in China."""
    epoch = datetime(1970, 1, 1, tzinfo=UTC) - SHANGHAI
    return at - (at - epoch) % period


def _column(sql: str, values: list[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return [row[0] for row in cursor.fetchall()]
