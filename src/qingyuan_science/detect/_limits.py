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


def kept(limit: Limit, *, rounded: bool) -> tuple[float, float]:
    """Return bounds between which every value keeps a limit, as it is compared.

    Parameters
    ----------
    limit : Limit
        The limit.
    rounded : bool
        Whether values are rounded before they are compared.

    Returns
    -------
    tuple[float, float]
        The lowest and the highest value, both included; infinite where there is no bound [unit of the limit].

    Notes
    -----
    Rounding never turns the order of two values, so what lies below a value that keeps the upper limit keeps it too.
    Where the limit itself would be rounded beyond it, the bound lies one unit of the last place inside.
    """
    inside = 10.0**-limit.decimals
    low, high = -np.inf, np.inf
    if limit.high is not None:
        high = limit.high if _keeps(limit, limit.high, rounded=rounded) else limit.high - inside
    if limit.low is not None:
        low = limit.low if _keeps(limit, limit.low, rounded=rounded) else limit.low + inside
    return low, high


def _keeps(limit: Limit, value: float, *, rounded: bool) -> bool:
    return not limit.exceeded(np.array([value]), rounded=rounded).any()
