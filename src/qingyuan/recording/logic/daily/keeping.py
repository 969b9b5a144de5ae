"""Keeps the valid value of each day: means, and of ozone the largest 8-hour mean and the largest hour."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from qingyuan.kit.clock import SHANGHAI
from qingyuan.places.queries import StationKind
from qingyuan.recording import queries
from qingyuan.recording.daily import days_of, month_of
from qingyuan.sensing.queries import Channel
from qingyuan_science.series import CHINA_OFFSET, SECOND, Series, microseconds, moment
from qingyuan_science.standards.air import MEAN, day_figures, pollutant_factors
from qingyuan_science.units import canonical, convert

Values = NDArray[np.float64]
KEPT = (StationKind.AMBIENT_AIR, StationKind.SURFACE_WATER, StationKind.OUTLET_WATER)
_HOUR, _DAY = 3600 * SECOND, 86_400 * SECOND
_MOST_DAYS = 400  # of one channel at a time, so that a long history does not fill the memory
_LOCK = "SELECT pg_advisory_xact_lock(hashtext('recording.day_values'))"
_STAND = (
    "SELECT channel_id, statistic, month, values FROM recording_dayvalues"
    " WHERE channel_id = ANY(%s) AND month = ANY(%s)"
)
_PUT = (
    "INSERT INTO recording_dayvalues (channel_id, statistic, month, values) VALUES (%s, %s, %s, %s::float8[])"
    " ON CONFLICT (channel_id, statistic, month) DO UPDATE SET values = excluded.values"
)
Key = tuple[int, str, date]  # channel, statistic, month


def touched(spans: Iterable[Sequence[Any]], now: datetime) -> dict[int, tuple[date, date]]:
    """First and last day, in China, of what changed at each channel whose days are kept."""
    today = now.astimezone(SHANGHAI).date()
    found: dict[int, tuple[date, date]] = {}
    for channel, kind, first, last in spans:
        if kind in "hHdD":
            begins, ends = _day(first), min(_day(last), today)
            known = found.get(channel, (begins, ends))
            found[channel] = (min(known[0], begins), max(known[1], ends))
    kept = set(Channel.objects.filter(pk__in=found, station__kind__in=KEPT).values_list("pk", flat=True))
    return {channel: days for channel, days in sorted(found.items()) if channel in kept and days[0] <= days[1]}


def channels() -> list[int]:
    """Every channel whose days are kept."""
    return list(Channel.objects.filter(station__kind__in=KEPT).order_by("pk").values_list("pk", flat=True))


def keep(channels: Mapping[int, tuple[date, date]]) -> int:
    """Compute the values of days anew and keep them; answers how many rows changed. Inside a transaction."""
    by_days: dict[tuple[date, date], list[int]] = defaultdict(list)
    for channel, (first, last) in channels.items():
        for begins in range(0, (last - first).days + 1, _MOST_DAYS):
            start = first + timedelta(days=begins)
            by_days[start, min(start + timedelta(days=_MOST_DAYS - 1), last)].append(channel)
    with connection.cursor() as cursor:
        cursor.execute(_LOCK)
    return sum(_write(_computed(several, days), days) for days, several in by_days.items())


def _computed(channel_ids: Sequence[int], days: tuple[date, date]) -> dict[tuple[int, str], Values]:
    """The values of each channel and statistic over some days."""
    channels = Channel.objects.filter(pk__in=channel_ids).select_related("station")
    ozone = [one for one in channels if _is_ozone(one)]
    means = [one.pk for one in channels if not _is_ozone(one)]
    found: dict[tuple[int, str], Values] = {}
    for channel, values in _best(means, "Dd", days, _DAY).items():
        found[channel, MEAN] = values[:, 0]
    hours = _best([one.pk for one in ozone], "Hh", days, _HOUR)
    for one in ozone:
        for statistic, values in day_figures(_micrograms(hours[one.pk], one), "O3").items():
            found[one.pk, statistic] = _micrograms(values, one, back=True)
    return found


def _is_ozone(channel: Channel) -> bool:
    return channel.station.kind == StationKind.AMBIENT_AIR and channel.factor == pollutant_factors()["O3"]


def _micrograms(values: Values, channel: Channel, *, back: bool = False) -> Values:
    unit = "µg/m3"
    if canonical(channel.unit) == canonical(unit):
        return values
    flat = values.reshape(-1)
    turned = convert(flat, unit, channel.unit) if back else convert(flat, channel.unit, unit)
    return turned.reshape(values.shape)


def _best(channel_ids: Sequence[int], kinds: str, days: tuple[date, date], step: int) -> dict[int, Values]:
    """Valid values in the shape (days, periods of a day); those of the first kind stand over those of the second.

    A day that was computed here, and found too few hours for a valid mean, stays without one, whatever was sent.
    """
    if not channel_ids:
        return {}
    start = datetime.combine(days[0], time(), SHANGHAI)
    end = datetime.combine(days[1], time(), SHANGHAI) + timedelta(days=1)
    size = ((days[1] - days[0]).days + 1) * (_DAY // step)
    found = {channel: np.full(size, np.nan) for channel in channel_ids}
    for kind in reversed(kinds):
        for channel, series in queries.windows(channel_ids, kind, start, end).items():
            _lay(found[channel], series, (microseconds(start), step), over=kind == "D")
    return {channel: values.reshape(-1, _DAY // step) for channel, values in found.items()}


def _lay(values: Values, series: Series, places: tuple[int, int], *, over: bool) -> None:
    start, step = places
    counts = series.valid
    if over:
        values[(series.at - start) // step] = np.nan
    values[(series.at[counts] - start) // step] = series.value[counts]


def _write(found: Mapping[tuple[int, str], Values], days: tuple[date, date]) -> int:
    months = _months(days)
    with connection.cursor() as cursor:
        cursor.execute(_STAND, [sorted({channel for channel, _ in found}), months])
        stand: dict[Key, list[float]] = {(row[0], row[1], row[2]): row[3] for row in cursor.fetchall()}
        rows = [row for key, values in sorted(found.items()) for row in _changed(key, values, (months, days), stand)]
        if rows:
            cursor.executemany(_PUT, rows)
    return len(rows)


def _changed(
    key: tuple[int, str], values: Values, span: tuple[list[date], tuple[date, date]], stand: Mapping[Key, list[float]]
) -> Iterable[tuple[int, str, date, list[float]]]:
    months, (first, last) = span
    for month in months:
        before = stand.get((*key, month))
        row = np.full(days_of(month), np.nan) if before is None else np.array(before, dtype=np.float64)
        begins, ends = max(first, month), min(last, month + timedelta(days=len(row) - 1))
        new = row.copy()
        new[begins.day - 1 : ends.day] = values[(begins - first).days : (ends - first).days + 1]
        if not np.array_equal(new, row, equal_nan=True):
            yield (*key, month, new.tolist())


def _months(days: tuple[date, date]) -> list[date]:
    months, month = [], month_of(days[0])
    while month <= days[1]:
        months.append(month)
        month += timedelta(days=days_of(month))
    return months


def _day(us: int) -> date:
    return moment((us + CHINA_OFFSET) // _DAY * _DAY).date()
