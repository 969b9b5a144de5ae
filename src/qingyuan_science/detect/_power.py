"""What electricity meters say: which load is usual, and which is stand-by."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from qingyuan_science.detect import Context, Meter, MeterRole
from qingyuan_science.detect._days import A_DAY
from qingyuan_science.detect._tables import Floats
from qingyuan_science.series import Series

LEARN_DAYS = 28
_LEAST = 48  # learned values of a meter
_HOUR = 3_600_000_000


class Load(NamedTuple):
    """What is usual for a meter, in its own unit."""

    idle: float
    full: float

    @property
    def running(self) -> float:
        """Load above which what it feeds is running: a fifth of the way from stand-by to full."""
        return self.idle + 0.2 * (self.full - self.idle)


def _load(value: Floats) -> Load:
    """Stand-by and full load; a plant that never rests is taken to need a tenth of its full load for stand-by."""
    low, full = np.percentile(value, [5.0, 95.0])
    return Load(float(low if low <= 0.5 * full else 0.1 * full), float(full))


def meters(context: Context, role: MeterRole) -> list[Meter]:
    """Return the meters of a role, by name.

    Parameters
    ----------
    context : Context
        The meters.
    role : MeterRole
        What they feed.

    Returns
    -------
    list[Meter]
        Those meters, in an order that does not depend on the order given.
    """
    return sorted((one for one in context.electricity if one.role is role), key=lambda one: (one.name.zh, one.name.en))


def usual_load(series: Series, until: int) -> Load | None:
    """Learn stand-by and full load from the four weeks before an instant.

    Parameters
    ----------
    series : Series
        Energy or power.
    until : int
        The instant [µs]; nothing later is looked at.

    Returns
    -------
    Load or None
        Stand-by and full load; None with fewer than 48 values.
    """
    known = series.valid & (series.at < until) & (series.at >= until - LEARN_DAYS * A_DAY)
    if known.sum() < _LEAST:
        return None
    return _load(series.value[known])


def values_an_hour(series: Series) -> int:
    """Return how many values make an hour, at least one.

    Parameters
    ----------
    series : Series
        Energy or power.

    Returns
    -------
    int
        Number of values.
    """
    return max(1, round(_HOUR / series.period))


def hourly_means(series: Series, used: NDArray[np.bool_]) -> Floats:
    """Return the mean over the hour that ends with each value.

    Parameters
    ----------
    series : Series
        Energy or power.
    used : ndarray of bool, shape (n,)
        Which values may be looked at.

    Returns
    -------
    ndarray of shape (n,)
        NaN where a value of the hour is missing, not valid or not to be looked at [unit of the series].
    """
    count, known = values_an_hour(series), used & series.valid
    sums = np.cumsum(np.append(0.0, np.where(known, series.value, 0.0)))
    counts = np.cumsum(np.append(0, known))
    first = np.arange(len(series)) - count + 1
    near = np.maximum(first, 0)
    whole = (first >= 0) & (counts[1:] - counts[near] == count)
    whole &= series.at - series.at[near] == (count - 1) * series.period
    means: Floats = np.where(whole, (sums[1:] - sums[near]) / count, np.nan)
    return means


def greatest_hours(series: Series, span: tuple[int, int], back_days: int) -> Floats:
    """Return the greatest mean over an hour of each of the days before a stretch, at the same time of the day.

    Parameters
    ----------
    series : Series
        Energy or power.
    span : tuple[int, int]
        Start and end of the stretch; one of more than a day counts as a whole day [µs].
    back_days : int
        How many days before it to take [d].

    Returns
    -------
    ndarray of shape (m,)
        One figure for each of those days that is known [unit of the series].
    """
    means = hourly_means(series, series.at < span[0])
    begins = span[0] - np.arange(1, back_days + 1) * A_DAY
    ends = begins + min(span[1] - span[0], A_DAY)
    lead = (values_an_hour(series) - 1) * series.period
    first, last = np.searchsorted(series.at, begins + lead), np.searchsorted(series.at, ends)
    found = np.array([np.fmax.reduce(means[one:end], initial=np.nan) for one, end in zip(first, last, strict=True)])
    return np.asarray(found[np.isfinite(found)])
