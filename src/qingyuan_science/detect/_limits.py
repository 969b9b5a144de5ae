"""Which limits judge a series, and where."""

import numpy as np
from numpy.typing import NDArray

from qingyuan_science.detect import Context
from qingyuan_science.series import Averaging, Series, local_days
from qingyuan_science.standards import Limit, limits_that_judge


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
    for limit in limits_that_judge(context.limits, Averaging(context.kind)):
        high = limit.in_unit(series.unit).high
        if high is not None:
            found = np.where(in_force(limit, days), np.fmin(found, high), found)
    return found
