"""Running and daily means of hourly values, with the counts that make them valid."""

from datetime import date
from functools import lru_cache

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike, NDArray

from qingyuan_science.plugins import Source
from qingyuan_science.standards.sourced import tables_of

Values = NDArray[np.float64]
HOURS_OF_DAY = 24
_FIRST_WINDOW_END = 7  # position of the hour 07:00 to 08:00, at whose end the first window within the day is full


@lru_cache(1024)
def least_counts(on: date | None = None) -> tuple[dict[str, float], dict[str, Source]]:
    """List how many values a mean needs, and the clause of each.

    Parameters
    ----------
    on : datetime.date, optional
        Day of the data in China; the latest editions if left out, whose counts are those of the earlier ones.

    Returns
    -------
    tuple
        Counts by name, and the clauses by the same names.

    Source
    ------
    GB 3095-2012 and GB 3095-2026, table 4; HJ 663-2013 for the windows of a day and the share of points.

    Examples
    --------
    >>> [least_counts(date(2026, month, 1))[1]["hours_of_day"].status for month in (2, 3)]
    ['partly', 'verified']
    """
    counts: dict[str, float] = {}
    sources: dict[str, Source] = {}
    tables = [table for holds in ("validity", "coverage") for table in tables_of("air/assessment", holds)]
    if on is not None:  # those of the day last, so that they stand; before the first edition, its counts
        tables = [*reversed(tables), *(table for table in tables if table.in_force(on))]
    for table in tables:
        for row in table.rows:
            counts[row["name"]], sources[row["name"]] = float(row["least"]), table.source
    return counts, sources


def moving_mean(hours: ArrayLike, length: int, least: int) -> Values:
    """Mean of the last hours, at each hour.

    Parameters
    ----------
    hours : float array, shape (..., n)
        Hourly means without gaps in time; NaN where there is none.
    length : int
        Hours of the window. [h]
    least : int
        Values that a window needs.

    Returns
    -------
    ndarray, shape (..., n)
        At each position the mean of the window that ends there; NaN where it holds fewer values.

    Source
    ------
    GB 3095-2026, table 4: six of eight hours for ozone; 24-hour running means of HJ 633-2012 ask for 20 of 24.
    """
    values = np.asarray(hours, dtype=np.float64)
    padding = np.full((*values.shape[:-1], length - 1), np.nan)
    padded = np.concatenate([padding, values], axis=-1)
    valid = ~np.isnan(padded)
    total = sliding_window_view(np.where(valid, padded, 0.0), length, axis=-1).sum(axis=-1)
    count = sliding_window_view(valid, length, axis=-1).sum(axis=-1)
    return np.where(count >= least, total / np.maximum(count, 1), np.nan)


def eight_hour_means(hours: ArrayLike) -> Values:
    """Running 8-hour means of ozone.

    Parameters
    ----------
    hours : float array, shape (..., n) [µg/m³]

    Returns
    -------
    ndarray, shape (..., n) [µg/m³]
        NaN where fewer than six of the eight hours are there.

    Source
    ------
    GB 3095-2026, clause 3 (running mean of eight hours) and table 4.
    """
    return moving_mean(hours, 8, int(least_counts()[0]["hours_of_8h"]))


def daily_maximum_8h(hours: ArrayLike, limit: float = 160.0) -> tuple[Values, NDArray[np.int64]]:
    """Largest 8-hour mean of ozone within natural days.

    Parameters
    ----------
    hours : float array, shape (..., 24) [µg/m³]
        The hours of a day from 00:00; NaN where there is none.
    limit : float [µg/m³]
        Limit of the daily maximum; a day with too few windows counts all the same when its maximum is above.

    Returns
    -------
    tuple of ndarray, shape (...) [µg/m³, windows]
        The maximum over the 17 windows that end from 08:00 to 24:00, and how many of them are valid; the maximum is NaN
        with fewer than 14 valid windows, unless it is above the limit.

    Source
    ------
    GB 3095-2026, clause 3 and table 4; HJ 663-2013 for the fourteen windows (not checked against the text).
    """
    windows = eight_hour_means(hours)[..., _FIRST_WINDOW_END:]
    count = (~np.isnan(windows)).sum(axis=-1)
    largest = np.fmax.reduce(windows, axis=-1)
    enough = (count >= least_counts()[0]["windows_of_day"]) | (np.rint(largest) > limit)
    return np.where(enough, largest, np.nan), count


def daily_mean(hours: ArrayLike) -> tuple[Values, NDArray[np.int64]]:
    """Mean of natural days.

    Parameters
    ----------
    hours : float array, shape (..., 24)
        The hours of a day from 00:00; NaN where there is none.

    Returns
    -------
    tuple of ndarray, shape (...)
        The mean, NaN with fewer than 20 valid hours, and how many hours are valid.

    Source
    ------
    GB 3095-2026, table 4.
    """
    values = np.asarray(hours, dtype=np.float64)
    valid = ~np.isnan(values)
    count = valid.sum(axis=-1)
    mean = np.where(valid, values, 0.0).sum(axis=-1) / np.maximum(count, 1)
    return np.where(count >= least_counts()[0]["hours_of_day"], mean, np.nan), count
