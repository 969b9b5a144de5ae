"""What a month or a year of daily values comes to: means, percentiles, good days, the composite index."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qingyuan_science.plugins import Source, Text
from qingyuan_science.standards.air.editions import AirEdition, Item
from qingyuan_science.standards.air.index import rounded_concentration
from qingyuan_science.standards.limits import Limit, limits_for
from qingyuan_science.standards.rounding import round_half_even
from qingyuan_science.standards.sourced import table_on

Values = NDArray[np.float64]
_FILE = "air/assessment"
GOOD_TO = 100


@dataclass(frozen=True)
class Part:
    """One pollutant's share of the composite index.

    Parameters
    ----------
    item : str
        Name of the item.
    statistic : Text
        Which figure of the period is used.
    value, standard : float [µg/m³; CO: mg/m³]
        The figure, and the grade 2 limit that it is divided by.
    index : float [1]
        Their ratio, to two decimals.
    """

    item: str
    statistic: Text
    value: float
    standard: float
    index: float


def percentile(values: ArrayLike, share: float) -> float:
    """Percentile of daily values.

    Parameters
    ----------
    values : float array, shape (n,)
        NaN is left out.
    share : float [%]
        From 0 to 100.

    Returns
    -------
    float
        Linear between the two neighbours at position 1 + (n - 1) · share; NaN without values.

    Source
    ------
    HJ 663-2013, annex A (read at second hand).

    Examples
    --------
    >>> percentile([10, 20, 30, 40, 50], 90)
    46.0
    """
    array = np.asarray(values, dtype=np.float64)
    array = array[~np.isnan(array)]
    return float(np.round(np.percentile(array, share), 9)) if array.size else float("nan")


def percentile_shares(on: date) -> tuple[dict[str, float], Source]:
    """List the percentile by which each item of a year is judged.

    Parameters
    ----------
    on : datetime.date
        Day of the data in China.

    Returns
    -------
    tuple
        Percentiles by item [%], and the clause.

    Source
    ------
    HJ 663-2013; HJ 663-2026 by public implementations.
    """
    table = table_on(_FILE, "percentiles", on)
    return {row["item"]: float(row["percentile"]) for row in table.rows}, table.source


def period_mean(values: ArrayLike, item: Item) -> float:
    """Mean of daily means, rounded as the index rounds the item.

    Parameters
    ----------
    values : float array, shape (n,) [unit of the item]
        NaN is left out.
    item : Item

    Returns
    -------
    float [unit of the item]
        NaN without values.

    Source
    ------
    GB 3095-2026, clause 3 and table 4; GB/T 8170-2008.
    """
    array = np.asarray(values, dtype=np.float64)
    array = array[~np.isnan(array)]
    return float(rounded_concentration([array.mean()], item)[0]) if array.size else float("nan")


def good_days(aqi: ArrayLike) -> tuple[int, int, float]:
    """Count the good days and their share.

    Parameters
    ----------
    aqi : float array, shape (n,) [1]
        Daily AQI; NaN for days without.

    Returns
    -------
    tuple [days, days, %]
        Days with an AQI of at most 100, valid days, and the share to one decimal; NaN without valid days.

    Source
    ------
    HJ 633-2026, table 1 (excellent and good); the share as the ministry's bulletins print it.

    Examples
    --------
    >>> good_days([50, 100, 101, float("nan")])
    (2, 3, 66.7)
    """
    values = np.asarray(aqi, dtype=np.float64)
    valid = int((~np.isnan(values)).sum())
    good = int((values <= GOOD_TO).sum())
    share = round_half_even(good * 100.0 / valid, 1) if valid else float("nan")
    return good, valid, share


def composite_index(figures: Mapping[str, float], on: date) -> tuple[list[Part], float, tuple[Source, ...]]:
    """Composite index of a city's air over a month, a quarter or a year.

    Parameters
    ----------
    figures : mapping of float [µg/m³; CO: mg/m³]
        By item: means of SO2, NO2, PM10 and PM2.5, the 95th percentile of CO, the 90th of ``O3_8h``.
    on : datetime.date
        Day whose limits apply.

    Returns
    -------
    tuple
        The single indices, their sum to two decimals (NaN when an item is missing), and the clauses.

    Source
    ------
    环办监测〔2018〕19号: sum of the six ratios to the grade 2 limits of GB 3095.

    Examples
    --------
    >>> city = {"SO2": 9, "NO2": 28, "PM10": 56, "PM2.5": 35, "CO": 1.0, "O3_8h": 144}
    >>> composite_index(city, date(2025, 6, 1))[1]
    3.8
    """
    table = table_on(_FILE, "composite", on)
    parts, sources = [], [table.source]
    for row in table.rows:
        if row["item"] in figures and not np.isnan(figures[row["item"]]):
            limit = grade_limit(row["factor"], row["averaging"], "2", on)
            value, standard = figures[row["item"]], float(limit.high or 0.0)
            index = round_half_even(round(value / standard, 9), 2)
            parts.append(Part(row["item"], Text(*row["statistic"]), value, standard, index))
            sources.append(limit.source)
    exact = [part.value / part.standard for part in parts]
    total = round_half_even(round(sum(exact), 9), 2) if len(parts) == len(table.rows) else float("nan")
    return parts, total, tuple(dict.fromkeys(sources))


def weighted_index(parts: Sequence[Part], on: date) -> tuple[float, Source]:
    """Weighted composite index, in which some pollutants count more than once.

    Parameters
    ----------
    parts : sequence of Part
        The single indices, from `composite_index`.
    on : datetime.date
        Day of the data in China.

    Returns
    -------
    tuple
        The weighted sum of the ratios to two decimals, NaN when an item is missing; and where the weights come from.

    Raises
    ------
    NoEdition
        There are no weights for that day.

    Source
    ------
    One public system of 2026; no document of the ministry was found.

    Examples
    --------
    >>> city = {"SO2": 6, "NO2": 20, "PM10": 60, "PM2.5": 30, "CO": 0.8, "O3_8h": 160}
    >>> weighted_index(composite_index(city, date(2026, 4, 1))[0], date(2026, 4, 1))[0]
    7.3
    """
    table = table_on(_FILE, "weights", on)
    weight = {row["item"]: float(row["weight"]) for row in table.rows}
    if weight.keys() != {part.item for part in parts}:
        return float("nan"), table.source
    return round_half_even(round(sum(weight[one.item] * one.value / one.standard for one in parts), 9), 2), table.source


@cache
def grade_limit(factor: str, averaging: str, grade: str, on: date) -> Limit:
    """Return the ambient limit of a grade that was in force on a day.

    Parameters
    ----------
    factor : str
        Code of the factor.
    averaging : str
        Averaging time of the limit.
    grade : {"1", "2"}
    on : datetime.date
        Day of the data in China.

    Returns
    -------
    Limit

    Raises
    ------
    LookupError
        The standard has no such limit.

    Source
    ------
    GB 3095-2012 and GB 3095-2026, tables 1 and 2.
    """
    found = limits_for(factor, "GB 3095", grade, averaging, on=on)
    if not found:
        raise LookupError(f"found no limit of GB 3095 for {factor} over a {averaging} on {on}, expected one")
    return found[0]


def editions_within(first: date, last: date, editions: tuple[AirEdition, ...]) -> list[AirEdition]:
    """List the editions in force at any time between two days.

    Parameters
    ----------
    first, last : datetime.date
        Both included.
    editions : tuple of AirEdition

    Returns
    -------
    list of AirEdition

    Source
    ------
    HJ 633-2012 and HJ 633-2026, days of entry into force.
    """
    return [one for one in editions if one.valid_from <= last and (one.valid_to is None or first <= one.valid_to)]
