"""A series cut into calendar days, with the days from which a detector learns."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from qingyuan_science.detect._remembered import Shared
from qingyuan_science.detect._tables import Floats, Spans
from qingyuan_science.series import Series, day_bounds, local_days
from qingyuan_science.units import convert

A_DAY = 86_400_000_000  # µs


@dataclass(frozen=True)
class Days:
    """The calendar days in China on which a series has any value.

    Parameters
    ----------
    whole : Series
        The baseline followed by the series.
    day : ndarray of datetime64[D], shape (d,)
        The days, ascending.
    first, last : ndarray of int, shape (d,)
        Position of the first value of each day, and of the one after its last.
    learned : ndarray of bool, shape (d,)
        Which days a detector learns from; the others it judges.
    """

    whole: Series
    day: NDArray[np.datetime64]
    first: NDArray[np.intp]
    last: NDArray[np.intp]
    learned: NDArray[np.bool_]

    def __len__(self) -> int:
        """Return the number of days."""
        return int(self.day.size)

    @cached_property
    def member(self) -> NDArray[np.intp]:
        """Number of the day of each value, shape (n,)."""
        return np.repeat(np.arange(len(self)), self.last - self.first)

    @property
    def spans(self) -> Spans:
        """The days as stretches."""
        return self.first, self.last

    @property
    def due(self) -> float:
        """How many values a day has if none is missing [1]."""
        return A_DAY / self.whole.period

    def sums(self, flags: NDArray[np.bool_]) -> Floats:
        """How many values of each day are flagged, shape (d,)."""
        return np.add.reduceat(flags, self.first, dtype=np.int64).astype(np.float64)

    def greatest(self, value: Floats) -> Floats:
        """The greatest of the values of each day, shape (d,)."""
        return np.maximum.reduceat(value, self.first)


_LAST: Shared[Days] = Shared(4)  # several detectors look at a channel in a row


def days_of(series: Series, baseline: Series | None, learn_days: int) -> Days:
    """Cut a series into days.

    Parameters
    ----------
    series : Series
        The values to judge; at least one.
    baseline : Series or None
        Earlier values in order; what is not earlier is left out.
    learn_days : int
        How many days at the head of the series to learn from if there is no baseline [d].

    Returns
    -------
    Days
        All days of both; a day that both share is judged. Shared by all who ask for the same objects in a row, so
        that it must not be altered.
    """
    return _LAST.ask((series, baseline, learn_days), lambda: _cut(series, baseline, learn_days))


def _cut(series: Series, baseline: Series | None, learn_days: int) -> Days:
    earlier = None if baseline is None else baseline.part(slice(0, int(np.searchsorted(baseline.at, series.at[0]))))
    known = 0 if earlier is None else len(earlier)
    whole = series if earlier is None or not known else _joined(earlier, series)
    first, last = day_bounds(whole.at)
    learned = last <= known if known else np.arange(first.size) < learn_days
    return Days(whole, local_days(whole.at[first]), first, last, learned)


def _joined(earlier: Series, later: Series) -> Series:
    if earlier.unit != later.unit:
        earlier = replace(earlier, value=convert(earlier.value, earlier.unit, later.unit), unit=later.unit)
    step = later.step or (later.period / 1e6 if len(later) > 1 else None) or earlier.step
    return (later if step == later.step else replace(later, step=step)).after(earlier)
