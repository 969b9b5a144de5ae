"""The course that a signal takes each day, such as oxygen and pH under the sun."""

import numpy as np
from numpy.typing import NDArray

from qingyuan_science.detect._tables import Spans
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
    begins = np.flatnonzero(np.append(True, day[1:] != day[:-1]))
    days = begins, np.append(begins[1:], at.size)
    signals = np.ascontiguousarray(rows.T)
    apart = signals - np.repeat(_medians(signals, days), days[1] - days[0], axis=1)
    by_hour = np.argsort(hour, kind="stable")
    bounds = np.searchsorted(hour[by_hour], np.arange(25))
    course = np.nan_to_num(_medians(apart[:, by_hour], (bounds[:-1], bounds[1:])), nan=0.0)
    enough = np.array([_days_of_each_hour(24 * day[known] + hour[known]).min() for known in np.isfinite(apart)])
    left, before = _median(np.abs(apart - course[:, hour])), _median(np.abs(apart))
    return np.asarray(np.where((enough >= _LEAST_DAYS) & (left < _WORTH * before), course.T, 0.0))


def hours_of(at: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the hour of the day in China, shape (n,), of times [µs]."""
    return (at + CHINA_OFFSET) // _HOUR % 24


def _days_of_each_hour(hours: NDArray[np.int64]) -> NDArray[np.int64]:
    """On how many days each hour of the day is met, of hours counted without end, in order."""
    met = hours[np.flatnonzero(np.append(True, hours[1:] != hours[:-1]))] if hours.size else hours
    return np.bincount(met % 24, minlength=24)


def _median(signals: Floats) -> Floats:
    """The median of each signal, NaN left out."""
    ordered, known = np.sort(signals, axis=1), np.count_nonzero(~np.isnan(signals), axis=1)[:, None]  # NaN last
    low, high = (np.take_along_axis(ordered, at, axis=1)[:, 0] for at in (np.maximum(known - 1, 0) // 2, known // 2))
    return np.asarray((low + high) / 2.0)


def _medians(signals: Floats, spans: Spans) -> Floats:
    """The median of each signal in each stretch of its values, NaN left out."""
    from qingyuan_science.detect._loops.windows import medians

    return np.stack([medians(signal, spans) for signal in signals])
