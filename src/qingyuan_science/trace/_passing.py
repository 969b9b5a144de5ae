"""What a monitor showed while the water or air in question passed it, ranked among the ordinary stretches before."""

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from qingyuan_science.series import SECOND, Series

HOUR = 3600 * SECOND
_DAY = 24  # h
_KNOWN = 0.5  # share of the hours of a window that must be valid
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Window:
    """When what was seen passed a monitor.

    Parameters
    ----------
    first, hours : int
        First hour [hours since 1970 in UTC], and how many. [h]
    held : int
        Over how many hours in a row the height of a rise is meant. [h]
    """

    first: int
    hours: int
    held: int

    @property
    def start(self) -> int:
        """Begin [µs since 1970 in UTC]."""
        return self.first * HOUR

    @property
    def end(self) -> int:
        """End [µs since 1970 in UTC]."""
        return (self.first + self.hours) * HOUR


@dataclass(frozen=True)
class Rank:
    """How unusual a window is among ordinary ones.

    Parameters
    ----------
    rise : float
        How far it is above what is usual for the hour of the day, over the highest hours in a row. [unit]
    as_high, windows : int
        How many ordinary windows of that length are as high, and how many there are.
    """

    rise: float
    as_high: int
    windows: int

    @property
    def p(self) -> float:
        """Chance that an ordinary window is as high. [1]"""
        return (1 + self.as_high) / (1 + self.windows)


def window(start: int, end: int, travel_s: float, *, tolerance: float, lasting: float) -> Window:
    """Say when what was seen passed a monitor further up.

    Parameters
    ----------
    start, end : int
        When it was seen. [µs since 1970 in UTC]
    travel_s : float
        From the monitor to where it was seen. [s]
    tolerance : float
        By which share of it the time may be wrong. [1]
    lasting : float
        For which share of the time for which it was seen it lasted at the monitor at least: it widens on the way. [1]

    Returns
    -------
    Window
        In whole hours.
    """
    first = int((start - travel_s * (1.0 + tolerance) * SECOND) // HOUR)
    after = int(-((travel_s * (1.0 - tolerance) * SECOND - end) // HOUR))
    hours = max(after - first, 1)
    held = round(lasting * (end - start) / HOUR)
    return Window(first, hours, min(max(held, 1), hours))


def on_hours(series: Series, first: int, count: int) -> Floats:
    """Lay valid values on an even grid of hours.

    Parameters
    ----------
    series : Series
        Hour values.
    first, count : int
        First hour [hours since 1970 in UTC], and how many. [h]

    Returns
    -------
    ndarray of float64, shape (count,)
        NaN where there is no valid value. [unit of the series]
    """
    grid = np.full(count, np.nan)
    place = series.at // HOUR - first
    inside = series.valid & (place >= 0) & (place < count)
    grid[place[inside]] = series.value[inside]
    return grid


def above_usual(grid: Floats, usual: int) -> Floats:
    """Take from each hour what is usual for its hour of the day.

    Parameters
    ----------
    grid : ndarray of float64, shape (n,)
        A value an hour, NaN where there is none. [unit]
    usual : int
        How many of the first hours tell what is usual, in whole days. [h]

    Returns
    -------
    ndarray of float64, shape (n,)
        Value less the median of the same hour of the usual days; of all usual hours where that hour has none. [unit]

    Examples
    --------
    >>> above_usual(np.tile([1.0, 9.0], 24), 24).tolist()[-2:]
    [0.0, 0.0]
    """
    days = grid[:usual].reshape(-1, _DAY)
    level = _medians(days)
    level = np.where(np.isfinite(level), level, _medians(days.reshape(-1, 1)))
    return grid - level[np.arange(grid.size) % _DAY]


def rank(series: Series, passed: Window, days: int, least: int) -> Rank | None:
    """Rank what a monitor showed in a window among all windows of that length in the days before.

    Parameters
    ----------
    series : Series
        Hour values of the monitor.
    passed : Window
    days : int
        How many days before tell what is ordinary. [d]
    least : int
        How many ordinary windows are needed.

    Returns
    -------
    Rank or None
        None where half of the window has no valid value, or where fewer ordinary windows have.

    Notes
    -----
    A window is as high as the mean of its highest hours in a row, above what is usual for the hour of the day.
    """
    usual = days * _DAY
    grid = on_hours(series, passed.first - usual, usual + passed.hours)
    if np.isfinite(grid[usual:]).sum() < _KNOWN * passed.hours:
        return None
    height = _heights(above_usual(grid, usual), passed)
    ordinary = height[: max(usual - passed.hours + 1, 0)]
    ordinary = ordinary[np.isfinite(ordinary)]
    if ordinary.size < least or not np.isfinite(height[-1]):
        return None
    return Rank(float(height[-1]), int((ordinary >= height[-1]).sum()), int(ordinary.size))


def _heights(excess: Floats, passed: Window) -> Floats:
    """How high each window is, by its first hour; NaN where too little of it is known."""
    known = np.isfinite(excess)
    held = _sums(np.where(known, excess, 0.0), passed.held)
    count = _sums(known.astype(np.float64), passed.held)
    mean = np.where(count >= _KNOWN * passed.held, held / np.maximum(count, 1.0), -np.inf)
    highest = sliding_window_view(mean, passed.hours - passed.held + 1).max(axis=1)
    enough = _sums(known.astype(np.float64), passed.hours) >= _KNOWN * passed.hours
    return np.where(enough & np.isfinite(highest), highest, np.nan)


def _sums(value: Floats, length: int) -> Floats:
    sums: Floats = sliding_window_view(value, length).sum(axis=1)
    return sums


def _medians(rows: Floats) -> Floats:
    """The median of each column, NaN left out; NaN for a column without values."""
    ordered, count = np.sort(rows, axis=0), np.isfinite(rows).sum(axis=0)  # NaN last
    lower, upper = np.maximum(count - 1, 0) // 2, np.maximum(count, 1) // 2
    columns = np.arange(rows.shape[1])
    middle = (ordered[lower, columns] + ordered[np.minimum(upper, len(rows) - 1), columns]) / 2.0
    return np.where(count > 0, middle, np.nan)
