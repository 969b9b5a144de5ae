"""What electricity meters say: which load is usual, and which is stand-by."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from qingyuan_science.detect import Context, Meter, MeterRole
from qingyuan_science.detect._days import A_DAY, Floats
from qingyuan_science.series import CHINA_OFFSET, Series

LEARN_DAYS = 28
_LEAST = 48  # learned values of a meter


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


def same_hours_before(series: Series, at: NDArray[np.int64], until: int) -> Floats:
    """Return the usual load at the same time of the day, on working days or on the weekend.

    Parameters
    ----------
    series : Series
        Energy or power.
    at : ndarray of int, shape (n,)
        Times [µs].
    until : int
        The instant before which the four weeks learned from end [µs].

    Returns
    -------
    ndarray of shape (n,)
        Median over those days; NaN where none is known.
    """
    known = series.valid & (series.at < until) & (series.at >= until - LEARN_DAYS * A_DAY)
    keys, wanted = _slot(series.at[known]), _slot(at)
    value, found = series.value[known], np.full(at.size, np.nan)
    for slot in np.unique(wanted):
        same = value[keys == slot]
        if same.size:
            found[wanted == slot] = float(np.median(same))
    return found


def _slot(at: NDArray[np.int64]) -> NDArray[np.int64]:
    """Number of the hour of the day, 24 more on weekends."""
    local = at + CHINA_OFFSET
    weekend = (local // A_DAY + 3) % 7 >= 5  # 1970-01-01 was a Thursday
    return np.asarray(local % A_DAY // 3_600_000_000 + 24 * weekend)
