"""Hour means computed here from shorter readings, beside the ones that devices send."""

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.db import connection

from qingyuan.recording import queries
from qingyuan.recording.logic.batch import Columns
from qingyuan.sensing.queries import Channel
from qingyuan_science.series import Series, hour_means

HOUR_US = 3_600_000_000
NEEDED_SHARE = {
    "outlet-water": 1.0
}  # HJ 212-2017, notes on 2051 and 2061: one abnormal value spoils a waste-water period
Wanted = dict[tuple[int, int], set[int]]  # (first hour, hour after the last) in microseconds -> channels


def touched(spans: list[list[Any]], now: datetime) -> Wanted:
    """The finished hours that short readings fall in, grouped so that one query reads many channels."""
    wanted: Wanted = defaultdict(set)
    finished = int(now.timestamp()) * 1_000_000 // HOUR_US * HOUR_US
    for channel, kind, first, last in spans:
        begins, ends = first // HOUR_US * HOUR_US, min((last // HOUR_US + 1) * HOUR_US, finished)
        if kind in {"r", "m"} and begins < ends:
            wanted[begins, ends].add(channel)
    return wanted


def with_readings(start: datetime, end: datetime) -> Wanted:
    """Every channel with short readings in a span of whole hours."""
    sql = "SELECT DISTINCT channel_id FROM recording_reading WHERE kind IN ('r', 'm') AND at >= %s AND at < %s"
    with connection.cursor() as cursor:
        cursor.execute(sql, [start, end])
        channels = {row[0] for row in cursor.fetchall()}
    if not channels:
        return {}
    return {(int(start.timestamp()) * 1_000_000, int(end.timestamp()) * 1_000_000): channels}


def means(wanted: Wanted, now: datetime) -> Columns:
    """The hour means of the wanted channels, from minute values where there are any, else from real-time ones."""
    parts: list[tuple[int, Series]] = []
    for (first, after), channels in wanted.items():
        start = queries.EPOCH + timedelta(microseconds=first)
        end = queries.EPOCH + timedelta(microseconds=after)
        minutes = queries.windows(sorted(channels), "m", start, end)
        rest = [channel for channel, series in minutes.items() if not len(series.at)]
        shorter = {**minutes, **(queries.windows(rest, "r", start, end) if rest else {})}
        kinds = dict(Channel.objects.filter(pk__in=channels).values_list("pk", "station__kind"))
        parts += [(channel, _means(series, kinds[channel])) for channel, series in shorter.items() if len(series) > 1]
    return _columns(parts, int(now.timestamp() * 1_000_000))


def _means(series: Series, station_kind: str) -> Series:
    return hour_means(series, NEEDED_SHARE.get(station_kind, 0.75))


def _columns(parts: list[tuple[int, Series]], received: int) -> Columns:
    parts = [(channel, series) for channel, series in parts if len(series.at)]
    count = sum(len(series.at) for _, series in parts)
    numbers = np.full((count, 4), np.nan)
    if count:
        numbers[:, 0] = np.concatenate([series.value for _, series in parts])
    empty = [np.empty(0, dtype=np.int64)]
    return Columns(
        channel=np.concatenate([np.full(len(series.at), channel) for channel, series in parts] or empty).astype(
            np.int32
        ),
        kind=np.full(count, b"H", dtype="S1"),
        at=np.concatenate([series.at for _, series in parts] or empty),
        numbers=numbers,
        mark=np.concatenate([series.mark for _, series in parts] or empty).astype("S1"),
        received=np.full(count, received, dtype=np.int64),
    )
