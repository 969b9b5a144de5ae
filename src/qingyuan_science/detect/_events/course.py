"""The course that a signal takes each day, such as oxygen and pH under the sun."""

import numpy as np
from numpy.typing import NDArray

from qingyuan_science.series import CHINA_OFFSET, SECOND

Floats = NDArray[np.float64]
_HOUR = 3600 * SECOND
_LEAST_DAYS = 7
_WORTH = 0.9  # the course must leave at most so much of the usual deviation from the day's median


def daily_course(at: NDArray[np.int64], rows: Floats) -> Floats:
    """Learn the usual deviation of each hour of the day from the median of the day.

    Parameters
    ----------
    at : ndarray of int, shape (n,)
        Times of the past [µs].
    rows : ndarray of shape (n, s)
        The past; NaN where missing [unit of each signal].

    Returns
    -------
    ndarray of shape (24, s)
        Median over days by hour in China; 0 for a signal that takes no daily course, or is known for under seven days
        at some hour [unit of each signal].
    """
    hour, day = hours_of(at), (at + CHINA_OFFSET) // (24 * _HOUR)
    apart = np.full_like(rows, np.nan)
    for one in np.unique(day):
        apart[day == one] = rows[day == one] - _median(rows[day == one])
    course = np.zeros((24, rows.shape[1]))
    enough = np.ones(rows.shape[1], dtype=bool)
    for one in range(24):
        known = apart[hour == one]
        days = [np.unique(day[hour == one][np.isfinite(column)]).size for column in known.T]
        enough &= np.array(days) >= _LEAST_DAYS
        course[one] = np.nan_to_num(_median(known), nan=0.0)
    left, before = _median(np.abs(apart - course[hour])), _median(np.abs(apart))
    return np.asarray(np.where(enough & (left < _WORTH * before), course, 0.0))


def hours_of(at: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the hour of the day in China, shape (n,), of times [µs]."""
    return (at + CHINA_OFFSET) // _HOUR % 24


def _median(rows: Floats) -> Floats:
    return np.array([np.nanmedian(column) if np.isfinite(column).any() else np.nan for column in rows.T])
