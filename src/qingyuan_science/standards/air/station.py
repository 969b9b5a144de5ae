"""From the hours of a station to the index of hours and days, each by the edition of its day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

import numpy as np
from numpy.typing import NDArray

from qingyuan_science.standards.air.editions import AirEdition, Report, air_editions
from qingyuan_science.standards.air.index import AirIndex, air_index, levels
from qingyuan_science.standards.air.period import editions_within
from qingyuan_science.standards.air.running import (
    HOURS_OF_DAY,
    daily_maximum_8h,
    daily_mean,
    eight_hour_means,
    least_counts,
    moving_mean,
)
from qingyuan_science.standards.sourced import tables_of

Values = NDArray[np.float64]
Flags = NDArray[np.bool_]
MEAN, MAXIMUM_8H, MAXIMUM_1H = "mean", "max_8h", "max_1h"
"""What is kept of a day: the mean, and of ozone the largest 8-hour mean and the largest hour."""

_DAY_ITEMS = {"O3_8h": ("O3", MAXIMUM_8H), "O3_1h": ("O3", MAXIMUM_1H)}


@dataclass(frozen=True)
class IndexSeries:
    """The index of many hours or days of one place or of several, each by the edition of its own day.

    Parameters
    ----------
    aqi : ndarray, shape (..., n) [1]
        As published: NaN without any value, beyond every table, and where too few pollutants allow none.
    level : ndarray, shape (..., n) [1]
        From 1 to 6, NaN without an index.
    iaqi : dict of ndarray, shape (..., n) [1]
        By item.
    primary, exceeding : dict of ndarray of bool, shape (..., n)
        By item; `exceeding` only where the edition of the day names such pollutants.
    missing : dict of ndarray of bool, shape (..., n)
        By pollutant that the report counts, whether no item of it has a value.
    """

    aqi: Values
    level: Values
    iaqi: dict[str, Values]
    primary: dict[str, Flags]
    exceeding: dict[str, Flags]
    missing: dict[str, Flags]

    @property
    def withheld(self) -> Flags:
        """Where values are there, and yet no index is published.

        Source
        ------
        HJ 633-2026, clause 5.3.
        """
        some = np.zeros(self.aqi.shape, dtype=np.bool_)
        for values in self.iaqi.values():
            some |= ~np.isnan(values)
        return some & np.isnan(self.aqi)


@cache
def pollutant_factors() -> dict[str, str]:
    """List the pollutants of the index with the codes under which stations send them.

    Returns
    -------
    dict of str
        Code of HJ 212 by pollutant, for example ``O3`` to ``a05024``.

    Source
    ------
    HJ 212-2017, annex B, by the table of the composite index.

    Examples
    --------
    >>> pollutant_factors()["PM2.5"]
    'a34004'
    """
    return {row["item"].partition("_")[0]: row["factor"] for row in tables_of("air/assessment", "composite")[-1].rows}


def day_item(item: str) -> tuple[str, str]:
    """Say which pollutant and which figure of a day an item of the daily report is.

    Parameters
    ----------
    item : str
        Name of the item, for example ``O3_8h``.

    Returns
    -------
    tuple of str
        Pollutant and one of ``mean``, ``max_8h``, ``max_1h``.

    Source
    ------
    HJ 633-2012 and HJ 633-2026, items of the daily report.

    Examples
    --------
    >>> day_item("CO"), day_item("O3_8h")
    (('CO', 'mean'), ('O3', 'max_8h'))
    """
    return _DAY_ITEMS.get(item, (item, MEAN))


def day_figures(hours: Values, pollutant: str) -> dict[str, Values]:
    """What is kept of each day of a pollutant.

    Parameters
    ----------
    hours : ndarray, shape (..., 24) [µg/m³; CO: mg/m³]
        Valid hour means of natural days from 00:00; NaN where there is none.
    pollutant : str

    Returns
    -------
    dict of ndarray, shape (...)
        Of ozone ``max_8h`` and ``max_1h``, of everything else ``mean``; NaN with too few valid hours.

    Source
    ------
    GB 3095-2026, clause 3 and table 4: 20 hours for a mean, 6 for an 8-hour mean; HJ 663-2013 for the 14 windows. For
    the largest hour the 20 hours of a mean are asked for (not checked against the text).

    Examples
    --------
    >>> figures = day_figures(np.array([40.0] * 12 + [200.0] * 8 + [40.0] * 4), "O3")
    >>> float(figures["max_8h"]), float(figures["max_1h"])
    (200.0, 200.0)
    """
    mean, count = daily_mean(hours)
    if pollutant != "O3":
        return {MEAN: mean}
    largest = np.fmax.reduce(hours, axis=-1)
    enough = count >= least_counts()[0]["hours_of_day"]
    return {MAXIMUM_8H: daily_maximum_8h(hours)[0], MAXIMUM_1H: np.where(enough, largest, np.nan)}


def hour_items(hours: Mapping[str, Values], edition: AirEdition) -> dict[str, Values]:
    """Make the items of the hourly report from hour means.

    Parameters
    ----------
    hours : mapping of ndarray, shape (..., n) [µg/m³; CO: mg/m³]
        Valid hour means by pollutant, without gaps in time; at least 23 hours before the first that is asked for.
    edition : AirEdition

    Returns
    -------
    dict of ndarray, shape (..., n) [µg/m³; CO: mg/m³]
        By item: as they are, or running means of 8 and of 24 hours where the edition counts those.

    Source
    ------
    HJ 633-2012, table 1 (running means in the real-time report); HJ 633-2026, clauses 4.2.3 and 4.2.4.
    """
    found = {}
    for item in edition.items["hour"]:
        if item.pollutant in hours:
            values = np.asarray(hours[item.pollutant], dtype=np.float64)
            if item.averaging == "8h":
                values = eight_hour_means(values)
            elif item.averaging == "24h":
                values = moving_mean(values, HOURS_OF_DAY, int(least_counts()[0]["hours_of_day"]))
            found[item.name] = values
    return found


def index_of_days(days: Sequence[date], figures: Mapping[str, Values]) -> IndexSeries:
    """The daily index of one place or of several, each day by the edition in force on it.

    Parameters
    ----------
    days : sequence of datetime.date, length n
        In order.
    figures : mapping of ndarray, shape (..., n) [µg/m³; CO: mg/m³]
        By item of the daily report of any edition.

    Returns
    -------
    IndexSeries
        Without an index on days before the first edition.

    Source
    ------
    HJ 633-2012 to 2026-02-28, HJ 633-2026 from 2026-03-01.

    Examples
    --------
    >>> series = index_of_days([date(2026, 2, 28), date(2026, 3, 1)], {"PM2.5": np.array([75.0, 75.0])})
    >>> series.iaqi["PM2.5"].tolist()
    [100.0, 114.0]
    """
    shape = next(iter(figures.values())).shape if figures else (len(days),)
    parts = [(np.array([], dtype=np.int64), _nothing(shape[:-1]))]
    for edition in editions_within(days[0], days[-1], air_editions()) if len(days) else ():
        inside = np.flatnonzero([edition.valid_from <= day <= (edition.valid_to or day) for day in days])
        counted = {item.name for item in edition.items["day"]}
        given = {name: values[..., inside] for name, values in figures.items() if name in counted}
        parts.append((inside, index_by(edition, given, "day")))
    return _joined(shape, parts)


def index_by(edition: AirEdition, concentrations: Mapping[str, Values], report: Report) -> IndexSeries:
    """The index of many hours or days by one edition.

    Parameters
    ----------
    edition : AirEdition
    concentrations : mapping of ndarray of one shape [µg/m³; CO: mg/m³]
        By item.
    report : {"hour", "day"}

    Returns
    -------
    IndexSeries

    Source
    ------
    HJ 633-2012; HJ 633-2026, clause 5.3: where a pollutant is missing, an index is published only above 100.
    """
    index = air_index(concentrations, edition, report)
    missing = _missing(edition, concentrations, report, index.aqi.shape)
    thin = np.logical_or.reduce([np.zeros(index.aqi.shape, dtype=np.bool_), *missing.values()])
    withheld = thin & bool(edition.thin_publishes_above) & ~(index.aqi > edition.thin_publishes_above)
    aqi = np.where(withheld, np.nan, index.aqi)
    told = AirIndex(aqi, index.iaqi, index.lost)
    return IndexSeries(
        aqi, levels(aqi, edition), index.iaqi, told.primary, told.exceeding if edition.has_exceeding else {}, missing
    )


def _missing(
    edition: AirEdition, concentrations: Mapping[str, Values], report: Report, shape: tuple[int, ...]
) -> dict[str, Flags]:
    missing: dict[str, Flags] = {}
    for item in edition.items[report]:
        if not item.instead_of:
            values = concentrations.get(item.name, np.full(shape, np.nan))
            missing[item.pollutant] = missing.get(item.pollutant, np.ones(shape, dtype=np.bool_)) & np.isnan(values)
    return missing


def _nothing(shape: tuple[int, ...]) -> IndexSeries:
    empty = np.empty((*shape, 0))
    return IndexSeries(empty, empty, {}, {}, {}, {})


def _joined(shape: tuple[int, ...], parts: Sequence[tuple[NDArray[np.int64], IndexSeries]]) -> IndexSeries:
    """The parts of the editions as one, each at its own days."""
    aqi, level = np.full(shape, np.nan), np.full(shape, np.nan)
    iaqi: dict[str, Values] = {}
    told: dict[str, dict[str, Flags]] = {"primary": {}, "exceeding": {}, "missing": {}}
    for inside, part in parts:
        aqi[..., inside], level[..., inside] = part.aqi, part.level
        for name, values in part.iaqi.items():
            iaqi.setdefault(name, np.full(shape, np.nan))[..., inside] = values
        for kind, by_name in told.items():
            for name, flags in getattr(part, kind).items():
                by_name.setdefault(name, np.zeros(shape, dtype=np.bool_))[..., inside] = flags
    return IndexSeries(aqi, level, iaqi, **told)
