"""Keeps the valid value of each day: means, of ozone the largest 8-hour mean and the largest hour, of outlets sums."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

import numpy as np
from django.db import connection
from django.db.models import Q, QuerySet
from numpy.typing import NDArray

from qingyuan.kit.clock import SHANGHAI
from qingyuan.places.queries import StationKind
from qingyuan.recording import queries
from qingyuan.recording.daily import CARRIERS, days_of, month_of
from qingyuan.recording.logic.daily.amounts import amounts
from qingyuan.sensing.queries import Channel
from qingyuan_science.series import CHINA_OFFSET, SECOND, Series, microseconds, moment
from qingyuan_science.standards.air import MEAN, day_figures, pollutant_factors
from qingyuan_science.units import UnitError, scale

Values = NDArray[np.float64]
KEPT = (StationKind.AMBIENT_AIR, StationKind.SURFACE_WATER, *CARRIERS)
_OZONE = Q(station__kind=StationKind.AMBIENT_AIR, factor=pollutant_factors()["O3"])
_DAYS, _HOURS = "Dd", "Hh"  # kinds of readings, those computed here before those that were sent
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
Days = tuple[date, date]  # first and last, in China
Key = tuple[int, str, date]  # channel, statistic, month


def touched(spans: Iterable[Sequence[Any]], now: datetime) -> dict[Days, list[int]]:
    """The channels of which some days are to be kept anew because of what changed; most events ask for none.

    Only what the values of days are made of counts: day means, of ozone hours, and of outlets the hours of days that
    are over.
    """
    spans = [span for span in spans if span[1] in _DAYS + _HOURS]
    today = now.astimezone(SHANGHAI).date()
    over = {span[0] for span in spans if span[1] in _HOURS and _day(span[2]) < today}
    kinds = _kinds_read({span[0] for span in spans}, {span[1] for span in spans}, over)
    due: dict[Days, set[int]] = defaultdict(set)
    for channel, kind, first, last in spans:
        read = kinds.get(channel, "")
        only_over = kind in _HOURS and read == _DAYS + _HOURS
        days = (_day(first), min(_day(last), today - timedelta(days=1) if only_over else today))
        if kind in read and days[0] <= days[1]:
            due[days].add(channel)
    return {days: sorted(several) for days, several in sorted(due.items())}


def _kinds_read(channel_ids: Iterable[int], kinds: Iterable[str], over: Iterable[int]) -> dict[int, str]:
    """By channel whose days are kept, the kinds of readings that they are made of, as far as some of these are.

    Of outlets hours count only where some of them are of days that are `over`.
    """
    found: dict[int, str] = {}
    if not set(_DAYS).isdisjoint(kinds):
        found |= dict.fromkeys(channels().filter(pk__in=channel_ids).values_list("pk", flat=True), _DAYS)
    if kinds:
        outlets = Q(pk__in=over, station__kind__in=CARRIERS, basis="measured")
        by_hours = channels().filter(_OZONE | outlets).values_list("pk", "station__kind")
        found |= {channel: _DAYS + _HOURS if kind in CARRIERS else _HOURS for channel, kind in by_hours}
    return found


def channels() -> QuerySet[Channel]:
    """Every channel whose days are kept."""
    return Channel.objects.filter(station__kind__in=KEPT).order_by("pk")


def keep(due: Mapping[Days, Sequence[int]]) -> int:
    """Compute the values of days anew and keep them; answers how many rows changed. Inside a transaction."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK)
    return sum(_write(_computed(several, part), part) for days, several in due.items() for part in _in_parts(days))


def _in_parts(days: Days) -> Iterable[Days]:
    for begins in range(0, (days[1] - days[0]).days + 1, _MOST_DAYS):
        start = days[0] + timedelta(days=begins)
        yield start, min(start + timedelta(days=_MOST_DAYS - 1), days[1])


def _computed(channel_ids: Sequence[int], days: Days) -> dict[tuple[int, str], Values]:
    """The values of each channel and statistic over some days."""
    ozone = list(Channel.objects.filter(_OZONE, pk__in=channel_ids))
    means = sorted({*channel_ids} - {one.pk for one in ozone})
    found: dict[tuple[int, str], Values] = {}
    for channel, values in _best(means, _DAYS, days, _DAY).items():
        found[channel, MEAN] = values[:, 0]
    hours = _best([one.pk for one in ozone], _HOURS, days, _HOUR)
    for one in ozone:
        unit = _micrograms(one)
        for statistic, values in day_figures(hours[one.pk] * unit, "O3").items():
            found[one.pk, statistic] = values / unit
    return found | amounts(channel_ids, days)


def _micrograms(channel: Channel) -> float:
    """How many µg/m³ one of the channel's unit is; NaN of a unit that is none of concentration: no hour counts."""
    try:
        return float(scale(channel.unit, "µg/m3"))
    except UnitError:
        return float("nan")


def _best(channel_ids: Sequence[int], kinds: str, days: Days, step: int) -> dict[int, Values]:
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


def _write(found: Mapping[tuple[int, str], Values], days: Days) -> int:
    months = _months(days)
    with connection.cursor() as cursor:
        cursor.execute(_STAND, [sorted({channel for channel, _ in found}), months])
        stand: dict[Key, list[float]] = {(row[0], row[1], row[2]): row[3] for row in cursor.fetchall()}
        rows = [row for key, values in sorted(found.items()) for row in _changed(key, values, (months, days), stand)]
        if rows:
            cursor.executemany(_PUT, rows)
    return len(rows)


def _changed(
    key: tuple[int, str], values: Values, span: tuple[list[date], Days], stand: Mapping[Key, list[float]]
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


def _months(days: Days) -> list[date]:
    months, month = [], month_of(days[0])
    while month <= days[1]:
        months.append(month)
        month += timedelta(days=days_of(month))
    return months


def _day(us: int) -> date:
    return moment((us + CHINA_OFFSET) // _DAY * _DAY).date()
