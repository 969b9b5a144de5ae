"""Which limits judge a series, and where."""

import numpy as np
from numpy.typing import NDArray

from qingyuan_science.detect import Context
from qingyuan_science.series import Averaging, Series, local_days
from qingyuan_science.standards import Limit

# A series is held against limits of its own averaging time; where there are none, against those of the next longer one,
# as a warning. Limits of a quarter or a year say nothing about an hour or a day.
_JUDGED_BY = (
    Averaging.REALTIME,
    Averaging.MINUTE,
    Averaging.TEN_MINUTE,
    Averaging.HOUR,
    Averaging.DAY,
    Averaging.MONTH,
)


def applicable(context: Context) -> tuple[Limit, ...]:
    """Return the limits of the shortest averaging time that is not shorter than that of the values.

    Parameters
    ----------
    context : Context
        The limits, and over which time the values are taken.

    Returns
    -------
    tuple[Limit, ...]
        Those that judge the values; empty if there is none.
    """
    kind = Averaging(context.kind)
    for averaging in _JUDGED_BY[_JUDGED_BY.index(kind) :] if kind in _JUDGED_BY else (kind,):
        limits = tuple(limit for limit in context.limits if limit.averaging is averaging)
        if limits:
            return limits
    return ()


def in_force(limit: Limit, days: NDArray[np.datetime64]) -> NDArray[np.bool_]:
    """Tell on which days a limit holds.

    Parameters
    ----------
    limit : Limit
        The limit.
    days : ndarray of datetime64[D], shape (n,)
        Days in China.

    Returns
    -------
    ndarray of bool, shape (n,)
        Whether it is in force.
    """
    held = days >= np.datetime64(limit.valid_from)
    return held if limit.valid_to is None else held & (days <= np.datetime64(limit.valid_to))


def upper_limits(series: Series, context: Context) -> NDArray[np.float64]:
    """Return the lowest upper limit that holds at each value.

    Parameters
    ----------
    series : Series
        The values.
    context : Context
        The limits.

    Returns
    -------
    ndarray of shape (n,)
        The limit; NaN where none holds [unit of the series].
    """
    days, found = local_days(series.at), np.full(len(series), np.nan)
    for limit in applicable(context):
        high = limit.in_unit(series.unit).high
        if high is not None:
            found = np.where(in_force(limit, days), np.fmin(found, high), found)
    return found
