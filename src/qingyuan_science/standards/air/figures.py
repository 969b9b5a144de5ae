"""The figures of a month, a quarter or a year of a station or a city: days by level, means, percentiles, the index."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from qingyuan_science.plugins import Source
from qingyuan_science.standards.air.editions import air_edition
from qingyuan_science.standards.air.index import rounded_concentration
from qingyuan_science.standards.air.period import Part, composite_index, good_days, percentile, percentile_shares
from qingyuan_science.standards.air.running import least_counts

Values = NDArray[np.float64]
STATISTICS = ("PM2.5", "PM10", "SO2", "NO2", "CO", "O3_8h")
_BY_PERCENTILE = ("CO", "O3_8h")
_LEVELS = 6
_FEBRUARY = 2
_MONTHS_OF_YEAR = 12


@dataclass(frozen=True)
class AirFigures:
    """What a period of daily values comes to.

    Parameters
    ----------
    days : int
        Days of the period that are over.
    valid, good : int
        Days with an index, and those of them with an AQI of at most 100.
    share : float [%]
        Good-day ratio: good of valid days, to one decimal; NaN without valid days.
    by_level : tuple of int
        Days of levels 1 to 6.
    statistics : dict of float [µg/m³; CO: mg/m³]
        Means of PM2.5, PM10, SO2 and NO2, the 95th percentile of CO and the 90th of ``O3_8h``, rounded; NaN without
        values.
    counts : dict of int
        Valid days of each item.
    thin : tuple of str
        Items with fewer valid days than the standard asks for.
    composite : float [1]
        Composite index; NaN where an item is missing.
    parts : tuple of Part
        Its single indices.
    """

    days: int
    valid: int
    good: int
    share: float
    by_level: tuple[int, ...]
    statistics: dict[str, float]
    counts: dict[str, int]
    thin: tuple[str, ...]
    composite: float
    parts: tuple[Part, ...]

    @property
    def largest(self) -> Part | None:
        """The single index that is largest."""
        return max(self.parts, key=lambda one: one.value / one.standard, default=None)


def days_needed(first: date, last: date) -> int:
    """How many valid days of an item a month, a quarter or a year needs.

    Parameters
    ----------
    first, last : datetime.date
        First and last day of the period.

    Returns
    -------
    int
        27 of a month, 25 of February, 324 of a year; of several months the sum of their needs, which is this project's
        choice, since no clause on quarters was found.

    Source
    ------
    GB 3095-2026, table 4.

    Examples
    --------
    >>> days_needed(date(2026, 2, 1), date(2026, 2, 28)), days_needed(date(2026, 1, 1), date(2026, 12, 31))
    (25, 324)
    """
    counts, _sources = least_counts()
    months = range(first.month, last.month + 1)
    if len(months) == _MONTHS_OF_YEAR:
        return int(counts["days_of_year"])
    return sum(int(counts["days_of_february" if month == _FEBRUARY else "days_of_month"]) for month in months)


def air_figures(span: tuple[date, date], aqi: Values, level: Values, items: Mapping[str, Values]) -> AirFigures:
    """Work the figures of a period out.

    Parameters
    ----------
    span : tuple of datetime.date
        First and last day of the period, whether it is over or not; limits are those of the last day.
    aqi, level : ndarray, shape (n,) [1]
        Daily index and level of the days that are over.
    items : mapping of ndarray, shape (n,) [µg/m³; CO: mg/m³]
        Daily values by item.

    Returns
    -------
    AirFigures

    Source
    ------
    HJ 663-2013 and GB 3095-2026, table 4 (validity, percentiles); 环办监测〔2018〕19号 (composite index).
    """
    first, last = span
    good, valid, share = good_days(aqi)
    shares, _source = percentile_shares(last)
    named = {item.name: item for item in air_edition(last).items["day"]}
    statistics, counts = {}, {}
    for name in STATISTICS:
        values = np.asarray(items.get(name, np.empty(0)))
        known = values[~np.isnan(values)]
        counts[name] = int(known.size)
        exact = percentile(known, shares[name]) if name in _BY_PERCENTILE else _mean(known)
        statistics[name] = float(rounded_concentration([exact], named[name])[0])
    parts, total, _clauses = composite_index(statistics, last)
    needed = days_needed(first, last)
    return AirFigures(
        days=len(aqi),
        valid=valid,
        good=good,
        share=share,
        by_level=tuple(int((level == number).sum()) for number in range(1, _LEVELS + 1)),
        statistics=statistics,
        counts=counts,
        thin=tuple(name for name in STATISTICS if counts[name] < needed),
        composite=total,
        parts=tuple(parts),
    )


def figure_clauses(last: date) -> tuple[Source, ...]:
    """Name the clauses that the figures of a period apply.

    Parameters
    ----------
    last : datetime.date
        Last day of the period.

    Returns
    -------
    tuple of Source

    Source
    ------
    As `air_figures`.
    """
    sources = least_counts(last)[1]
    every = dict.fromkeys(STATISTICS, 1.0)
    found: Sequence[Source] = (
        sources["hours_of_day"],
        sources["windows_of_day"],
        sources["share_of_points"],
        percentile_shares(last)[1],
        *composite_index(every, last)[2],
    )
    return tuple(dict.fromkeys(found))


def _mean(values: Values) -> float:
    return float(values.mean()) if values.size else float("nan")
