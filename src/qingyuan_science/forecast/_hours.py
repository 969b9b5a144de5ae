"""The hour values of a channel on an even grid, with what is missing filled by what was known before."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qingyuan_science.series import CHINA_OFFSET, SECOND, Series

HOUR = 3600 * SECOND
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Hours:
    """Hour values on an even grid that ends with the newest valid one.

    Parameters
    ----------
    last : int
        Start of the newest valid hour [µs since 1970 in UTC].
    value : ndarray of float64, shape (n,)
        Values, the newest last; NaN where there is no valid one. [unit]
    filled : ndarray of float64, shape (n,)
        The same with the last known value where there is none. [unit]
    """

    last: int
    value: Floats
    filled: Floats

    @property
    def valid(self) -> NDArray[np.bool_]:
        """Where there is a valid value."""
        return np.isfinite(self.value)

    @property
    def at(self) -> NDArray[np.int64]:
        """Start of each hour [µs since 1970 in UTC]."""
        size = self.value.size
        return self.last + np.arange(1 - size, 1, dtype=np.int64) * HOUR


def hours_of(series: Series, days: int) -> Hours | None:
    """Put the last days of a series on an even grid of hours.

    Parameters
    ----------
    series : Series
        Hour values.
    days : int
        How many days to take, counted back from the newest valid value. [d]

    Returns
    -------
    Hours or None
        None where no value is valid. It begins with a valid value.
    """
    valid = series.valid
    at, value = series.at[valid], series.value[valid]
    if not at.size:
        return None
    last = int(at[-1] // HOUR * HOUR)
    recent = at > last - days * 24 * HOUR
    place = ((at[recent] - last) // HOUR).astype(np.int64)
    grid = np.full(int(1 - place[0]), np.nan)
    grid[place - place[0]] = value[recent]
    known = np.maximum.accumulate(np.where(np.isfinite(grid), np.arange(grid.size), 0))
    return Hours(last, grid, grid[known])


def hour_of_week(at: NDArray[np.int64]) -> NDArray[np.int64]:
    """Hour of the week in China, 0 for the first hour of Monday.

    Parameters
    ----------
    at : ndarray of int64 [µs since 1970 in UTC]

    Returns
    -------
    ndarray of int64, 0 to 167
    """
    return ((at + CHINA_OFFSET) // HOUR + 72) % 168  # 1970-01-01 was a Thursday
