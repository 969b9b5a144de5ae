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
    from qingyuan_science.detect._loops import courses

    if not at.size:
        return np.zeros((24, rows.shape[1]))
    clock = (at + CHINA_OFFSET) // _HOUR
    begins = np.flatnonzero(np.append(True, clock[1:] // 24 != clock[:-1] // 24))
    days = begins, np.append(begins[1:], at.size)
    course, apart, enough = courses.daily(np.ascontiguousarray(rows.T), clock, days)
    course = np.where(np.isfinite(course), course, 0.0)
    left, before = _median(np.abs(apart - course[:, clock % 24])), _median(np.abs(apart))
    return np.asarray(np.where((enough >= _LEAST_DAYS) & (left < _WORTH * before), course.T, 0.0))


def hours_of(at: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the hour of the day in China, shape (n,), of times [µs]."""
    return (at + CHINA_OFFSET) // _HOUR % 24


def _median(signals: Floats) -> Floats:
    """The median of each signal, NaN left out."""
    ordered, known = np.sort(signals, axis=1), np.count_nonzero(~np.isnan(signals), axis=1)[:, None]  # NaN last
    low, high = (np.take_along_axis(ordered, at, axis=1)[:, 0] for at in (np.maximum(known - 1, 0) // 2, known // 2))
    return np.asarray((low + high) / 2.0)
